import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncStorage
import OfficeSyncTestSupport
import Testing

/// What every engine owes to records that come from peers.
@Suite struct ApplyLaws {
  @Test(arguments: StoreEngine.all)
  func recordsComeOverWholeAndTwiceIsOnce(engine: StoreEngine) throws {
    let rabat = try TestStore(engine, "office/rabat")
    let fes = try TestStore(engine, "office/fes")
    for number in 0..<10 { try rabat.store.put("p\(number)", ["x": "\(number)"]) }
    let outcomes = try Carrier().carry(from: rabat, to: fes)
    #expect(outcomes.map(\.applied).reduce(0, +) == 10)
    let here = try rabat.store.snapshot(of: .projects)
    let there = try fes.store.snapshot(of: .projects)
    #expect(try here.condition == there.condition)
    #expect(try here.knowledge.vector == there.knowledge.vector)
    try audit(there)

    let batch = IncomingBatch(
      collection: .projects, sender: rabat.replica.id, rule: .relayed,
      records: try allRecords(here).map { IncomingRecord(id: $0.id, CheckedRecord($0.record)) },
      progress: nil, wallMilliseconds: 1_000)
    #expect(try fes.store.apply(batch) == BatchOutcome())
    #expect(try fes.store.snapshot(of: .projects).condition == there.condition)
  }

  @Test(arguments: StoreEngine.all)
  func concurrentWritesAreKeptAndCountedAsConflicts(engine: StoreEngine) throws {
    let rabat = try TestStore(engine, "office/rabat")
    let fes = try TestStore(engine, "office/fes")
    try rabat.store.setSchema(["status": .manual])
    try rabat.store.put("a", ["status": "planned", "note": "r"])
    try Carrier().carry(from: rabat, to: fes)
    try rabat.store.put("a", ["status": "signed", "note": "r2"])
    try fes.store.put("a", ["status": "dropped", "note": "f2"])
    let outcome = try Carrier().carry(from: rabat, to: fes)
    #expect(outcome.map(\.newConflicts) == [1])
    #expect(try fes.store.text("a", "status") == ["dropped", "signed"])
    #expect(try fes.store.text("a", "note") == ["f2", "r2"])
    let snapshot = try fes.store.snapshot(of: .projects)
    #expect(snapshot.openConflictCount == 1)
    #expect(try snapshot.recordsWithOpenConflicts() == [RecordID("a")])
    try audit(snapshot)

    // Settled by a person who saw both.
    try fes.store.put("a", ["status": "signed"])
    #expect(try fes.store.snapshot(of: .projects).openConflictCount == 0)
    try audit(fes.store.snapshot(of: .projects))
  }

  @Test(arguments: StoreEngine.all)
  func aSchemaThatComesLaterOpensConflicts(engine: StoreEngine) throws {
    let rabat = try TestStore(engine, "office/rabat")
    let fes = try TestStore(engine, "office/fes")
    for id in ["a", "b"] {
      try rabat.store.put(id, ["status": "signed"])
      try fes.store.put(id, ["status": "dropped"])
    }
    try Carrier().carry(from: rabat, to: fes)
    #expect(try fes.store.snapshot(of: .projects).openConflictCount == 0)
    try rabat.store.setSchema(["status": .manual])
    let outcomes = try Carrier().carry(from: rabat, to: fes)
    #expect(outcomes.map(\.newConflicts) == [2])
    #expect(try fes.store.snapshot(of: .projects).openConflictCount == 2)
    try audit(fes.store.snapshot(of: .projects))
    try fes.store.setSchema(["status": .latest])
    #expect(try fes.store.snapshot(of: .projects).openConflictCount == 0)
    try audit(fes.store.snapshot(of: .projects))
  }

  @Test(arguments: StoreEngine.all)
  func anEditBesideADeletionIsAnOpenConflict(engine: StoreEngine) throws {
    let rabat = try TestStore(engine, "office/rabat")
    let fes = try TestStore(engine, "office/fes")
    try rabat.store.put("a", ["x": "1"])
    try Carrier().carry(from: rabat, to: fes)
    try rabat.store.delete("a")
    try fes.store.put("a", ["x": "2"])
    #expect(try Carrier().carry(from: rabat, to: fes).map(\.newConflicts) == [1])
    let snapshot = try fes.store.snapshot(of: .projects)
    #expect(snapshot.liveRecordCount == 1)
    #expect(try fes.store.text("a", "x") == ["2"])
    try audit(snapshot)
  }

  @Test(arguments: StoreEngine.all)
  func aDeviceIsDeferredUntilTheOfficeHasWhatItBuildsOn(engine: StoreEngine) throws {
    let rabat = try TestStore(engine, "office/rabat")
    let fes = try TestStore(engine, "office/fes")
    let device = try TestStore(engine, "field/amina")
    try rabat.store.put("a", ["x": "1"])
    try Carrier().carry(from: rabat, to: device)
    try device.store.put("a", ["x": "2"])
    try device.store.put("b", ["x": "new"])

    let first = try Carrier().carry(from: device, to: fes)
    #expect(first.map(\.deferred) == [1])
    #expect(first.map(\.applied) == [1])
    let between = try fes.store.snapshot(of: .projects)
    #expect(try between.condition.isPartial)
    #expect(try between.knowledge.vector.isEmpty)
    #expect(try between.record(RecordID("a")) == nil)
    try audit(between)

    try Carrier().carry(from: rabat, to: fes)
    let second = try Carrier().carry(from: device, to: fes)
    #expect(second.map(\.deferred) == [0])
    #expect(try fes.store.text("a", "x") == ["2"])
    #expect(try !fes.store.snapshot(of: .projects).condition.isPartial)
    try audit(fes.store.snapshot(of: .projects))
  }

