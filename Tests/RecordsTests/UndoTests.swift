import OfficeSyncRecords
import OfficeSyncTestSupport
import Testing

/// `undo`: which earlier value is meant, and what is refused.
@Suite struct UndoTests {
  private let me = ReplicaID(high: 0xAB00_0000_0000_0000, low: 1)
  private let other = ReplicaID(high: 0xAC00_0000_0000_0000, low: 2)

  /// A record with what was overtaken in it, as a store keeps both.
  private struct Desk {
    var record = Record()
    var earlier: [OvertakenSibling] = []
    let editor: RecordEditor
    let replica: ReplicaID
    private var counter: UInt64 = 0

    init(_ schema: Schema = .none, as replica: ReplicaID) {
      self.replica = replica
      editor = RecordEditor(schema: schema, replica: replica) { "e-\($0.json.encoded())" }
    }

    private func info() throws -> WriteInfo {
      WriteInfo(
        time: HybridTime(milliseconds: counter), author: try Identity("office/rabat"))
    }

    mutating func write(_ changes: [Record.Change]) throws {
      if changes.isEmpty { return }
      let before = record
      counter += 1
      record.write(changes, as: Dot(replica, counter), info: try info())
      note(before)
    }

    mutating func edit(_ assignments: String...) throws {
      let time = HybridTime(milliseconds: counter + 1)
      try write(
        editor.changes(assignments.map { try Edit(assignment: $0) }, to: record) { time })
    }

    mutating func undo(_ path: FieldPath, to: String? = nil) throws {
      let pattern = try to.map { try #require(DotPattern($0)) }
      try write(editor.changes(undoing: path, to: pattern, in: record, earlier: earlier))
    }

    /// Somebody else writes without having seen anything.
    mutating func concurrent(_ path: String, _ text: String, as dot: Dot) throws {
      let before = record
      var theirs = Record()
      theirs.write(
        [(try FieldPath(path), .value(.text(text)))], as: dot,
        info: WriteInfo(time: HybridTime(milliseconds: 100), author: try Identity("office/fes")))
      try record.merge(theirs)
      note(before)
    }

    private mutating func note(_ before: Record) {
      for field in before.fields {
        let now = record.siblings(at: field.path)
        for sibling in field.siblings where !now.contains(where: { $0.dot == sibling.dot }) {
          earlier.append(
            OvertakenSibling(
              path: field.path, sibling: sibling, milliseconds: counter,
              by: now.map(\.dot).max()))
        }
      }
    }

    func shown(_ path: String = "x") throws -> String {
      let view = RecordView(record, schema: editor.schema)
      return view.leaves.first { $0.path.description == path }?.value.encoded() ?? "-"
    }
  }

  private func schema(_ policy: Policy, type: FieldType = .any) throws -> Schema {
    var rule = FieldRule()
    rule.policy = policy
    rule.type = type
    return try Schema([FieldPattern(try FieldPath("x")): rule])
  }

  private func reason(_ body: () throws -> Void) -> EditError.Reason? {
    do {
      try body()
      return nil
    } catch {
      return (error as? EditError)?.reason
    }
  }

  @Test func theValueBeforeTheCurrentOneAndBackAgain() throws {
    var desk = Desk(as: me)
    let path = try FieldPath("x")
    try desk.edit("x=1")
    try desk.edit("x=2")
    try desk.undo(path)
    #expect(try desk.shown() == "1")
    #expect(desk.record.siblings(at: path).map(\.dot) == [Dot(me, 3)])
    try desk.undo(path)
    #expect(try desk.shown() == "2")
    try desk.write([(path, .absent)])
    try desk.undo(path)
    #expect(try desk.shown() == "2")
    try desk.undo(path)
    #expect(try desk.shown() == "-")
  }

