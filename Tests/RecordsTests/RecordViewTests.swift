import OfficeSyncRecords
import OfficeSyncTestSupport
import Testing

@Suite struct RecordViewTests {
  static let a = "00000000000000000000000000000061"
  static let b = "00000000000000000000000000000062"

  private func json(_ desk: Desk) throws -> String {
    desk.view.recordJSON(
      collection: try CollectionName("casablanca-settat"), id: try RecordID("future-hub")
    ).encoded()
  }

  private func conflictLines(_ desk: Desk) throws -> [String] {
    try desk.view.conflicts.map {
      $0.json(collection: try CollectionName("c"), id: try RecordID("p/1")).encoded()
    }
  }

  @Test func aRecordReadsAsTheCommandLinesSay() throws {
    var here = try Desk("a", author: "office/rabat", schema: SchemaTests.project, wall: 1_000)
    var there = try Desk("b", author: "field/amina", schema: SchemaTests.project, wall: 2_000)
    try here.put("title/fr=Future Hub", "jobsTarget=500", "status=Active", "partners+=Onepoint")
    try here.put("milestones/m1/due=2026-03-31")
    try there.pull(from: here)
    try here.put("-status")
    try there.put("status=Closed", "visits+=ok")
    try here.pull(from: there)
    #expect(
      try json(here)
        == #"{"collection":"casablanca-settat","id":"future-hub","deleted":false,"fields":{"#
        + #""jobsTarget":500,"milestones":{"m1":{"due":"2026-03-31"}},"partners":["Onepoint"],"#
        + #""status":"Closed","title":{"fr":"Future Hub"},"#
        + #""visits":[{"at":"1970-01-01T00:00:02.000Z","author":"field/amina","value":"ok"}]},"#
        + #""clock":{"\#(Self.a)":3,"\#(Self.b)":1},"conflicts":{"status":["#
        + #"{"value":"Closed","dot":"\#(Self.b):1","author":"field/amina","at":"1970-01-01T00:00:02.000Z"},"#
        + #"{"absent":true,"dot":"\#(Self.a):3","author":"office/rabat","at":"1970-01-01T00:00:01.000Z"}]}}"#
    )
    #expect(here.view.openConflictCount == 1)
    #expect(
      try conflictLines(here) == [
        #"{"collection":"c","id":"p/1","path":"status","policy":"manual","open":true,"values":["#
          + #"{"value":"Closed","dot":"\#(Self.b):1","author":"field/amina","at":"1970-01-01T00:00:02.000Z"},"#
          + #"{"absent":true,"dot":"\#(Self.a):3","author":"office/rabat","at":"1970-01-01T00:00:01.000Z"}]}"#
      ])
  }

  @Test func anEmptyRecordReadsToo() throws {
    #expect(
      try json(Desk("a", author: "office/rabat"))
        == #"{"collection":"casablanca-settat","id":"future-hub","deleted":false,"fields":{},"#
        + #""clock":{},"conflicts":{}}"#)
  }

  @Test func aDeleteEditConflictReadsAsTrueAgainstAbsent() throws {
    var here = try Desk("a", author: "office/rabat", wall: 1_000)
    var there = try Desk("b", author: "field/amina", wall: 2_000)
    try here.put("x=1")
    try there.pull(from: here)
    try here.delete()
    #expect(try json(here).contains(#""deleted":true,"fields":{"x":1}"#))
    try there.put("x=2")
    try here.pull(from: there)
    #expect(
      try json(here)
        == #"{"collection":"casablanca-settat","id":"future-hub","deleted":false,"fields":{"x":2},"#
        + #""clock":{"\#(Self.a)":2,"\#(Self.b)":1},"conflicts":{"$deleted":["#
        + #"{"absent":true,"dot":"\#(Self.b):1","author":"field/amina","at":"1970-01-01T00:00:02.000Z"},"#
        + #"{"value":true,"dot":"\#(Self.a):2","author":"office/rabat","at":"1970-01-01T00:00:01.000Z"}]}}"#
    )
    #expect(here.view.openConflictCount == 1)
  }

  @Test func deletionsThatTogetherSawEverythingAreUndisputed() throws {
    var here = try Desk("a", author: "office/rabat")
    var there = try Desk("b", author: "field/amina")
    try here.put("x=1")
    try there.put("y=1")
    try here.delete()
    try there.delete()
    try here.pull(from: there)
    #expect(here.view.isDeleted)
    #expect(here.view.conflicts.isEmpty)
  }

  @Test func deletedAndBroughtBackAtOnceIsADispute() throws {
    var here = try Desk("a", author: "office/rabat")
    var there = try Desk("b", author: "field/amina")
    try here.put("x=1")
    try here.delete()
    try there.pull(from: here)
    try there.undelete()
    try here.undelete()
    try here.delete()
    try here.pull(from: there)
    #expect(!here.view.isDeleted)
    #expect(here.view.conflicts.map(\.path) == [.deleted])
    #expect(here.view.conflicts[0].siblings.map { $0.value == nil } == [true, false])
  }

  @Test func aWriteConcurrentWithAPurgeSurvivesAsAConflict() throws {
    var here = try Desk("a", author: "office/rabat")
    var there = try Desk("b", author: "field/amina")
    try here.put("name=secret", "city=Rabat")
    try there.pull(from: here)
    try there.put("city=Tanger")
    here.record.purge(as: try Dot(short: "a:2"), info: try WriteInfo(at: 5))
    #expect(here.view.isDeleted)
    #expect(here.fields == "{}")
    try here.pull(from: there)
    #expect(!here.view.isDeleted)
    #expect(here.fields == #"{"city":"Tanger"}"#)
    #expect(here.view.conflicts.map(\.isOpen) == [true])
  }

  @Test func aDeletionOfAnotherShapeSawNothing() throws {
    var desk = try Desk("a", author: "office/rabat")
    try desk.put("x=1")
    desk.record.write(
      [(.deleted, .value(.boolean(true)))], as: try Dot(short: "b:1"), info: try WriteInfo(at: 9))
    #expect(!desk.view.isDeleted)
    #expect(desk.view.conflicts.map(\.path) == [.deleted])
  }

  @Test func inADeletedRecordNothingIsOpen() throws {
    var here = try Desk("a", author: "office/rabat", schema: SchemaTests.project)
    var there = try Desk("b", author: "field/amina", schema: SchemaTests.project)
    try here.put("status=Active")
    try there.put("status=Closed")
    try here.pull(from: there)
    #expect(here.view.openConflictCount == 1)
    try here.delete()
    #expect(here.view.conflicts.map(\.isOpen) == [false])
  }

  @Test func policiesDecideWhatIsCurrentAndListed() throws {
    let schema = #"""
      {"fields": {"high": {"policy": "max"}, "low": {"policy": "min"}, "m": {"policy": "manual"}}}
      """#
    var here = try Desk("a", author: "office/rabat", schema: schema, wall: 1_000)
    var there = try Desk("b", author: "field/amina", schema: schema, wall: 2_000)
    try here.put("high=10", "low=10", "m=10", "l=10")
    try there.put("high=9.5", "low=9.5", "m=9.5", "l=9.5")
    try here.pull(from: there)
    #expect(here.fields == #"{"high":10,"l":9.5,"low":9.5,"m":9.5}"#)
    #expect(here.view.conflicts.map { "\($0.path) \($0.isOpen)" } == ["l false", "m true"])
    // The schema changes what is shown, not what is stored.
    #expect(RecordView(here.record).conflicts.count == 4)
  }

  @Test func aValueThatDoesNotFitIsKeptAndFlagged() throws {
    var free = try Desk("b", author: "field/amina")
    try free.put("budget=much", "status=Open", "partners/x/y=1", "jobs=1", "title/fr=ok")
    var desk = try Desk("a", author: "office/rabat", schema: SchemaTests.project)
    try desk.pull(from: free)
    #expect(
      desk.view.misfits.map(\.description) == ["budget", "partners/x/y", "status"])
    #expect(
      desk.fields
        == #"{"budget":"much","jobs":1,"partners":[1],"status":"Open","title":{"fr":"ok"}}"#)
    #expect(try json(desk).hasSuffix(#","misfits":["budget","partners/x/y","status"]}"#))
    #expect(desk.view.conflicts.isEmpty)
  }

  @Test func aNoteSaysWhoSatAtTheDesk() throws {
    var record = Record()
    record.write(
      [(try FieldPath("visits/1"), .value(.text("v"))), (try FieldPath("s"), .value(.null))],
      as: try Dot(short: "a:1"), info: try WriteInfo(at: 1, note: "Amina"))
    var other = Record()
    other.write(
      [(try FieldPath("s"), .absent)], as: try Dot(short: "b:1"), info: try WriteInfo(at: 2))
    try record.merge(other)
    let view = RecordView(
      record,
      schema: try Schema(json: JSONValue(parsing: #"{"fields":{"visits":{"policy":"journal"}}}"#)))
    #expect(
      view.fields.encoded()
        == #"{"visits":[{"at":"1970-01-01T00:00:00.001Z","author":"office/rabat","value":"v","note":"Amina"}]}"#
    )
    #expect(
      view.conflicts[0].values[1].encoded()
        == #"{"value":null,"dot":"\#(Self.a):1","author":"office/rabat","at":"1970-01-01T00:00:00.001Z","note":"Amina"}"#
    )
  }

  /// What is shown can be put into an empty record, and then shows the same.
  @Test(arguments: UInt64(1)...20)
  func shownFieldsMakeTheSameFieldsElsewhere(seed: UInt64) throws {
    var mesh = try Mesh(seed: seed)
    try mesh.run(steps: 60)
    for record in mesh.snapshots {
      let shown = RecordView(record).fields
      var copy = try Desk("z", author: "office/copy")
      try copy.merge(json: shown.encoded())
      let again = copy.fields
      // Bytes become texts without a schema; all else is the same.
      #expect(again == shown.encoded())
      #expect(try copy.merge(json: again).isEmpty)
    }
  }
}
