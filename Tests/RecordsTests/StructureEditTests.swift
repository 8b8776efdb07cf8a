import OfficeSyncRecords
import OfficeSyncTestSupport
import Testing

/// Edits of sets and journals.
@Suite struct StructureEditTests {
  static let schema = #"""
    {"fields": {"tags": {"type": "text", "policy": "set"},
      "codes": {"policy": "set", "allowed": [1, 2, 3.0]},
      "visits": {"type": "text", "policy": "journal"}}}
    """#

  private func desk(_ name: String = "a", wall: UInt64 = 1_000) throws -> Desk {
    try Desk(
      name, author: name == "a" ? "office/rabat" : "field/amina", schema: Self.schema, wall: wall)
  }

  private func reason(_ body: () throws -> Void) throws -> EditError.Reason {
    try #require(throws: EditError.self, performing: body).reason
  }

  // MARK: sets

  @Test func aListStatesTheWholeSet() throws {
    var desk = try desk()
    try desk.merge(json: #"{"tags":["b","a","a"]}"#)
    #expect(desk.fields == #"{"tags":["a","b"]}"#)
    let changes = try desk.merge(json: #"{"tags":["b","c"]}"#)
    #expect(changes.count == 2)
    #expect(desk.fields == #"{"tags":["b","c"]}"#)
    // What was removed comes back.
    try desk.put(#"tags=["a"]"#)
    #expect(desk.fields == #"{"tags":["a"]}"#)
    try desk.put("tags=[]")
    #expect(desk.fields == "{}")
  }

  @Test func elementsAreAddedAndRemovedOneByOne() throws {
    var desk = try desk()
    try desk.put("tags+=b", "tags+=500", "tags+=b")
    #expect(desk.fields == #"{"tags":["500","b"]}"#)
    #expect(try desk.put("tags+=b").isEmpty)
    #expect(try desk.put("tags-=b").count == 1)
    #expect(try desk.put("tags-=b", "tags-=never").isEmpty)
    #expect(desk.fields == #"{"tags":["500"]}"#)
    let path = try #require(desk.record.fields.first?.path)
    #expect(try path == FieldPath("tags").appending(Desk.segment(.text("500"))))
  }

  @Test func concurrentChangesOfDifferentElementsAllHoldAndAddingWins() throws {
    var (here, there) = (try desk("a"), try desk("b"))
    try here.put(#"tags=["x","y"]"#)
    try there.pull(from: here)
    try here.put("tags+=z", "tags-=x")
    try there.put("tags-=y")
    try there.put("tags+=w")
    // `there` removes and adds x again, not knowing of the removal here.
    try there.put("tags-=x")
    try there.put("tags+=x")
    try here.pull(from: there)
    try there.pull(from: here)
    #expect(here.fields == #"{"tags":["w","x","z"]}"#)
    #expect(there.fields == here.fields)
    #expect(here.view.conflicts.isEmpty)
  }

  @Test func equivalentTextsAreOneElement() throws {
    var (here, there) = (try desk("a"), try desk("b"))
    try here.put("tags+=F\u{E8}s")
    #expect(try here.put("tags+=Fe\u{300}s").isEmpty)
    try there.put("tags+=Fe\u{300}s")
    try here.pull(from: there)
    #expect(here.record.fields.count == 2)
    #expect(try here.view.leaves[0].value == JSONValue(parsing: "[\"F\u{E8}s\"]"))
    #expect(try here.put("tags-=Fes\u{300}").isEmpty)
    #expect(try here.put("tags-=Fe\u{300}s").count == 2)
    #expect(here.fields == "{}")
  }

  @Test func elementsObeyTypeAndAllowedValues() throws {
    var desk = try desk()
    try desk.put("codes+=1", "codes+=3")
    #expect(
      try reason { try desk.put("codes+=4") }
        == .notAllowed(.integer(4), allowed: [.integer(1), .integer(2), ValueTests.decimal("3.0")]))
    #expect(try reason { try desk.merge(json: #"{"tags":[1]}"#) } == .value(.notOfType(.text)))
    #expect(try reason { try desk.put("tags=a") } == .notAList(.set))
    #expect(try reason { try desk.put("title+=a") } == .notASetOrJournal)
    #expect(try reason { try desk.put("title-=a") } == .notASet)
    #expect(try reason { try desk.put("tags/x=a") } == .below(FieldPath("tags"), .set))
    #expect(try reason { try desk.put("-tags/x") } == .below(FieldPath("tags"), .set))
    #expect(
      try reason { try desk.merge(json: #"{"tags":{"x":1}}"#) }
        == .below(FieldPath("tags"), .set))
  }

  /// An element stands one segment deeper than its set.
  @Test func aSetStandsNoDeeperThanItsElementsMay() throws {
    let path = Array(repeating: "a", count: FieldPath.segmentsMax).joined(separator: "/")
    var desk = try Desk(
      "a", author: "office/rabat", schema: #"{"fields":{"\#(path)":{"policy":"set"}}}"#)
    #expect(
      try reason { try desk.put("\(path)+=x") }
        == .name(.tooManySegments(segmentsMax: FieldPath.segmentsMax)))
  }

  @Test func oneWriteSaysOneThingOfASet() throws {
    var desk = try desk()
    try desk.put("tags+=a")
    #expect(try reason { try desk.put("tags+=b", "tags-=b") } == .writtenTwice)
    #expect(try reason { try desk.put("tags-=a", "tags+=a") } == .writtenTwice)
    #expect(try reason { try desk.put("tags=[]", "tags+=b") } == .writtenTwice)
    #expect(try reason { try desk.put("tags+=b", "tags=[]") } == .writtenTwice)
  }

  @Test func whatWasWrittenBeforeTheSchemaCountsAndGivesWay() throws {
    var old = try Desk("a", author: "office/rabat")
    try old.merge(json: #"{"tags":["x","y"],"visits":"seen"}"#)
    var desk = try desk("b", wall: 5_000)
    try desk.pull(from: old)
    #expect(
      desk.fields
        == #"{"tags":["x","y"],"visits":[{"at":"1970-01-01T00:00:01.000Z","author":"office/rabat","value":"seen"}]}"#
    )
    #expect(try desk.view.misfits == [FieldPath("tags"), FieldPath("visits")])
    #expect(try desk.put("tags+=x").isEmpty)
    try desk.put("tags-=x", "tags+=z")
    #expect(try desk.view.leaves[0].value == JSONValue(parsing: #"["y","z"]"#))
    try desk.put(#"tags=["y"]"#)
    #expect(try desk.view.leaves[0].value == JSONValue(parsing: #"["y"]"#))
    #expect(try desk.view.misfits == [FieldPath("visits")])
  }

  // MARK: journals

  @Test func entriesAreAppendedInTimeOrder() throws {
    var (here, there) = (try desk("a", wall: 2_000), try desk("b", wall: 1_000))
    try here.put("visits+=second")
    try there.put("visits+=first")
    try here.pull(from: there)
    #expect(
      here.fields
        == #"{"visits":[{"at":"1970-01-01T00:00:01.000Z","author":"field/amina","value":"first"},"#
        + #"{"at":"1970-01-01T00:00:02.000Z","author":"office/rabat","value":"second"}]}"#)
    let last = try #require(here.record.fields.last?.path)
    #expect(
      last.description == "visits/00000000" + "07d00001" + "00000000000000000000000000000061")
  }

  @Test func aListAddsTheEntriesThatAreNotThere() throws {
    var desk = try desk()
    #expect(try desk.merge(json: #"{"visits":["a","b","a"]}"#).count == 3)
    #expect(try desk.merge(json: #"{"visits":["a","a","b"]}"#).isEmpty)
    #expect(try desk.merge(json: #"{"visits":["b","a"]}"#).isEmpty)
    #expect(try desk.merge(json: #"{"visits":["c","b","b"]}"#).count == 2)
    #expect(values(desk) == ["a", "b", "a", "c", "b"])
  }

  @Test func whatTheViewShowsCanBePutBack() throws {
    var desk = try desk()
    try desk.put("visits+=a", "visits+=[1]")
    let shown = desk.fields
    #expect(try desk.merge(json: shown).isEmpty)
    var other = try self.desk("b")
    #expect(try other.merge(json: shown).count == 2)
    #expect(try other.merge(json: shown).isEmpty)
    #expect(values(other) == ["a", "[1]"])
    #expect(other.fields != shown)
  }

  @Test func anEqualEntryIsAppendedAgain() throws {
    var desk = try desk()
    try desk.put("visits+=nothing new", "visits+=nothing new")
    try desk.put("visits+=nothing new")
    #expect(values(desk).count == 3)
  }

  @Test func anEntryKeepsItsPathThoughTheClockWasSetBack() throws {
    var desk = try desk()
    try desk.put("visits+=a")
    try desk.put("visits+=b")
    let editor = desk.editor
    // A clock that gives every reading of the first two again.
    var clock = HybridClock(latest: HybridTime(milliseconds: 1_000))
    let changes = try editor.changes([Edit(assignment: "visits+=c")], to: desk.record) {
      clock.tick(wallMilliseconds: 0)
    }
    let path = try #require(changes.first?.path)
    #expect(changes.count == 1)
    #expect(desk.record.siblings(at: path).isEmpty)
    #expect(values(desk) == ["a", "b"])
  }

  @Test func journalsOnlyGrow() throws {
    var desk = try desk()
    try desk.put("visits+=a")
    #expect(try reason { try desk.put("visits-=a") } == .appendOnly)
    #expect(try reason { try desk.put("-visits") } == .appendOnly)
    #expect(try reason { try desk.put("visits=a") } == .notAList(.journal))
    #expect(try desk.put("visits=[]").isEmpty)
    for bad in [#"[{"at":"x"}]"#, #"[{"value":"x","by":"y"}]"#] {
      #expect(try reason { try desk.merge(json: #"{"visits":\#(bad)}"#) } == .badEntry)
    }
    #expect(
      try reason { try desk.merge(json: #"{"visits":[{"value":1}]}"#) } == .value(.notOfType(.text))
    )
  }

  private func values(_ desk: Desk) -> [String] {
    guard
      case .array(let entries)? = desk.view.leaves.first(where: {
        $0.path.description == "visits"
      })?.value
    else { return [] }
    return entries.compactMap {
      guard case .object(let members) = $0,
        case .string(let text)? = members.first(where: { $0.name == "value" })?.value
      else { return nil }
      return text
    }
  }
}
