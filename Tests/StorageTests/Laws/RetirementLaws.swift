import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncStorage
import OfficeSyncTestSupport
import Testing

/// An ID that was retired keeps its writes and takes no more; what is known of it to its end is closed.
@Suite struct RetirementLaws {
  private let origin = ReplicaID(short: "origin")
  private let stamps = [2, 5, 9].map { Stamp(counter: $0, token: ReplicaID(high: $0, low: 1)) }

  /// An office with nine writes of the origin in three records, known up to a counter.
  private func office(_ engine: StoreEngine, knowing known: UInt64) throws -> TestStore {
    let test = try TestStore(engine, "office/rabat")
    try adopt(stamps, at: test)
    try take(1...9, at: test)
    try complete(known, at: test)
    return test
  }

  private func adopt(_ stamps: [Stamp], after: Stamp? = nil, at test: TestStore) throws {
    try test.store.adopt(
      [StampRun(origin: origin, after: after, stamps: stamps)], in: .projects, epoch: nil)
  }

  private func take(
    _ counters: ClosedRange<UInt64>, at test: TestStore, rule: AdmissionRule = .relayed
  ) throws {
    var records: [UInt64: Record] = [:]
    for counter in counters {
      records[counter % 3, default: Record()].write(
        [(try FieldPath("f"), .value(.integer(Int64(counter))))], as: Dot(origin, counter),
        info: WriteInfo(
          time: HybridTime(milliseconds: counter), author: try Identity("field/amina")))
    }
    _ = try test.store.apply(
      IncomingBatch(
        collection: .projects, sender: origin, rule: rule,
        records: try records.sorted { $0.key < $1.key }.map { try incoming("r\($0)", $1) },
        progress: nil, wallMilliseconds: 1_000))
  }

  private func complete(_ known: UInt64, at test: TestStore) throws {
    try test.store.complete(
      StreamCompletion(
        collection: .projects, sender: origin, knowledge: VersionVector(Dot(origin, known))))
  }

  private func retire(at test: TestStore) throws -> Ending? {
    try test.store.retire(origin, in: .projects, token: randomToken)
  }

  @Test(arguments: StoreEngine.all)
  func itsWritesStayAndItIsClosed(engine: StoreEngine) throws {
    let test = try office(engine, knowing: 9)
    let before = try test.store.snapshot(of: .projects)
    let ending = try #require(try retire(at: test))
    #expect(ending == Ending(origin: origin, stamp: stamps[2], isRetirement: true))
    let view = try test.again().snapshot(of: .projects)
    try audit(view)
    #expect(try view.knowledge.closed.endings == [ending])
    #expect(try view.ended.isEmpty)
    #expect(try view.knowledge.open.isEmpty)
    #expect(try view.knowledge.vector == before.knowledge.vector)
    #expect(try view.knowledge.newestStamps == before.knowledge.newestStamps)
    #expect(try view.knowledge.digest != before.knowledge.digest)
    #expect(try view.condition == before.condition)
    #expect(try view.stampList(of: origin, after: 0) == stamps)
    #expect(try allRecords(view).map(\.record) == allRecords(before).map(\.record))
    // Once is enough, and of what has nothing here there is nothing to retire.
    #expect(try retire(at: test) == ending)
    #expect(try test.store.snapshot(of: .projects).knowledge == view.knowledge)
    let nobody = ReplicaID(short: "nobody")
    #expect(try test.store.retire(nobody, in: .projects, token: randomToken) == nil)
  }