  @Test func anyEarlierValueByItsWrite() throws {
    var desk = Desk(as: me)
    let path = try FieldPath("x")
    for value in 1...4 { try desk.edit("x=\(value)", "y=\(value)") }
    try desk.undo(path, to: "AB:2")
    #expect(try desk.shown() == "2")
    #expect(try desk.shown("y") == "4")
    try desk.undo(path, to: Dot(me, 1).shortened)
    #expect(try desk.shown() == "1")
    // It is there already.
    let clock = desk.record.clock
    try desk.undo(path, to: "ab:6")
    #expect(desk.record.clock == clock)
    #expect(
      reason { try desk.undo(path, to: "ab:9") } == DotPattern("ab:9").map { .unknownEarlier($0) })
    #expect(
      reason { try desk.undo(path, to: "ac:1") } == DotPattern("ac:1").map { .unknownEarlier($0) })
  }

  @Test(arguments: ["", ":1", "x", "ab", "ab:", "zz:1", "ab:1:2", "ab:-1"])
  func whatIsNoDotIsNone(text: String) {
    #expect(DotPattern(text) == nil)
  }

  @Test func wherePeopleDisagreeOneIsToBeNamed() throws {
    var desk = Desk(as: me)
    let path = try FieldPath("x")
    try desk.edit("x=mine")
    try desk.concurrent("x", "theirs", as: Dot(other, 1))
    #expect(reason { try desk.undo(path) } == .contested)
    try desk.undo(path, to: "ac:1")
    #expect(try desk.shown() == "\"theirs\"")
    #expect(desk.record.siblings(at: path).count == 1)
    // Of the two that were settled the other one.
    try desk.undo(path)
    #expect(try desk.shown() == "\"mine\"")
  }

  @Test func aShortNameMustMeanOneWrite() throws {
    var desk = Desk(as: me)
    try desk.edit("x=mine")
    try desk.concurrent("x", "theirs", as: Dot(other, 1))
    let pattern = try #require(DotPattern("a:1"))
    // The last that fits, on one path; a set has several.
    try desk.undo(try FieldPath("x"), to: "a:1")
    #expect(try desk.shown() == "\"theirs\"")
    var set = Desk(try schema(.set), as: me)
    try set.edit("x+=one")
    try set.concurrent("x/e-two", "two", as: Dot(other, 1))
    #expect(
      reason { try set.undo(try FieldPath("x"), to: "a:1") } == .ambiguousEarlier(pattern))
  }

  @Test func ofASetTheLastChangeIsTakenBack() throws {
    var desk = Desk(try schema(.set), as: me)
    let path = try FieldPath("x")
    try desk.edit(#"x=["a","b"]"#)
    try desk.edit("x+=c", "x-=a")
    #expect(try desk.shown() == #"["b","c"]"#)
    try desk.undo(path)
    #expect(try desk.shown() == #"["a","b"]"#)
    try desk.undo(path)
    #expect(try desk.shown() == #"["b","c"]"#)
    // What the first write did is done again.
    try desk.undo(path, to: "ab:1")
    #expect(try desk.shown() == #"["a","b","c"]"#)
    // One element by itself.
    try desk.undo(try FieldPath(#"x/e-"b""#))
    #expect(try desk.shown() == #"["a","c"]"#)
  }

  @Test func whatStandsInAJournalStays() throws {
    var desk = Desk(try schema(.journal), as: me)
    try desk.edit("x+=seen")
    #expect(reason { try desk.undo(try FieldPath("x")) } == .appendOnly)
    let entry = try #require(desk.record.fields.first?.path)
    #expect(reason { try desk.undo(entry) } == .appendOnly)
  }

  @Test func withoutAnEarlierValueNothingIsWritten() throws {
    var desk = Desk(as: me)
    #expect(reason { try desk.undo(try FieldPath("x")) } == .noEarlierValue)
    try desk.edit("x=1", "y/z=1")
    #expect(reason { try desk.undo(try FieldPath("x")) } == .noEarlierValue)
    #expect(reason { try desk.undo(try FieldPath("y")) } == .noEarlierValue)
    #expect(reason { try desk.undo(.deleted) } == .noEarlierValue)
  }

  @Test func whatTheSchemaDoesNotAllowAnyMoreIsRefused() throws {
    var free = Desk(as: me)
    try free.edit("x=text")
    try free.edit("x=5")
    var desk = Desk(try schema(.latest, type: .integer), as: me)
    (desk.record, desk.earlier) = (free.record, free.earlier)
    #expect(reason { try desk.undo(try FieldPath("x")) } == .value(.notOfType(.integer)))
  }

  @Test func aDeletionIsUndoneAndDoneAgain() throws {
    var desk = Desk(as: me)
    try desk.edit("x=1")
    try desk.edit("x=2")
    try desk.write(desk.record.deletion)
    #expect(reason { try desk.undo(try FieldPath("x")) } == .deleted)
    try desk.undo(.deleted)
    #expect(!DeletionState(of: desk.record).isDeleted)
    #expect(try desk.shown() == "2")
    try desk.undo(.deleted)
    #expect(DeletionState(of: desk.record).isDeleted)
    try desk.undo(.deleted, to: "ab:4")
    #expect(!DeletionState(of: desk.record).isDeleted)
    #expect(
      reason { try desk.undo(.deleted, to: "ab:1") }
        == DotPattern("ab:1").map { .unknownEarlier($0) })
    try desk.write(desk.record.deletion)
    try desk.concurrent("y", "late", as: Dot(other, 1))
    #expect(reason { try desk.undo(.deleted) } == .contested)
  }
}
