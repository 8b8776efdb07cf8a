import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncReplication
import OfficeSyncStorage
import OfficeSyncTestSupport
import Testing

@Suite struct SessionTests {
  @Test func aPullBringsEverythingAndThenCostsOneRoundTrip() throws {
    let (office, device) = (try TestReplica("office/rabat"), try TestReplica("field/amina"))
    for n in 0..<50 { try office.put("p\(n)", ["title": .text("Project \(n)")]) }

    let first = try converse(device, with: office, .pull)
    #expect(first.only?.received == 50)
    #expect(first.only?.applied == 50)
    #expect(first.only?.inSync == true)
    #expect(first.roundTrips == 2)
    #expect(try device.view().condition == office.view().condition)
    #expect(try device.view().knowledge == office.view().knowledge)

    let second = try converse(device, with: office, [.pull, .push])
    #expect(second.roundTrips == 1)
    #expect(second.only?.inSync == true)
    #expect(second.only?.received == 0)
    #expect(second.frameBytes <= 600)
  }

  /// It was written last, and a device on a slow line has it before the backlog.
  @Test func theSchemaGoesAhead() throws {
    let (office, device) = (try TestReplica("office/rabat"), try TestReplica("field/amina"))
    try office.put("$schema", ["fields/title/type": .text("text")])
    try office.fill("p", count: 60, field: "text", bytes: 6_000)
    try office.put("$schema", ["fields/title/label/en": .text("Title")])
    let first = try converse(device, with: office, .pull)
    #expect(first.sentByServer.first == .schema)
    #expect(first.sentByServer.count == 61)
    #expect(Set(first.sentByServer).count == 61)
    #expect(first.only?.inSync == true)
    #expect(try device.view().condition == office.view().condition)
    // To whom has it, it does not go again.
    try office.put("p1", ["text": .text("new")])
    #expect(try converse(device, with: office, .pull).sentByServer == [try RecordID("p1")])
  }

  /// However many have written: two that have the same find out by a digest, and send no vector. From 32 origins on a client
  /// names the sums of sixteen groups of them beside it.
  @Test func thatNothingChangedTakesAFewHundredBytes() throws {
    let (rabat, device) = (try TestReplica("office/rabat"), try TestReplica("field/amina"))
    var bytes: [Int] = []
    for number in 0..<40 {
      let other = try TestReplica("field/d\(number)")
      try other.put("p\(number)", ["title": .text("Project \(number)")])
      #expect(try converse(other, with: rabat, .push).only?.sent == 1)
      guard number % 13 == 0 else { continue }
      #expect(try converse(device, with: rabat, .pull).only?.inSync == true)
      let nothing = try converse(device, with: rabat, [.pull, .push])
      #expect(nothing.only?.inSync == true)
      bytes.append(nothing.frameBytes)
    }
    #expect(bytes.count == 4)
    #expect(bytes.dropLast().allSatisfy { $0 == bytes[0] }, "\(bytes)")
    #expect(bytes[3] == bytes[0] + 259 && bytes[3] <= 600, "\(bytes)")
  }

  /// Both sides leave out of what they say that they know what is the same: one change costs no more where many wrote.
  @Test(arguments: [[.pull], [.push], [.pull, .push]] as [Directions])
  func aChangeCostsLittleHoweverManyWrote(directions: Directions) throws {
    let (rabat, fes) = (try TestReplica("office/rabat"), try TestReplica("office/fes"))
    for number in 0..<64 {
      let other = try TestReplica("field/d\(number)")
      try other.put("p\(number)", ["title": .text("Project \(number)")])
      #expect(try converse(other, with: rabat, .push).only?.sent == 1)
    }
    #expect(try converse(fes, with: rabat, .pull).only?.inSync == true)
    var bytes: [Int] = []
    for sumsFrom in [Int.max, GroupSums.originsMin] {
      let title = "Project of \(sumsFrom)"
      if directions.contains(.pull) { try rabat.put("p7", ["title": .text(title)]) }
      if directions.contains(.push) { try fes.put("p8", ["title": .text(title)]) }
      let change = try converse(fes, with: rabat, directions, sumsFrom: sumsFrom)
      #expect(change.only?.inSync == true)
      #expect(change.only?.received == (directions.contains(.pull) ? 1 : 0))
      #expect(change.only?.sent == (directions.contains(.push) ? 1 : 0))
      #expect(try fes.view().knowledge == rabat.view().knowledge)
      #expect(try fes.view().condition == rabat.view().condition)
      bytes.append(change.frameBytes)
    }
    #expect(bytes[1] * 2 < bytes[0], "\(bytes)")
  }

