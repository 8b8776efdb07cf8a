import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncStorage
import OfficeSyncTestSupport
import Testing

/// Stamps: own ones are drawn when a session begins, others' are adopted where they continue what is held.
@Suite struct StampLaws {
  private let origin = ReplicaID(short: "origin")

  private func stamp(_ counter: UInt64, _ token: UInt64? = nil) -> Stamp {
    Stamp(counter: counter, token: ReplicaID(high: 0, low: token ?? counter))
  }

  private func adopt(_ test: TestStore, after: Stamp?, _ stamps: [Stamp]) throws {
    try test.store.adopt(
      [StampRun(origin: origin, after: after, stamps: stamps)], in: .projects, epoch: nil)
  }

  private func list(_ test: TestStore) throws -> [Stamp] {
    try test.store.snapshot(of: .projects).stampList(of: origin, after: 0)
  }

  @Test(arguments: StoreEngine.all)
  func aSessionStampsOwnWritesOnceAndDurably(engine: StoreEngine) throws {
    let test = try TestStore(engine, "office/rabat")
    var drawn = 0
    func session() throws -> any CollectionSnapshot {
      try test.store.sessionSnapshot(of: .projects, wallMilliseconds: 1_000) {
        drawn += 1
        return randomToken()
      }
    }
    #expect(try session().knowledge.newestStamps.isEmpty)
    try test.store.put("a", ["x": "1"])
    try test.store.put("a", ["x": "2"])
    #expect(try !test.store.snapshot(of: .projects).knowledge.isStamped)
    let first = try session()
    let stamp = try #require(first.knowledge.newestStamps[test.replica.id])
    #expect(stamp.counter == 2)
    #expect(try first.knowledge.isStamped)
    #expect(try session().knowledge == first.knowledge)
    #expect(drawn == 1)
    try test.store.put("a", ["x": "3"])
    let second = try session()
    #expect(try second.stampList(of: test.replica.id, after: 0).map(\.counter) == [2, 3])
    #expect(try second.stampList(of: test.replica.id, after: 2).map(\.counter) == [3])
    #expect(try second.contains(stamp, of: test.replica.id))
    #expect(try !second.contains(Stamp(counter: 2, token: randomToken()), of: test.replica.id))
    #expect(try !second.contains(stamp, of: origin))
    #expect(
      try test.again().snapshot(of: .projects).knowledge.newestStamps
        == second.knowledge.newestStamps)
  }

  @Test(arguments: StoreEngine.all)
  func runsThatContinueAreAdopted(engine: StoreEngine) throws {
    let test = try TestStore(engine, "office/rabat")
    try adopt(test, after: nil, [stamp(2), stamp(5)])
    try adopt(test, after: stamp(5), [stamp(9)])
    #expect(try list(test) == [stamp(2), stamp(5), stamp(9)])
    // Overlaps, also such as end before the held list does.
    try adopt(test, after: stamp(2), [stamp(5), stamp(9), stamp(12)])
    try adopt(test, after: nil, [stamp(2)])
    try adopt(test, after: stamp(2), [stamp(5)])
    #expect(try list(test) == [stamp(2), stamp(5), stamp(9), stamp(12)])
    #expect(
      try test.store.snapshot(of: .projects).knowledge.newestStamps == [origin: stamp(12)])
  }

  @Test(
    arguments: StoreEngine.all,
    [
      // Another token at the same counter; another counter; a stamp left out; no such predecessor, or one of another token;
      // a gap.
      (after: nil, counters: [(2, 99)]), ((2, 2), [(5, 99), (9, 9)]), ((2, 2), [(6, 6)]),
      ((2, 2), [(9, 9)]), (nil, [(5, 5)]), ((3, 3), [(5, 5)]), ((7, 7), [(9, 9)]),
      ((5, 5), [(6, 6)]), ((9, 99), [(12, 12)]), ((2, 99), [(5, 5)]), ((11, 11), [(12, 12)]),
    ] as [(after: (UInt64, UInt64)?, counters: [(UInt64, UInt64)])])
  func runsThatDoNotContinueAreForks(
    engine: StoreEngine, run: (after: (UInt64, UInt64)?, counters: [(UInt64, UInt64)])
  ) throws {
    let test = try TestStore(engine, "office/rabat")
    let held = [stamp(2), stamp(5), stamp(9)]
    try adopt(test, after: nil, held)
    let other = ReplicaID(short: "other")
    #expect(throws: StorageError.forked(origin)) {
      try test.store.adopt(
        [
          StampRun(origin: other, after: nil, stamps: [stamp(1)]),
          StampRun(
            origin: origin, after: run.after.map { stamp($0.0, $0.1) },
            stamps: run.counters.map { stamp($0.0, $0.1) }),
        ], in: .projects, epoch: nil)
    }
    #expect(try list(test) == held)
    // All runs of a call or none.
    #expect(
      try test.store.snapshot(of: .projects).stampList(of: other, after: 0).isEmpty)
  }

  @Test(arguments: StoreEngine.all)
  func ownListsNeverGrowFromOutside(engine: StoreEngine) throws {
    let test = try TestStore(engine, "office/rabat")
    try test.store.put("a", ["x": "1"])
    let own = try test.store.sessionSnapshot(of: .projects, wallMilliseconds: 1_000) {
      randomToken()
    }
    .stampList(of: test.replica.id, after: 0)
    func adopt(_ after: Stamp?, _ stamps: [Stamp]) throws {
      try test.store.adopt(
        [StampRun(origin: test.replica.id, after: after, stamps: stamps)], in: .projects, epoch: nil
      )
    }
    try adopt(nil, own)
    #expect(throws: StorageError.restored) { try adopt(own.last, [stamp(4)]) }
    #expect(throws: StorageError.forked(test.replica.id)) { try adopt(nil, [stamp(1, 99)]) }
    #expect(
      try test.store.snapshot(of: .projects).stampList(of: test.replica.id, after: 0) == own)
  }
}