  @Test(arguments: StoreEngine.all)
  func aDeviceThatSawAPurgeIsDeferredToo(engine: StoreEngine) throws {
    let rabat = try TestStore(engine, "office/rabat")
    let fes = try TestStore(engine, "office/fes")
    let device = try TestStore(engine, "field/amina")
    try rabat.store.put("a", ["x": "1"])
    try rabat.store.write(to: .projects, wallMilliseconds: 1, note: "") { writer in
      _ = try writer.purge(RecordID("a"))
    }
    try Carrier().carry(from: rabat, to: device)
    try device.store.put("a", ["x": "2"])
    #expect(try Carrier().carry(from: device, to: fes).map(\.deferred) == [1])
    try Carrier().carry(from: rabat, to: fes)
    #expect(try Carrier().carry(from: device, to: fes).map(\.applied) == [1])
    #expect(try fes.store.text("a", "x") == ["2"])
  }

  @Test(arguments: StoreEngine.all)
  func whatADeviceMayNotSendIsRefusedAndTheRestIsTaken(engine: StoreEngine) throws {
    let fes = try TestStore(engine, "office/fes")
    let amina = ReplicaID(short: "amina")
    var own = Record()
    own.write(
      try changes(["x": "1"]), as: Dot(amina, 1), info: try WriteInfo(at: 1, by: "field/amina"))
    var forged = Record()
    forged.write(
      try changes(["x": "1"]), as: Dot(amina, 2), info: try WriteInfo(at: 1, by: "office/rabat"))
    let outcome = try fes.store.apply(
      IncomingBatch(
        collection: .projects, sender: amina,
        rule: .own(
          replicas: [amina], author: Identity("field/amina"), timeMax: HybridTime(milliseconds: 9)),
        records: [incoming("forged", forged), incoming("own", own)], progress: nil,
        wallMilliseconds: 1_000))
    #expect(outcome.applied == 1)
    #expect(outcome.refused == [.init(id: try RecordID("forged"), refusal: .notOwn)])
    #expect(try fes.store.snapshot(of: .projects).recordCount == 1)
  }

  @Test(arguments: StoreEngine.all)
  func oneNameWithTwoContentsIsRefused(engine: StoreEngine) throws {
    let fes = try TestStore(engine, "office/fes")
    let rabat = ReplicaID(short: "rabat")
    func batch(_ text: String) throws -> IncomingBatch {
      var record = Record()
      record.write(try changes(["x": text]), as: Dot(rabat, 1), info: try WriteInfo(at: 1))
      return IncomingBatch(
        collection: .projects, sender: rabat, rule: .relayed, records: [try incoming("a", record)],
        progress: nil, wallMilliseconds: 1_000)
    }
    #expect(try fes.store.apply(batch("one")).applied == 1)
    let second = try fes.store.apply(batch("two"))
    #expect(second.refused == [.init(id: try RecordID("a"), refusal: .contradiction)])
    #expect(try fes.store.text("a", "x") == ["one"])
  }

  @Test(arguments: StoreEngine.all)
  func aPeerThatKnowsOwnWritesOfTheFutureMeansARestoredStore(engine: StoreEngine) throws {
    let fes = try TestStore(engine, "office/fes")
    try fes.store.put("a", ["x": "1"])
    var record = Record()
    record.write(
      try changes(["x": "later"]), as: Dot(fes.replica.id, 2),
      info: try WriteInfo(at: 1, by: "office/fes"))
    let batch = IncomingBatch(
      collection: .projects, sender: ReplicaID(short: "rabat"), rule: .relayed,
      records: [try incoming("b", record)], progress: nil, wallMilliseconds: 1_000)
    #expect(throws: StorageError.restored) { try fes.store.apply(batch) }
    #expect(throws: StorageError.restored) {
      try fes.store.complete(
        StreamCompletion(
          collection: .projects, sender: ReplicaID(short: "rabat"),
          knowledge: VersionVector(Dot(fes.replica.id, 2)), confirmed: VersionVector()))
    }
    let snapshot = try fes.store.snapshot(of: .projects)
    #expect(snapshot.recordCount == 1)
    #expect(try snapshot.knowledge.vector == VersionVector(Dot(fes.replica.id, 1)))
  }

  @Test(arguments: StoreEngine.all)
  func laterLocalWritesShowAsLaterThanWhatCameIn(engine: StoreEngine) throws {
    let rabat = try TestStore(engine, "office/rabat")
    let fes = try TestStore(engine, "office/fes")
    try rabat.store.put("a", ["x": "1"], at: 900_000)
    try Carrier().carry(from: rabat, to: fes)
    try fes.store.put("a", ["y": "2"], at: 5)
    let record = try #require(try fes.store.snapshot(of: .projects).record(RecordID("a")))
    let came = try #require(record.siblings(at: FieldPath("x")).first)
    let made = try #require(record.siblings(at: FieldPath("y")).first)
    #expect(came.write.time < made.write.time)
  }
}