  /// What the offices agree on has its turn before everything else, in either direction.
  @Test func whatTheOfficesAgreeOnGoesBeforeABacklog() throws {
    let (rabat, fes) = (try TestReplica("office/rabat"), try TestReplica("office/fes"))
    for office in [rabat, fes] {
      try office.fill("\(office.identity.name)-", count: 60, field: "text", bytes: 6_000)
      try office.put("grant/\(office.identity.name)", ["*/read": .boolean(true)], in: .office)
    }
    let session = try converse(rabat, with: fes, [.pull, .push])
    #expect(session.sentByClient.first == (try RecordID("grant/rabat")))
    #expect(session.sentByServer.first == (try RecordID("grant/fes")))
    #expect(session.client.map(\.inSync) == [true, true])
  }

  @Test func aPushSendsOnlyWhatChanged() throws {
    let (office, device) = (try TestReplica("office/rabat"), try TestReplica("field/amina"))
    let long = String(repeating: "x", count: 1_000)
    try office.put(
      "big", Dictionary(uniqueKeysWithValues: (0..<100).map { ("f\($0)", .text(long)) }))
    for n in 0..<20 { try office.put("p\(n)", ["title": .text("Project \(n)")]) }
    _ = try converse(device, with: office, .pull)
    try device.put("big", ["f7": .text("changed")])

    let push = try converse(device, with: office, .push)
    #expect(push.only?.sent == 1)
    #expect(push.sentByClient == [try RecordID("big")])
    // Hello, Welcome, both states with their stamps, and the record's one field.
    #expect(push.frameBytes < 1_500)
    #expect(try office.values("big", "f7") == [.text("changed")])
    #expect(try office.values("big", "f8") == [.text(long)])
    #expect(push.only?.inSync == true)
  }

  @Test func concurrentEditsOfOneFieldAreBothKeptEverywhere() throws {
    let office = try TestReplica("office/rabat")
    let (amina, karim) = (try TestReplica("field/amina"), try TestReplica("field/karim"))
    try office.put("p", ["status": .text("open"), "budget": .integer(1)])
    for device in [amina, karim] { _ = try converse(device, with: office, .pull) }
    try amina.put("p", ["status": .text("signed")])
    try karim.put("p", ["status": .text("cancelled")])
    try karim.put("p", ["budget": .integer(2)])

    _ = try converse(amina, with: office, [.pull, .push])
    _ = try converse(karim, with: office, [.pull, .push])
    _ = try converse(amina, with: office, [.pull, .push])
    for replica in [office, amina, karim] {
      #expect(Set(try replica.values("p", "status")) == [.text("signed"), .text("cancelled")])
      #expect(try replica.values("p", "budget") == [.integer(2)])
    }
    #expect(try amina.view().condition == karim.view().condition)

    // A later write that saw both settles it, for everybody.
    try amina.put("p", ["status": .text("signed")])
    for device in [amina, karim] { _ = try converse(device, with: office, [.pull, .push]) }
    for replica in [office, amina, karim] {
      #expect(try replica.values("p", "status") == [.text("signed")])
    }
  }

  @Test func whatAnotherSessionShowedMeanwhileIsNoSignOfARestore() throws {
    let (rabat, fes) = (try TestReplica("office/rabat"), try TestReplica("office/fes"))
    try rabat.put("p", ["title": .text("one")])
    let result = try converse(rabat, with: fes, [.pull, .push], collections: [projects]) {
      try rabat.put("p", ["title": .text("two")])
      _ = try converse(fes, with: rabat, .pull)
    }
    #expect(result.only?.error == nil)
    #expect(try fes.values("p", "title") == [.text("two")])
  }

  @Test func aDeviceWaitsWhereTheOfficeHasNotSeenWhatItBuildsOn() throws {
    let (rabat, fes) = (try TestReplica("office/rabat"), try TestReplica("office/fes"))
    let device = try TestReplica("field/amina")
    try rabat.put("p", ["title": .text("by rabat")])
    _ = try converse(device, with: rabat, .pull)
    try device.put("p", ["title": .text("by amina")])
    try device.put("q", ["title": .text("independent")])

    let early = try converse(device, with: fes, .push)
    #expect(early.only?.deferred == 1)
    #expect(early.only?.inSync != true)
    #expect(try fes.record("p") == nil)
    #expect(try fes.values("q", "title") == [.text("independent")])
    #expect(try fes.view().knowledge.vector[device.info.replica] == 0)
    #expect(try device.view().confirmed.isEmpty)

    _ = try converse(fes, with: rabat, .pull)
    let late = try converse(device, with: fes, .push)
    #expect(late.only?.deferred == 0)
    #expect(try fes.values("p", "title") == [.text("by amina")])
    #expect(try device.view().confirmed[device.info.replica] == 2)
  }

