import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncReplication
import OfficeSyncStorage
import OfficeSyncTestSupport

/// The second half of a run: nothing goes wrong any more, and everybody must come to show the same.
extension World {
  func heal() throws {
    say("from here on nothing goes wrong")
    blocked = []
    for site in sites {
      site.store.trap = nil
      site.grants = [:]
      (site.clock.offset, site.clock.drift) = (0, 0)
    }
    for connection in connections where !connection.isOver { try finish(connection) }
    connections = []
    try check()
    try converge()
  }

  /// News go at least one link a round; what a device sent may have to wait for what it builds on.
  private var roundsMax: Int { 2 * swarm.offices + 2 }

  private func converge() throws {
    var isDone = try converge(within: roundsMax)
    if !isDone, swarm.faults.contains(.clock), !disabled.contains(.clock) {
      // What was shown under a time to come waits until then.
      time.pass(Self.sixYearsMs)
      isDone = try converge(within: roundsMax)
    }
    if isDone {
      try checkQuiet()
      try checkEnd()
    } else if suspects.isEmpty {
      throw Violation("convergence", "not everybody shows the same after \(roundsMax) rounds")
    } else {
      // Forked names are refused, and stay apart: nothing was lost, or the checks would have said so.
      histogram.note("rounds refused")
    }
  }

  private static let sixYearsMs: UInt64 = 6 * 365 * 86_400_000

  private func converge(within roundsMax: Int) throws -> Bool {
    for round in 1...roundsMax {
      try exchange()
      if isConverged {
        histogram.note("rounds \(round)")
        return true
      }
    }
    return false
  }

  /// Every client syncs with every server of its own, one after the other; of two offices the first calls the other.
  private func exchange() throws {
    for link in links where !sites[link.client].isLost {
      if sites[link.client].isOffice, link.client > link.server, link.client < swarm.offices {
        continue
      }
      time.pass(1_000)
      let (client, server) = (sites[link.client], sites[link.server])
      let connection = try open(client, server, [.pull, .push], swarm.collections)
      guard let connection else { continue }
      try finish(connection)
      try check()
    }
  }

  /// Everybody knows and shows the same. What came of a device that was lost before it could vouch for it stays ahead of
  /// everybody's knowledge.
  private var isConverged: Bool {
    let mayBePartial = sites.contains(where: \.isLost)
    return swarm.collections.allSatisfy { collection in
      let all = living.map { standings[Place(site: $0.index, collection: collection)] }
      return all.allSatisfy {
        $0 != nil && $0 == all[0] && (mayBePartial || $0?.condition.isPartial == false)
      }
    }
  }

  /// Where nothing changed nothing is carried.
  private func checkQuiet() throws {
    let before = histogram["message records"] + histogram["message part"]
    try exchange()
    if histogram["message records"] + histogram["message part"] != before {
      throw Violation("carried-twice", "records were sent though everybody had everything")
    }
  }

  /// Everybody has seen every write that any living store has seen.
  private func checkEnd() throws {
    for subject in subjects {
      let union = living.reduce(WriteSet()) { $0.union($1.ghost.seen(subject.key)) }
      for site in living where !union.isSubset(of: site.ghost.seen(subject.key)) {
        throw Violation("lost-write", "\(site.name) never got all of \(subject.id)")
      }
    }
  }
}
