import OfficeSyncProtocol

extension ChannelMachine {
  enum Step: Hashable, Sendable {
    case send(Message)
    case store(StoreRequest)
    /// The channel is ready to send records; the session lets one channel send at a time.
    case readyToSend
    case awaitDrain
    case finished
  }
}

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
