import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncReplication
import OfficeSyncStorage
import OfficeSyncSyncLink
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
    for connection in connections where !connection.isOver { _ = try finish(connection) }
    connections = []
    try check()
    try converge()
  }

  /// News go at least one link a round; what a device sent may have to wait for what it builds on. That a name forked is
  /// news, too.
  private var roundsMax: Int { 2 * swarm.offices + 2 + names.copies }

  private func converge() throws {
    var isDone = try converge(within: roundsMax)
    if !isDone, swarm.faults.contains(.clock), !disabled.contains(.clock) {
      // What was shown under a time to come waits until then.
      time.pass(Self.sixYearsMs)
      isDone = try converge(within: roundsMax)
    }
    if !isDone {
      throw Violation(
        "convergence",
        "not everybody shows the same after \(roundsMax) rounds: \(try difference())")
    }
    try checkQuiet()
    isSettled = true
    if names.copies > 0 {
      // Now that all have heard of the forks less is allowed for.
      found = [:]
      touched = Set(living.map(\.index))
      try check()
    }
    try checkEnd()
    try verifySomebody()
  }

  /// Whoever knows the same finds nothing to make good.
  private func verifySomebody() throws {
    let callers = links.filter { !sites[$0.client].isLost }
    guard !callers.isEmpty else { return }
    let link = callers[Int(swarm.seed % UInt64(callers.count))]
    let same = histogram["verify same"]
    guard let connection = try openVerify(sites[link.client], sites[link.server]) else { return }
    _ = try finish(connection)
    let found = histogram["verify same"] - same
    // Two who both lack the rest of a stream do not compare.
    if found < swarm.collections.count, !mayBePartial {
      throw Violation("verify", "\(found) of \(swarm.collections.count) collections are the same")
    }
  }

  private var mayBePartial: Bool { names.copies > 0 || sites.contains(where: \.isLost) }

  private static let sixYearsMs: UInt64 = 6 * 365 * 86_400_000

  private func converge(within roundsMax: Int) throws -> Bool {
    // What devices have to offices, from the first office to the last, back again, and to the devices: that is enough where
    // nothing forked.
    let (devices, offices) = (links.filter { isDevice($0) }, links.filter { !isDevice($0) })
    for round in 1...roundsMax {
      let order = round % 2 == 1 ? devices + offices : offices.reversed() + devices
      if try exchange(order, skippingEqual: true, until: { isConverged }) {
        histogram.note(.rounds(round))
        return true
      }
    }
    return false
  }

  /// Every client syncs with every server of its own, one after the other; of two offices the first calls the other.
  ///
  /// - Parameter skippingEqual: whether two that know and show the same need not call: that nothing is carried then is shown
  ///   in the end, for all of them.
  /// - Returns: whether that was enough before all had their turn, or then.
  @discardableResult
  private func exchange(
    _ links: [Swarm.Link], skippingEqual: Bool = false, until isEnough: () -> Bool = { false }
  ) throws -> Bool {
    for link in links where !sites[link.client].isLost {
      if sites[link.client].isOffice, link.client > link.server, link.client < swarm.offices {
        continue
      }
      time.pass(1_000)
      if skippingEqual, areEqual(link.client, link.server) { continue }
      try sync(sites[link.client], sites[link.server])
      try check()
      if isEnough() { return true }
    }
    // They may all have been equal before.
    return isEnough()
  }

  /// Sessions until none has to be begun again because names changed, no more than the client would begin.
  private func sync(_ client: Site, _ server: Site) throws {
    for _ in 0..<SyncClient.sessionsMax {
      let connection = try open(client, server, [.pull, .push], swarm.collections)
      guard let connection, try finish(connection) == .again else { return }
    }
    throw Violation(
      "healing", "\(client.name) and \(server.name) begin again and again")
  }

  private func isDevice(_ link: Swarm.Link) -> Bool { !sites[link.client].isOffice }

  private func areEqual(_ one: Int, _ other: Int) -> Bool {
    swarm.collections.indices.allSatisfy { collection in
      guard let standing = standings[Place(site: one, collection: collection)] else { return false }
      return standings[Place(site: other, collection: collection)] == standing
    }
  }

  /// Everybody knows and shows the same. What came of a device that was lost before it could vouch for it, or of a store that
  /// was put back before, stays ahead of everybody's knowledge.
  private var isConverged: Bool {
    guard let first = sites.first(where: { !$0.isLost }) else { return true }
    return swarm.collections.indices.allSatisfy { collection in
      guard let due = standings[Place(site: first.index, collection: collection)],
        mayBePartial || !due.condition.isPartial
      else { return false }
      return sites.allSatisfy {
        $0.isLost || standings[Place(site: $0.index, collection: collection)] == due
      }
    }
  }

  /// The first two stores that do not show the same, and where.
  private func difference() throws -> String {
    guard let first = living.first else { return "no store is left" }
    for other in living.dropFirst() {
      for collection in swarm.collections {
        let (here, there) = (
          try first.store.snapshot(of: collection), try other.store.snapshot(of: collection)
        )
        let both = "\(first.name) and \(other.name) in \(collection)"
        if try here.knowledge.vector != there.knowledge.vector {
          return try "\(both) know \(describe(here.knowledge.vector)) "
            + "and \(describe(there.knowledge.vector))"
        }
        for subject in subjects where subject.collection == collection {
          let (mine, theirs) = (try here.record(subject.id), try there.record(subject.id))
          if mine == theirs { continue }
          return "\(both) at \(subject.id): \(describe(mine)) and \(describe(theirs))"
        }
        if try here.condition != there.condition {
          return try "\(both): \(here.condition) and \(there.condition)"
        }
        if try here.knowledge != there.knowledge {
          return try "\(both): \(here.knowledge) and \(there.knowledge)"
        }
      }
    }
    for collection in swarm.collections {
      let knowledge = try first.store.snapshot(of: collection).knowledge
      if knowledge.isStamped { continue }
      return "everybody knows writes of \(collection) that have no stamp: \(knowledge)"
    }
    return "in nothing that can be seen"
  }

  /// Where nothing changed nothing is carried.
  private func checkQuiet() throws {
    let before = histogram[.message(.records)] + histogram[.message(.part)]
    try exchange(links)
    if histogram[.message(.records)] + histogram[.message(.part)] != before {
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
