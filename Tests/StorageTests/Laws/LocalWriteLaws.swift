import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncStorage
import Testing

/// What every engine owes to local writes.
@Suite struct LocalWriteLaws {
  private struct Broken: Error {}

  @Test(arguments: StoreEngine.all)
  func aNewStoreIsEmptyAndKnowsWhoItIs(engine: StoreEngine) throws {
    let test = try TestStore(engine, "field/amina")
    #expect(try test.store.replica() == test.replica)
    #expect(try test.store.collections().isEmpty)
    let snapshot = try test.store.snapshot(of: .projects)
    #expect(try snapshot.knowledge == Knowledge())
    #expect(try snapshot.condition == Condition(fingerprint: .zero, isPartial: false))
    #expect(snapshot.confirmed.isEmpty)
    #expect(try snapshot.schema() == .none)
    #expect(try snapshot.record(RecordID("a")) == nil)
    #expect(
      try snapshot.entries(of: test.replica.id, after: EntryCursor(counter: 0), bytesGoal: 1)
        .isEmpty)
    try audit(snapshot)
  }

  @Test(arguments: StoreEngine.all)
  func aWriteIsReadBackAlsoAfterOpeningAgain(engine: StoreEngine) throws {
    let test = try TestStore(engine, "field/amina")
    let first = try test.store.put("future-hub", ["title": "Future Hub", "status": "signed"])
    let second = try test.store.put("future-hub", ["status": "running"])
    #expect(first == Dot(test.replica.id, 1))
    #expect(second == Dot(test.replica.id, 2))
    for store in [test.store, try test.again()] {
      #expect(try store.text("future-hub", "title") == ["Future Hub"])
      #expect(try store.text("future-hub", "status") == ["running"])
      let snapshot = try store.snapshot(of: .projects)
      #expect(try snapshot.knowledge.vector == VersionVector(Dot(test.replica.id, 2)))
      #expect(try store.collections() == [.projects])
      try audit(snapshot)
    }
  }

  @Test(arguments: StoreEngine.all)
  func writersSeeTheirOwnWrites(engine: StoreEngine) throws {
    let test = try TestStore(engine, "office/rabat")
    try test.store.write(to: .projects, wallMilliseconds: 5, note: "Salma") { writer in
      #expect(try writer.record(RecordID("a")) == nil)
      let dot = try writer.put(RecordID("a"), changes: changes(["x": "1"]), context: nil)
      let record = try #require(try writer.record(RecordID("a")))
      let sibling = try #require(record.siblings(at: FieldPath("x")).first)
      #expect(sibling.dot == dot)
      #expect(sibling.write.note == "Salma")
      #expect(sibling.write.author == test.replica.identity)
      #expect(sibling.write.time.milliseconds == 5)
      #expect(try writer.schema() == .none)
    }
    try test.store.setSchema(["x": .manual])
    let schema = try test.store.write(to: .projects, wallMilliseconds: 5, note: "") { writer in
      try writer.schema()
    }
    #expect(try schema.rule(for: FieldPath("x")).policy == .manual)
  }

  @Test(arguments: StoreEngine.all)
  func aBodyThatThrowsLeavesNothing(engine: StoreEngine) throws {
    let test = try TestStore(engine, "field/amina")
    try test.store.put("kept", ["x": "1"])
    #expect(throws: Broken.self) {
      try test.store.write(to: .projects, wallMilliseconds: 9, note: "") { writer in
        _ = try writer.put(RecordID("kept"), changes: changes(["x": "2"]), context: nil)
        _ = try writer.put(RecordID("lost"), changes: changes(["x": "2"]), context: nil)
        throw Broken()
      }
    }
    #expect(try test.store.text("kept", "x") == ["1"])
    let snapshot = try test.store.snapshot(of: .projects)
    #expect(snapshot.recordCount == 1)
    #expect(try snapshot.knowledge.vector[test.replica.id] == 1)
    // No counter was used up.
    #expect(try test.store.put("kept", ["x": "3"])?.counter == 2)
    try audit(test.store.snapshot(of: .projects))
  }

  @Test(arguments: StoreEngine.all)
  func noChangesAreNoWrite(engine: StoreEngine) throws {
    let test = try TestStore(engine, "field/amina")
    #expect(try test.store.put("a", [:]) == nil)
    #expect(try test.store.snapshot(of: .projects).recordCount == 0)
    #expect(try test.store.collections().isEmpty)
  }

  @Test(arguments: StoreEngine.all)
  func timeGoesOnThoughTheWallClockGoesBack(engine: StoreEngine) throws {
    let test = try TestStore(engine, "field/amina")
    try test.store.put("a", ["x": "1"], at: 5_000)
    let store = try test.again()
    try store.put("a", ["y": "2"], at: 100)
    let record = try #require(try store.snapshot(of: .projects).record(RecordID("a")))
    let times = record.fields.flatMap(\.siblings).sorted { $0.dot < $1.dot }.map(\.write.time)
    #expect(times.count == 2)
    #expect(times[0] < times[1])
  }

  @Test(arguments: StoreEngine.all)
  func aWriteThroughAnOldScreenOvertakesNoMoreThanItShowed(engine: StoreEngine) throws {
    let test = try TestStore(engine, "office/rabat")
    try test.store.setSchema(["x": .manual])
    try test.store.put("a", ["x": "seen"])
    let screen = try test.store.snapshot(of: .projects).record(RecordID("a"))?.clock
    try test.store.put("a", ["x": "unseen"])
    try test.store.put("a", ["x": "mine"], context: screen)
    #expect(try test.store.text("a", "x") == ["mine", "unseen"])
    #expect(try test.store.snapshot(of: .projects).openConflictCount == 1)
    try audit(test.store.snapshot(of: .projects))
  }

  @Test(arguments: StoreEngine.all)
  func deletedRecordsAreKeptAndNotCountedAsLive(engine: StoreEngine) throws {
    let test = try TestStore(engine, "office/rabat")
    try test.store.put("a", ["x": "1"])
    try test.store.put("b", ["x": "1"])
    try test.store.delete("a")
    let snapshot = try test.store.snapshot(of: .projects)
    #expect(snapshot.recordCount == 2)
    #expect(snapshot.liveRecordCount == 1)
    #expect(try test.store.text("a", "x") == ["1"])
    try audit(snapshot)
  }

  @Test(arguments: StoreEngine.all)
  func purgingErasesValues(engine: StoreEngine) throws {
    let office = try TestStore(engine, "office/rabat")
    try office.store.put("a", ["x": "private"])
    try office.store.write(to: .projects, wallMilliseconds: 1, note: "") { writer in
      _ = try writer.purge(RecordID("a"))
    }
    #expect(try office.store.text("a", "x").isEmpty)
    let snapshot = try office.store.snapshot(of: .projects)
    #expect(try snapshot.record(RecordID("a"))?.erased == VersionVector(Dot(office.replica.id, 1)))
    #expect(snapshot.liveRecordCount == 0)
    try audit(snapshot)
  }

  @Test(arguments: StoreEngine.all)
  func fieldDevicesPurgeNothingAndWriteNoReservedRecords(engine: StoreEngine) throws {
    let device = try TestStore(engine, "field/amina")
    try device.store.put("a", ["x": "1"])
    #expect(throws: StorageError.officesOnly) {
      try device.store.write(to: .projects, wallMilliseconds: 1, note: "") { writer in
        try writer.purge(RecordID("a"))
      }
    }
    #expect(throws: StorageError.officesOnly) { try device.store.setSchema(["x": .manual]) }
    #expect(try device.store.text("a", "x") == ["1"])
  }

  @Test(arguments: StoreEngine.all)
  func collectionsAreApart(engine: StoreEngine) throws {
    let test = try TestStore(engine, "office/rabat")
    let other = try CollectionName("archive")
    try test.store.put("a", ["x": "1"])
    #expect(try test.store.put("a", ["x": "2"], in: other)?.counter == 1)
    #expect(try test.store.collections() == [other, .projects])
    #expect(try test.store.text("a", "x") == ["1"])
    #expect(try test.store.text("a", "x", in: other) == ["2"])
    // The same contents under another collection's name are another fingerprint.
    try audit(test.store.snapshot(of: other))
  }

  @Test(arguments: StoreEngine.all)
  func idsThatLookAlikeAreApartAndSortAsBytes(engine: StoreEngine) throws {
    let test = try TestStore(engine, "office/rabat")
    for id in ["الدار البيضاء", "b", "Z", "a/b", "a", "é"] { try test.store.put(id, ["x": id]) }
    let snapshot = try test.store.snapshot(of: .projects)
    let ids = try allRecords(snapshot).map(\.id.description)
    #expect(ids == ["Z", "a", "a/b", "b", "é", "الدار البيضاء"])
    try audit(snapshot)
  }
}
