import OfficeSyncProtocol

/// How the client opens a channel.
extension ChannelMachine {
  /// The client's first message.
  func open() -> [Step] {
    let open = Open(
      channel: channel, collection: outcome.collection, directions: outcome.directions,
      digest: view.standing.digest,
      closed: view.knowledge.closed.isEmpty ? nil : view.knowledge.closed.sum,
      condition: view.condition)
    return [.send(.open(open))]
  }

  /// The client's first two messages at once, where it knows nothing of the collection and so would learn nothing by
  /// waiting for the server's state.
  mutating func openEagerly() -> [Step] {
    open() + sendState(progress: view.progress)
  }
}
