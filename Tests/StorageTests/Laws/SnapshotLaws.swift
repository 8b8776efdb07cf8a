import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncStorage
import OfficeSyncTestSupport
import Testing

/// What every engine owes to those who read.
@Suite struct SnapshotLaws {
  @Test(arguments: StoreEngine.all)
  func aSnapshotStaysAsItWas(engine: StoreEngine) throws {
    let test = try TestStore(engine, "office/rabat")
    try test.store.put("a", ["x": "1"])
    let before = try test.store.snapshot(of: .projects)
    try test.store.put("a", ["x": "2"])
    try test.store.put("b", ["x": "2"])
    try test.store.setSchema(["x": .manual])
    try test.store.remember(
      token: randomToken(), givenTo: randomToken(), in: .projects, ownStamp: nil, revision: 0,
      epoch: nil)
    #expect(before.recordCount == 1)
    #expect(try allRecords(before).map(\.id.description) == ["a"])
    #expect(try before.schema() == .none)
    #expect(
      try allEntries(before, of: test.replica.id).map(\.cursor.counter) == [1])
    try audit(before)
    try audit(test.store.snapshot(of: .projects))
  }

  @Test(arguments: StoreEngine.all)
  func aSnapshotOutlivesTheStoreObject(engine: StoreEngine) throws {
    let test = try TestStore(engine, "office/rabat")
    try test.store.put("a", ["x": "1"])
    func open() throws -> any CollectionSnapshot { try test.again().snapshot(of: .projects) }
    try audit(open())
  }

  @Test(arguments: StoreEngine.all)
  func pagesFollowEachOther(engine: StoreEngine) throws {
    let test = try TestStore(engine, "office/rabat")
    for number in 10..<30 { try test.store.put("p\(number)", ["x": "1"]) }
    let snapshot = try test.store.snapshot(of: .projects)
    #expect(try snapshot.records(after: nil, limit: 0).isEmpty)
    #expect(try snapshot.records(after: nil, limit: 100).count == 20)
    #expect(
      try snapshot.records(after: RecordID("p11"), limit: 2).map(\.id.description)
        == ["p12", "p13"])
    #expect(try snapshot.records(after: RecordID("p29"), limit: 2).isEmpty)
    #expect(try allRecords(snapshot).count == 20)
  }

  @Test(arguments: StoreEngine.all)
  func entriesComeByCounterInBitesOfAboutTheGoal(engine: StoreEngine) throws {
    let test = try TestStore(engine, "office/rabat")
    for number in 0..<20 {
      try test.store.put("p\(number % 15)", ["x": String(repeating: "x", count: 200)])
    }
    let snapshot = try test.store.snapshot(of: .projects)
    let origin = test.replica.id
    let bite = try snapshot.entries(of: origin, after: EntryCursor(counter: 0), bytesGoal: 500)
    #expect(bite.map(\.cursor.counter) == [6, 7])
    let one = try snapshot.entries(of: origin, after: EntryCursor(counter: 7), bytesGoal: 1)
    #expect(one.map(\.cursor.counter) == [8])
    #expect(
      try allEntries(snapshot, of: origin, after: 5).map(\.cursor.counter)
        == Array(UInt64(6)...20))
    #expect(
      try snapshot.entries(of: randomToken(), after: EntryCursor(counter: 0), bytesGoal: 1).isEmpty)
    let (record, encoded) = try RecordDecoder.decode(try #require(bite.first).record)
    #expect(RecordEncoder.encode(record) == encoded)
  }

  /// After a renaming several records share a counter.
  @Test(arguments: StoreEngine.all)
  func entriesWithEqualCountersAllCome(engine: StoreEngine) throws {
    let test = try TestStore(engine, "office/rabat")
    let origin = ReplicaID(short: "other")
    let records = try (0..<6).map { number in
      var record = Record()
      record.write(
        try changes(["x": "\(number)"]), as: Dot(origin, 4), info: try WriteInfo(at: 1))
      return try incoming("p\(number)", record)
    }
    _ = try test.store.apply(
      IncomingBatch(
        collection: .projects, sender: origin, rule: .relayed, records: records, progress: nil,
        wallMilliseconds: 1_000))
    let snapshot = try test.store.snapshot(of: .projects)
    let found = try allEntries(snapshot, of: origin, bytesGoal: 1)
    #expect(found.map(\.cursor.counter) == [4, 4, 4, 4, 4, 4])
    #expect(Set(found.map(\.id)).count == 6)
    #expect(try allEntries(snapshot, of: origin, after: 4).isEmpty)
  }

  @Test(arguments: StoreEngine.all)
  func theEstimateIsWhatIsLacking(engine: StoreEngine) throws {
    let test = try TestStore(engine, "office/rabat")
    for number in 0..<20 { try test.store.put("p\(number)", ["x": "1"]) }
    let snapshot = try test.store.snapshot(of: .projects)
    #expect(try snapshot.estimatedRecords(beyond: VersionVector()) == 20)
    #expect(try snapshot.estimatedRecords(beyond: VersionVector(Dot(test.replica.id, 15))) == 5)
    #expect(try snapshot.estimatedRecords(beyond: VersionVector(Dot(test.replica.id, 99))) == 0)
  }
}
