import OfficeSyncRecords
import OfficeSyncTestSupport
import Testing

@Suite struct RecordTests {
  let a = ReplicaID(short: "a")
  let b = ReplicaID(short: "b")

  private func write(
    _ record: inout Record, _ path: String, _ text: String, as dot: String,
    context: VersionVector? = nil
  ) throws {
    let dot = try Dot(short: dot)
    record.write(
      [(try FieldPath(path), .value(.text(text)))], as: dot,
      info: try WriteInfo(at: dot.counter), context: context)
  }

  private func texts(_ record: Record, _ path: String) throws -> [String] {
    record.siblings(at: try FieldPath(path)).map {
      if case .text(let text)? = $0.value { text } else { "" }
    }
  }

  @Test func aLaterWriteSupersedesWhatItHadSeen() throws {
    var record = Record()
    try write(&record, "title", "one", as: "a:1")
    try write(&record, "title", "two", as: "a:2")
    #expect(try texts(record, "title") == ["two"])
    #expect(try record.clock == VersionVector("a:2"))
  }

  @Test func concurrentWritesAreBothKeptAndOneWriteSettlesThem() throws {
    var (here, there) = (Record(), Record())
    try write(&here, "title", "here", as: "a:1")
    try write(&there, "title", "there", as: "b:1")
    try here.merge(there)
    #expect(try texts(here, "title") == ["here", "there"])
    try write(&here, "title", "settled", as: "a:2")
    try there.merge(here)
    #expect(try texts(there, "title") == ["settled"])
  }

  @Test func writesToDifferentFieldsMergeByThemselves() throws {
    var (here, there) = (Record(), Record())
    try write(&here, "title", "x", as: "a:1")
    try write(&there, "status", "y", as: "b:1")
    try here.merge(there)
    #expect(try texts(here, "title") == ["x"])
    #expect(try texts(here, "status") == ["y"])
  }

  @Test func aRemovalIsKeptAndBeatsWhatItHadSeen() throws {
    var record = Record()
    try write(&record, "title", "one", as: "a:1")
    let old = record
    let path = try FieldPath("title")
    record.write([(path, .absent)], as: try Dot(short: "b:1"), info: try WriteInfo(at: 2))
    try record.merge(old)
    #expect(record.siblings(at: path).map(\.content) == [.absent])
  }

  @Test func aStaleScreenSupersedesNoMoreThanItShowed() throws {
    var record = Record()
    try write(&record, "title", "shown", as: "a:1")
    let screen = record.clock
    try write(&record, "title", "unseen", as: "b:1")
    try write(&record, "title", "edited", as: "a:2", context: screen)
    #expect(try texts(record, "title") == ["edited", "unseen"])
  }

  @Test func aScreenThatClaimsMoreThanTheRecordHasIsHeldToIt() throws {
    var here = Record()
    try write(&here, "title", "here", as: "a:1")
    try write(&here, "title", "again", as: "a:2", context: try VersionVector("a:1,b:9"))
    var there = Record()
    try write(&there, "title", "there", as: "b:1")
    try here.merge(there)
    #expect(try texts(here, "title") == ["again", "there"])
  }

  @Test func aPurgeErasesWhereverWhatItSawStands() throws {
    var (here, there) = (Record(), Record())
    try write(&here, "name", "secret", as: "a:1")
    try there.merge(here)
    let stale = here
    try write(&there, "note", "unseen by the purge", as: "b:1")
    here.purge(as: try Dot(short: "a:2"), info: try WriteInfo(at: 2))
    #expect(here.fields.map(\.path) == [.deleted])
    #expect(try here.erased == VersionVector("a:1"))
    try there.merge(here)
    #expect(try texts(there, "name") == [])
    #expect(try texts(there, "note") == ["unseen by the purge"])
    // An old copy brings nothing back.
    try there.merge(stale)
    #expect(try texts(there, "name") == [])
    #expect(try there.erased == VersionVector("a:1"))
  }

  @Test func aPurgeErasesNoMoreThanItsScreenShowedAndTheRecordHeld() throws {
    var record = Record()
    try write(&record, "name", "shown", as: "a:1")
    try write(&record, "note", "unseen", as: "b:1")
    record.purge(
      as: try Dot(short: "a:2"), info: try WriteInfo(at: 2), context: try VersionVector("a:1,c:9"))
    #expect(try record.erased == VersionVector("a:1"))
    #expect(try texts(record, "name") == [])
    #expect(try texts(record, "note") == ["unseen"])
  }

  @Test func theSameDotWithOtherContentIsAContradiction() throws {
    var (here, there) = (Record(), Record())
    try write(&here, "title", "here", as: "a:1")
    try write(&there, "title", "there", as: "a:1")
    let before = here
    #expect(throws: RecordError.contradiction(try Dot(short: "a:1"))) { try here.merge(there) }
    #expect(here == before)
  }

  @Test func partsThatMakeNoRecordAreRefused() throws {
    let info = try WriteInfo(at: 1)
    func sibling(_ dot: String) throws -> Sibling {
      Sibling(dot: try Dot(short: dot), write: info, content: .absent)
    }
    func record(
      _ fields: [(String, [String])], clock: String = "a:2,b:2", erased: String = ""
    ) throws -> Record {
      try Record(
        fields: fields.map {
          Record.Field(path: try FieldPath($0.0), siblings: try $0.1.map(sibling))
        }, clock: VersionVector(clock), erased: VersionVector(erased))
    }
    #expect(throws: RecordError.unsorted) { try record([("b", ["a:1"]), ("a", ["a:1"])]) }
    #expect(throws: RecordError.unsorted) { try record([("a", ["a:1"]), ("a", ["a:1"])]) }
    #expect(throws: RecordError.unsorted) { try record([("a", ["b:1", "a:1"])]) }
    #expect(throws: RecordError.unsorted) { try record([("a", ["a:1", "a:1"])]) }
    #expect(throws: RecordError.emptyField) { try record([("a", [])]) }
    #expect(throws: RecordError.dotBeyondClock(try Dot(short: "a:3"))) {
      try record([("a", ["a:3"])])
    }
    #expect(throws: RecordError.dotErased(try Dot(short: "a:1"))) {
      try record([("a", ["a:1"])], erased: "a:1")
    }
    #expect(throws: RecordError.erasedBeyondClock) { try record([], erased: "c:1") }
    #expect(try record([("a", ["a:1", "b:2"])]).fields.count == 1)
  }

  @Test func aWithheldSiblingKeepsWhatTheReceiverHas() throws {
    var office = Record()
    try write(&office, "title", "office", as: "b:1")
    var device = Record()
    try write(&device, "title", "device", as: "a:1")
    try device.merge(office)
    let path = try FieldPath("title")
    let own = try #require(device.siblings(at: path).first)
    let pushed = try Record(
      fields: [.init(path: path, siblings: [own], withheld: [try Dot(short: "b:1")])],
      clock: device.clock, erased: device.erased)
    try office.merge(pushed)
    #expect(try texts(office, "title") == ["device", "office"])
  }
}
