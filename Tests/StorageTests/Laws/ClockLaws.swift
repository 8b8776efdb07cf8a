import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncStorage
import OfficeSyncTestSupport
import Testing

/// What every engine owes to clocks that run wrong: no other's wrong time is followed, and own ones that nobody has seen
/// are set right with the clock.
@Suite struct ClockLaws {
  private static let wall: UInt64 = 1_764_000_000_000
  private static let future = wall + 5 * 365 * 86_400_000
  private let receiver = ReplicaID(short: "office")

  private func session(
    _ store: any RecordStore, at wall: UInt64 = wall, of collection: CollectionName = .projects
  ) throws -> any CollectionSnapshot {
    try store.sessionSnapshot(of: collection, wallMilliseconds: wall) { randomToken() }
  }

  /// As a session does before it sends.
  private func show(_ test: TestStore, _ snapshot: any CollectionSnapshot) throws {
    try test.store.remember(
      token: randomToken(), givenTo: receiver, in: snapshot.collection,
      ownStamp: snapshot.knowledge.newestStamps[test.replica.id], revision: snapshot.revision,
      epoch: snapshot.epoch)
  }

  /// The times of own writes by counter.
  private func times(
    _ test: TestStore, in collection: CollectionName = .projects
  ) throws -> [UInt64: HybridTime] {
    var times: [UInt64: HybridTime] = [:]
    for (_, record) in try allRecords(test.store.snapshot(of: collection)) {
      for sibling in record.fields.flatMap(\.siblings)
      where sibling.dot.replica == test.replica.id {
        times[sibling.dot.counter] = sibling.write.time
      }
    }
    return times
  }

  @Test(arguments: StoreEngine.all)
  func aRelayedTimeThatIsTooFarAheadIsKeptAndNotFollowed(engine: StoreEngine) throws {
    let test = try TestStore(engine, "office/rabat")
    let fes = ReplicaID(short: "fes")
    for (number, time) in [HybridTime(bits: .max), HybridTime(milliseconds: Self.wall + 60_000)]
      .enumerated()
    {
      var record = Record()
      record.write(
        try changes(["x": "far"]), as: Dot(fes, UInt64(number + 1)),
        info: WriteInfo(time: time, author: try Identity("office/fes")))
      let outcome = try test.store.apply(
        IncomingBatch(
          collection: .projects, sender: fes, rule: .relayed,
          records: [try incoming("p\(number)", record)], progress: nil,
          wallMilliseconds: Self.wall))
      #expect(outcome.applied == 1)
    }
    try test.store.put("p0", ["x": "near"], at: Self.wall)
    #expect(try test.store.text("p0", "x") == ["near"])
    // The second reading was believed, and followed.
    #expect(try times(test) == [1: HybridTime(milliseconds: Self.wall + 60_000, logical: 1)])
    try audit(test.store.snapshot(of: .projects))
  }

  @Test(arguments: StoreEngine.all)
  func unseenWritesOfAClockThatWasSetBackAreStampedAgainInTheirOrder(engine: StoreEngine) throws {
    let test = try TestStore(engine, "field/amina")
    let other = try CollectionName("archive")
    try test.store.put("before", ["x": "0"], at: Self.wall - 1_000)
    for number in 1...7 {
      try test.store.put("p\(number % 3)", ["x\(number)": "\(number)"], at: Self.future)
    }
    try test.store.put("a", ["x": "1"], in: other, at: Self.future)
    // A session at which the clock was still wrong, and nothing was sent.
    let wrong = try session(test.store, at: Self.future)
    let before = try allRecords(wrong)

    let snapshot = try session(test.store)
    let times = try times(test)
    #expect(times[1] == HybridTime(milliseconds: Self.wall - 1_000))
    let later = try (2...8).map { try #require(times[$0]) }
    #expect(later == later.sorted() && Set(later).count == 7)
    #expect(later.allSatisfy { $0.milliseconds == Self.wall && $0.logical > 0 })
    #expect(try self.times(test, in: other)[1]?.milliseconds == Self.wall)
    // The same dots, clocks and values.
    let after = try allRecords(snapshot)
    #expect(after.map(\.id) == before.map(\.id))
    for (new, old) in zip(after, before) {
      #expect(new.record.clock == old.record.clock)
      #expect(
        new.record.fields.flatMap(\.siblings).map { [$0.dot: $0.content] }
          == old.record.fields.flatMap(\.siblings).map { [$0.dot: $0.content] })
    }
    for collection in [CollectionName.projects, other] {
      try audit(test.again().snapshot(of: collection))
    }
    // The clock goes on from there.
    try test.store.put("next", ["x": "1"], at: Self.wall + 1)
    #expect(try self.times(test)[9] == HybridTime(milliseconds: Self.wall + 1))
    // And that was all.
    #expect(try session(test.store).knowledge.newestStamps[test.replica.id]?.counter == 9)
    #expect(try self.times(test)[2] == later.first)
  }