  @Test func aServerTakesNothingFromADeviceThatIsNotTheDevicesOwn() throws {
    let (rabat, fes) = (try TestReplica("office/rabat"), try TestReplica("office/fes"))
    let device = try TestReplica("field/amina")
    try rabat.put("p", ["title": .text("by rabat")])
    _ = try converse(device, with: rabat, .pull)

    let push = try converse(device, with: fes, .push)
    #expect(push.only?.sent == 0)
    #expect(try fes.record("p") == nil)
    #expect(try fes.view().knowledge.vector.isEmpty)
  }

  @Test func severalCollectionsShareASession() throws {
    let (office, device) = (try TestReplica("office/rabat"), try TestReplica("field/amina"))
    let names = try (0..<5).map { try CollectionName("c\($0)") }
    for name in names { try office.put("p", ["title": .text(name.text)], in: name) }
    try device.put("mine", ["title": .text("new")], in: names[0])

    let sync = try converse(device, with: office, [.pull, .push])
    #expect(sync.client.count == 5)
    #expect(sync.client.allSatisfy { $0.inSync == true })
    #expect(sync.roundTrips == 2)
    #expect(try office.record("mine", in: names[0]) != nil)
    #expect(try device.store.collections() == names)
  }

  @Test func aDeviceWhoseClockRunsAheadIsToldBothTimes() throws {
    let (office, device) = (try TestReplica("office/rabat"), try TestReplica("field/amina"))
    try device.put("p", ["title": .text("x")])
    device.wall = office.wall + 301_000
    for directions: Directions in [.push, [.pull, .push]] {
      let late = try #require(try converse(device, with: office, directions).only)
      #expect(late.error?.code == .clockAhead)
      #expect(late.error?.message.contains("2025-11-24T16:00:00.000Z") == true)
      #expect(late.error?.message.contains("2025-11-24T16:05:01.000Z") == true)
      #expect(late.sent == 0)
    }
    #expect(try office.record("p") == nil)

    device.wall = office.wall + 299_000
    let fine = try converse(device, with: office, .push)
    #expect(fine.only?.error == nil)
    #expect(try office.record("p") != nil)
  }

  @Test func aDeviceWhoseClockRunsAheadMayPull() throws {
    let (office, device) = (try TestReplica("office/rabat"), try TestReplica("field/amina"))
    try office.put("theirs", ["title": .text("x")])
    device.wall = office.wall + 3_600_000
    let first = try converse(device, with: office, [.pull, .push])
    #expect(first.only?.error == nil)
    #expect(first.only?.inSync == true)

    try office.put("theirs", ["title": .text("y")])
    try device.put("mine", ["title": .text("z")])
    let late = try #require(
      try converse(device, with: office, [.pull, .push], collections: [projects]).only)
    #expect(late.error?.code == .clockAhead)
    #expect((late.received, late.sent) == (1, 0))
    #expect(try device.values("theirs", "title") == [.text("y")])
    #expect(try office.record("mine") == nil)
  }

  @Test func aRecordLargerThanAFrameArrivesInParts() throws {
    let (rabat, fes) = (try TestReplica("office/rabat"), try TestReplica("office/fes"))
    let text = String(repeating: "é", count: 30_000)
    // No local write makes a record so large; merging may.
    for (office, prefix) in [(rabat, "r"), (fes, "f")] {
      for batch in 0..<4 {
        let fields = (0..<4).map { ("\(prefix)\(batch)-\($0)", Value?.some(.text(text))) }
        try office.put("huge", Dictionary(uniqueKeysWithValues: fields))
      }
    }
    _ = try converse(rabat, with: fes, [.pull, .push])
    let bytes = try rabat.record("huge").map { RecordEncoder.encode($0).bytes.count }
    #expect(bytes ?? 0 > Limits.frameBytesMax + 500_000)

    let oujda = try TestReplica("office/oujda")
    let pull = try converse(oujda, with: rabat, .pull)
    #expect(pull.only?.inSync == true)
    #expect(try oujda.record("huge") == rabat.record("huge"))
  }
}