  /// Who goes on under the ID has to take a new name first.
  @Test(arguments: StoreEngine.all)
  func nothingMoreIsTakenUnderIt(engine: StoreEngine) throws {
    for known: UInt64 in [5, 9] {
      let test = try office(engine, knowing: known)
      _ = try retire(at: test)
      let before = try test.store.snapshot(of: .projects)
      let more = Stamp(counter: 12, token: ReplicaID(high: 12, low: 1))
      #expect(throws: StorageError.forked(origin)) {
        try adopt([more], after: stamps[2], at: test)
      }
      #expect(throws: StorageError.forked(origin)) { try complete(12, at: test) }
      #expect(throws: StorageError.forked(origin)) {
        try take(
          10...12, at: test,
          rule: .own(
            replicas: [origin], author: Identity("field/amina"),
            timeMax: HybridTime(milliseconds: 1_000)))
      }
      // What it had written until then may still come.
      try take(1...9, at: test)
      try complete(9, at: test)
      let view = try test.store.snapshot(of: .projects)
      try audit(view)
      #expect(try view.knowledge.closed.contains(origin))
      #expect(try view.condition.fingerprint == before.condition.fingerprint)
    }
  }

  /// A device that was lost in the middle of a push: nobody brings the rest, so nothing is waited for.
  @Test(arguments: StoreEngine.all)
  func whatCameOfAHalfPushIsAllThereWillBe(engine: StoreEngine) throws {
    let test = try office(engine, knowing: 5)
    #expect(try test.store.snapshot(of: .projects).condition.isPartial)
    let ending = try #require(try retire(at: test))
    let view = try test.store.snapshot(of: .projects)
    try audit(view)
    #expect(try !view.condition.isPartial)
    #expect(try view.knowledge.closed.isEmpty && view.ended == [ending])
    let sum = try [(7, "r1"), (8, "r2"), (9, "r0")].reduce(Fingerprint.zero) { sum, entry in
      sum + Fingerprint(stray: Dot(origin, entry.0), of: try RecordID(entry.1))
    }
    #expect(try view.knowledge.strays == [origin: sum])
    // If it comes back all the same, and brings the rest, it is closed like any other.
    try complete(9, at: test)
    let whole = try test.store.snapshot(of: .projects)
    #expect(try whole.knowledge.strays.isEmpty && whole.knowledge.closed.endings == [ending])
    #expect(try whole.ended.isEmpty && !whole.condition.isPartial)
  }

  /// Another office had more of it: what is beyond gets a name of its own, which is retired too.
  @Test(arguments: StoreEngine.all)
  func whatIsBeyondIsRetiredUnderANameOfItsOwn(engine: StoreEngine) throws {
    let test = try office(engine, knowing: 9)
    let ending = Ending(origin: origin, stamp: stamps[0], isRetirement: true)
    let healing = try test.store.heal([ending], in: .projects, token: randomToken)
    let name = stamps[1].token
    #expect(healing.renamings == [Renaming(origin: origin, after: 2, name: name)])
    let view = try test.store.snapshot(of: .projects)
    try audit(view)
    #expect(
      try Set(view.knowledge.closed.endings) == [
        ending, Ending(origin: name, stamp: stamps[2], isRetirement: true),
      ])
    #expect(try view.ended.isEmpty)
  }

  /// An earlier ending overtakes a later one: what was closed is opened again, and both halves are closed.
  @Test(arguments: StoreEngine.all)
  func aClosedOriginMayTurnOutToHaveEndedEarlier(engine: StoreEngine) throws {
    let test = try office(engine, knowing: 9)
    _ = try retire(at: test)
    let fork = Ending(origin: origin, stamp: stamps[1])
    _ = try test.store.heal([fork], in: .projects, token: randomToken)
    let view = try test.store.snapshot(of: .projects)
    try audit(view)
    #expect(
      try Set(view.knowledge.closed.endings) == [
        fork, Ending(origin: stamps[2].token, stamp: stamps[2], isRetirement: true),
      ])
  }

  /// A device hears of an ending before another office does, from which it then takes what is beyond.
  @Test(arguments: StoreEngine.all)
  func aDeviceTakesWhatAnOfficeBringsAllTheSame(engine: StoreEngine) throws {
    let test = try TestStore(engine, "field/karim")
    try adopt(Array(stamps[..<2]), at: test)
    try take(1...5, at: test)
    try complete(5, at: test)
    let ending = Ending(origin: origin, stamp: stamps[1], isRetirement: true)
    _ = try test.store.heal([ending], in: .projects, token: randomToken)
    #expect(try test.store.snapshot(of: .projects).knowledge.closed.endings == [ending])
    try adopt([stamps[2]], after: stamps[1], at: test)
    try take(6...9, at: test)
    try complete(9, at: test)
    let view = try test.store.snapshot(of: .projects)
    try audit(view)
    #expect(try view.knowledge.closed.isEmpty && view.ended == [ending])
    #expect(try view.knowledge.vector == VersionVector(Dot(origin, 9)))
    #expect(try view.overruns(ending))
  }

  @Test(arguments: StoreEngine.all)
  func aStoreWhoseOwnIDWasRetiredGoesOnUnderANewOne(engine: StoreEngine) throws {
    let test = try TestStore(engine, "office/fes")
    let id = test.replica.id
    try test.store.put("a", ["x": "1"])
    let view = try test.store.sessionSnapshot(
      of: .projects, wallMilliseconds: 1_000, token: randomToken)
    let stamp = try #require(view.knowledge.newestStamps[id])
    try test.store.remember(
      token: randomToken(), givenTo: ReplicaID(short: "peer"), in: .projects, ownStamp: stamp,
      revision: 0, epoch: nil)
    try test.store.put("a", ["x": "not shown"])
    let healing = try test.store.heal(
      [Ending(origin: id, stamp: stamp, isRetirement: true)], in: .projects, token: randomToken)
    #expect(healing.formerReplica == id && healing.wasRetired)
    let replica = try test.store.replica()
    let after = try test.store.snapshot(of: .projects)
    try audit(after)
    #expect(try after.knowledge.vector == VersionVector([Dot(id, 1), Dot(replica.id, 2)]))
    #expect(try after.knowledge.closed.contains(id))
    #expect(try after.unsentCount == 2)
  }
}
