import OfficeSyncRecords
import OfficeSyncTestSupport
import Testing

@Suite struct EditTests {
  private func desk(_ schema: String = SchemaTests.project) throws -> Desk {
    try Desk("a", author: "office/rabat", schema: schema)
  }

  private func reason(_ body: () throws -> Void) throws -> EditError.Reason {
    try #require(throws: EditError.self, performing: body).reason
  }

  @Test func valuesGetTheirTypesFromTheSchema() throws {
    var desk = try desk()
    try desk.put(
      "title/fr=500", "budget=1500.00", "milestones/m1/due=2026-03-31", "jobs=500", "x=a b")
    #expect(
      desk.fields
        == #"{"budget":1500.00,"jobs":500,"milestones":{"m1":{"due":"2026-03-31"}},"#
        + #""title":{"fr":"500"},"x":"a b"}"#)
    #expect(
      try desk.view.value(at: FieldPath("milestones/m1/due"))
        == .date(#require(CivilDate("2026-03-31"))))
  }

  @Test func mergingLeavesOtherFieldsAndAnObjectStatesThePathsBelow() throws {
    var desk = try desk("{}")
    try desk.merge(json: #"{"a":1,"m":{"x":1,"y":[]}}"#)
    try desk.put(#"m={"x":2,"z":{"w":3}}"#)
    #expect(desk.fields == #"{"a":1,"m":{"x":2,"y":[],"z":{"w":3}}}"#)
  }

  @Test func anObjectWithAReservedNameIsRefused() throws {
    var desk = try desk("{}")
    guard case .flatten(let error) = try reason({ try desk.put(#"m={"x":1,"$y":2}"#) }) else {
      Issue.record("it was refused for another reason")
      return
    }
    #expect(error.path == "m/$y")
    #expect(error.reason == .name(.reserved))
    #expect(desk.record.fields.isEmpty)
  }

  @Test func whatIsThereAlreadyIsNoChange() throws {
    var desk = try desk()
    let json =
      #"{"title":{"fr":"Fès"},"budget":1.50,"partners":["b","a"],"visits":["v"],"o":{},"n":null}"#
    #expect(try desk.merge(json: json).count == 7)
    #expect(try desk.merge(json: json).isEmpty)
    // One size, other digits; one text, other code points: a user may mean that.
    #expect(try desk.put("budget=1.5").count == 1)
    #expect(try desk.put("title/fr=Fe\u{300}s").count == 1)
  }

  @Test func anEqualValueSettlesSiblingsThatDiffer() throws {
    var here = try desk()
    var there = try Desk("b", author: "office/fes", schema: SchemaTests.project, wall: 9_000)
    try here.put("status=Active")
    try there.put("status=Closed")
    try here.pull(from: there)
    #expect(try here.put("status=Closed").count == 1)
    #expect(here.view.conflicts.isEmpty)
    #expect(try here.put("status=Closed").isEmpty)
  }

  @Test func equivalentSiblingsNeedNoSettling() throws {
    var here = try desk("{}")
    var there = try Desk("b", author: "office/fes", wall: 9_000)
    try here.put("city=F\u{E8}s")
    try there.put("city=Fe\u{300}s")
    try here.pull(from: there)
    #expect(try here.record.siblings(at: FieldPath("city")).count == 2)
    #expect(here.view.conflicts.isEmpty)
    #expect(try here.put("city=Fe\u{300}s").isEmpty)
  }

  @Test func unsetTakesTheWholeSubtree() throws {
    var desk = try desk()
    try desk.merge(json: #"{"m":{"x":1,"y":{"z":2}},"m x":3,"partners":["a"]}"#)
    #expect(try desk.put("-m", "-partners", "-nothing").map(\.path.description).count == 3)
    #expect(desk.fields == #"{"m x":3}"#)
    #expect(try desk.put("-m").isEmpty)
    try desk.put("m/x=1")
    #expect(desk.fields == #"{"m":{"x":1},"m x":3}"#)
  }

  @Test func valuesThatDoNotFitAreRefused() throws {
    var desk = try desk()
    #expect(try reason { try desk.put("budget=much") } == .value(.notOfType(.decimal)))
    let error = try #require(throws: EditError.self) { try desk.put("a=1", "status=Open") }
    #expect(
      error.description
        == #"status: "Open" is not one of the allowed values "Active", "Closed""#)
    #expect(
      try reason { try desk.put(#"milestones={"m1":{"due":1}}"#) } == .value(.notOfType(.date)))
    #expect(desk.record == Record())
  }

  /// Also where what is stated leaves no path written twice: the first object would be lost to whoever meant the second.
  @Test(arguments: [#"a={"y":2}"#, "a=2", "a=[2]"])
  func anObjectAndSomethingElseAtOnePathContradict(second: String) throws {
    var desk = try desk("{}")
    #expect(try reason { try desk.put(#"a={"x":1}"#, second) } == .writtenTwice)
    #expect(desk.record == Record())
  }

  @Test func aPathIsWrittenOnce() throws {
    var desk = try desk()
    #expect(try reason { try desk.put("a=1", "a=1") } == .writtenTwice)
    #expect(try reason { try desk.put("a/b=1", #"a={"b":2}"#) } == .writtenTwice)
    try desk.put("a/b=1")
    #expect(try reason { try desk.put("-a", "a/b=2") } == .writtenTwice)
    #expect(try desk.put("-a", "-a/b").count == 1)
  }

  @Test func reservedPathsAreRefused() throws {
    var desk = try desk()
    #expect(try reason { try desk.put("$deleted=true") } == .reserved)
    #expect(throws: NameError.reserved) { try desk.put("a/$value=1") }
    #expect(throws: NameError.malformed) { try Edit(assignment: "a") }
    #expect(throws: NameError.empty) { try Edit(assignment: "=1") }
    #expect(try Edit(assignment: "a=b=c") == .set(FieldPath("a"), .typed("b=c")))
  }

  @Test func nothingIsEditedBeneathADeletion() throws {
    var desk = try desk()
    try desk.put("a=1")
    try desk.delete()
    #expect(try reason { try desk.put("a=2") } == .deleted)
    #expect(try reason { try desk.put("-a") } == .deleted)
    #expect(try desk.put("a=1").isEmpty)
    try desk.undelete()
    #expect(try desk.put("a=2").count == 1)
  }

  @Test func deletingIsOneWriteAndUndeletingToo() throws {
    var desk = try desk()
    #expect(desk.record.deletion.isEmpty)
    #expect(desk.record.undeletion.isEmpty)
    try desk.put("a=1")
    try desk.delete()
    #expect(desk.record.deletion.isEmpty)
    try desk.undelete()
    #expect(desk.record.undeletion.isEmpty)
    #expect(!desk.view.isDeleted)
    #expect(desk.fields == #"{"a":1}"#)
  }

  @Test func limitsHoldForOneWrite() throws {
    var desk = try desk("{}")
    let long = String(repeating: "é", count: WriteLimits.textBytesMax / 2)
    #expect(try reason { try desk.put("a=\(long)x") } == .textTooLong(bytesMax: 65_536))
    #expect(try reason { try desk.put(#"a=["\#(long)x"]"#) } == .textTooLong(bytesMax: 65_536))
    #expect(try desk.put("a=\(long)").count == 1)
    #expect(
      try reason { try desk.put("b=\(long)", "c=\(long)", "d=\(long)", "e=\(long)") }
        == .tooLarge(bytesMax: 262_144))
    let many = try (0..<1_025).map { Edit.set(try FieldPath("f/\($0)"), .typed("1")) }
    #expect(try reason { try desk.write(many) } == .tooManyPaths(pathsMax: 1_024))
    #expect(try desk.write(Array(many.dropLast())).count == 1_024)
  }

  @Test func aFullRecordCanOnlyShrink() throws {
    var desk = try desk("{}")
    let text = String(repeating: "x", count: 65_000)
    for index in 0..<6 {
      try desk.put("a\(index)=\(text)", "b\(index)=\(text)", "c\(index)=\(text)")
    }
    #expect(desk.record.sizeBytes > WriteLimits.recordBytesSoftMax)
    #expect(try reason { try desk.put("d=1") } == .recordFull)
    #expect(try reason { try desk.put("a0=\(text)y") } == .recordFull)
    #expect(try desk.put("a0=short").count == 1)
  }
}
