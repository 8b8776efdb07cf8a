import OfficeSyncProtocol
import OfficeSyncRecords

/// What a channel makes of directions that no grant allows.
extension ChannelMachine {
  /// A direction that is not open is a failure if there was anything to do in it.
  mutating func noteDenied(_ theirs: State, _ peer: Peer) {
    let (mine, theirs) = (view.knowledge.vector, theirs.knowledge.vector)
    let (clients, servers) = side == .client ? (mine, theirs) : (theirs, mine)
    var writers = sendsOwnAlone ? view.own : nil
    if case .device(let replicas, _, _) = peer.trust { writers = replicas }
    let unsent = clients.entries.filter { writers?.contains($0.replica) ?? true }
    var missed = denied
    if VersionVector(unsent).isCovered(by: servers) { missed.remove(.push) }
    if servers.isCovered(by: clients) { missed.remove(.pull) }
    if missed.isEmpty { return }
    if missed.contains(.push) {
      let grantedYetRefused = peer.writable.contains(outcome.collection)
      if let waits = peer.waits ?? (grantedYetRefused ? .hasNoRoom(side: .peer) : nil) {
        outcome.error = waits
        return
      }
    }
    outcome.error = .notGranted(
      missed, of: outcome.collection, to: client, side: side == .client ? .peer : .here)
  }
}