  @Test(arguments: StoreEngine.all)
  func aClockThatIsLittleAheadChangesNothing(engine: StoreEngine) throws {
    let test = try TestStore(engine, "field/amina")
    try test.store.put("a", ["x": "1"], at: Self.wall)
    let condition = try session(test.store, at: Self.wall - 300_000).condition
    #expect(try session(test.store).condition == condition)
    #expect(try times(test) == [1: HybridTime(milliseconds: Self.wall)])
  }

  @Test(arguments: StoreEngine.all)
  func whatSomebodyMayHaveSeenKeepsItsTime(engine: StoreEngine) throws {
    let test = try TestStore(engine, "field/amina")
    try test.store.put("a", ["x": "shown"], at: Self.future)
    let shown = try session(test.store, at: Self.future)
    try show(test, shown)
    try test.store.put("a", ["y": "not shown"], at: Self.future)
    let stamped = try session(test.store, at: Self.future)

    let snapshot = try session(test.store)
    let times = try times(test)
    #expect(times[1]?.milliseconds == Self.future)
    #expect(times[2]?.milliseconds == Self.wall)
    let list = try snapshot.stampList(of: test.replica.id, after: 0)
    #expect(list.map(\.counter) == [1, 2])
    #expect(try list.first == shown.knowledge.newestStamps[test.replica.id])
    // Two copies that do this are two branches, and their stamps say so.
    #expect(try list.last != stamped.knowledge.newestStamps[test.replica.id])
    try audit(snapshot)
    #expect(snapshot.latestOwnTime.milliseconds == Self.future)
    // The clock was set right all the same.
    try test.store.put("b", ["x": "1"], at: Self.wall + 1)
    #expect(try self.times(test)[3]?.milliseconds == Self.wall + 1)
  }

  @Test(arguments: StoreEngine.all)
  func whatAnOfficeHasKeepsItsTimeThoughACopySentIt(engine: StoreEngine) throws {
    let test = try TestStore(engine, "field/amina")
    try test.store.put("a", ["x": "1"], at: Self.future)
    try test.store.confirm(
      Confirmation(
        collection: .projects, confirmed: VersionVector(Dot(test.replica.id, 1)), refusals: []))
    _ = try session(test.store)
    #expect(try times(test)[1]?.milliseconds == Self.future)
  }

  @Test(arguments: StoreEngine.all)
  func aSessionFromBeforeMayNotSendTheOldTimes(engine: StoreEngine) throws {
    let test = try TestStore(engine, "field/amina")
    try test.store.put("a", ["x": "1"], at: Self.future)
    let old = try session(test.store, at: Self.future)
    let new = try session(test.store)
    #expect(throws: StorageError.overtaken) { try show(test, old) }
    try show(test, new)
    // A stamp that others followed is still there.
    try test.store.put("a", ["x": "2"], at: Self.wall)
    _ = try session(test.store)
    try show(test, new)
  }

  @Test(arguments: StoreEngine.all)
  func othersTimesAreLeftAlone(engine: StoreEngine) throws {
    let (rabat, device) = (
      try TestStore(engine, "office/rabat"), try TestStore(engine, "field/amina")
    )
    try rabat.store.put("a", ["x": "theirs", "y": "theirs"], at: Self.future)
    try Carrier(wallMilliseconds: Self.future).carry(from: rabat, to: device)
    try device.store.put("a", ["x": "mine"], at: Self.future)
    let snapshot = try session(device.store)
    let record = try #require(try snapshot.record(RecordID("a")))
    #expect(record.siblings(at: try FieldPath("x")).map(\.write.time.milliseconds) == [Self.wall])
    #expect(
      record.siblings(at: try FieldPath("y")).map(\.write.time.milliseconds) == [Self.future])
    try audit(snapshot)
  }
}
