import OfficeSyncProtocol
import OfficeSyncRecords

/// What a channel does about origins that ended, and about those of which both sides know the same: what is the same stands in
/// neither state, and is as good as said.
extension ChannelMachine {
  /// What of the peer's endings this side believes, and for which nothing is closed here yet.
  func told(_ theirs: State, _ trust: Incoming.Trust) -> [Ending] {
    let closed = view.knowledge.closed
    return (theirs.ended + theirs.knowledge.closed.endings).filter {
      !closed.contains($0) && (trust.believed?.contains($0.origin) ?? true)
    }
  }

  /// The peer's state with what was left out of it.
  mutating func complete(_ theirs: State) throws(SessionError) -> State {
    // The server left out what the client had named: all closed origins, and of the groups those that are the same.
    if side == .client, theirs.leavesOutClosed { leftOut = view.knowledge.closed.endings.count }
    guard !theirs.leavesOutClosed || leftOut > 0, theirs.leftOut.isSubset(of: leftOutGroups) else {
      throw SessionError(.protocolViolation, "origins were left out that nobody had named")
    }
    if side == .client { leftOutGroups = theirs.leftOut }
    var theirs = theirs
    if theirs.leavesOutClosed {
      theirs.knowledge.add(closedFirst: leftOut, of: view.knowledge)
    }
    theirs.knowledge.add(theirs.leftOut, of: view.knowledge)
    return theirs
  }

  /// What need not be sent to the peer: what it knows, and what strays it has just as this side.
  func known(to theirs: Knowledge) -> VersionVector {
    var known = theirs.vector
    for (origin, sum) in view.knowledge.strays
    where theirs.strays[origin] == sum && theirs.vector[origin] == view.knowledge.vector[origin] {
      if let stamp = view.knowledge.newestStamps[origin] {
        known.insert(Dot(origin, stamp.counter))
      }
    }
    return known
  }
}
