/// What the two ends of a stream want done, as the channel's own steps.
extension ChannelMachine.Step {
  init(_ step: Outgoing.Step) {
    switch step {
    case .send(let message): self = .send(message)
    case .store(let request): self = .store(request)
    case .awaitDrain: self = .awaitDrain
    }
  }

  init(_ step: Incoming.Step) {
    switch step {
    case .send(let message): self = .send(message)
    case .store(let request): self = .store(request)
    }
  }
}
