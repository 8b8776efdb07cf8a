import OfficeSyncProtocol
import OfficeSyncRecords

/// How the client opens a channel.
extension ChannelMachine {
  /// The client's first message.
  mutating func open() -> Step {
    let known = view.knowledge
    let sums = known.open.entries.count >= sumsFrom ? GroupSums(of: known) : nil
    leftOutGroups = sums == nil ? [] : .all
    let open = Open(
      channel: channel, collection: outcome.collection, directions: outcome.directions,
      digest: view.standing.digest,
      closed: known.closed.isEmpty ? nil : known.closed.sum,
      condition: view.condition, sums: sums)
    return .send(.open(open))
  }

  /// The client's first two messages at once, where it knows nothing of the collection and so would learn nothing by
  /// waiting for the server's state.
  mutating func openEagerly() -> [Step] {
    [open()] + sendState(progress: view.progress)
  }
}
