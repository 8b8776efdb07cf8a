import OfficeSyncRecords
import Testing

@testable import syncclient

struct ImportPlanTests {
  /// What an import makes of a file: its drafts as text, and its problems.
  private struct Outcome {
    var drafts: [String] = []
    var problems: [ImportProblem] = []

    init(
      _ csv: String, map: String? = nil, id: String? = nil, empty: EmptyCells = .leaveOut,
      schema: String = "{}"
    ) throws {
      let reading = CSVReading(csv)
      let header = try #require(reading.header)
      var problems = reading.problems
      let plan = ImportPlan(
        map: try map.map { try ImportMap(json: Array($0.utf8)) }, header: header, idColumn: id,
        empty: empty, schema: try Schema(json: JSONValue(parsing: schema)),
        report: { problems.append($0) })
      for row in reading.rows {
        guard let draft = plan?.draft(of: row, report: { problems.append($0) }) else { continue }
        let edits = draft.edits.map { Self.text($0) }.joined(separator: " ")
        drafts.append("\(draft.line) \(draft.id): \(edits)")
      }
      self.problems = problems
    }

    private static func text(_ edit: Edit) -> String {
      switch edit {
      case .set(let path, .value(let value)): "\(path)=\(text(value))"
      case .set(let path, .json(let json)): "\(path)=\(json.encoded())"
      case .unset(let path): "\(path)=absent"
      case .set(_, .typed), .add, .remove: "?"
      }
    }

    private static func text(_ value: Value) -> String {
      switch value {
      case .text(let text): "'\(text)'"
      case .integer(let number): "\(number)"
      case .decimal(let number): "\(number.text)d"
      case .double(let number): "\(number.value)f"
      case .boolean(let flag): "\(flag)"
      case .date(let date): "\(date)"
      case .timestamp(let timestamp): "\(timestamp)"
      case .list(let values): "[\(values.map(text).joined(separator: ","))]"
      case .bytes(let bytes): "\(bytes)"
      case .null, .object: "?"
      }
    }
  }

  @Test func withoutAMapColumnsAreTextAtTheirOwnPaths() throws {
    let outcome = try Outcome("id,title/fr,n\nx, é ,12\n")
    #expect(outcome.problems.isEmpty)
    #expect(outcome.drafts == ["2 x: title/fr=' é ' n='12'"])
    #expect(try Outcome("code,n\nx,1\n", id: "code").drafts == ["2 x: n='1'"])
  }

  @Test func schemaGivesTypesWhereTheMapIsSilent() throws {
    let schema = #"""
      {"fields": {"n": {"type": "integer"}, "d": {"type": "date"}, "f": {"type": "double"},
                  "tags": {"type": "text", "policy": "set"}, "b": {"type": "bytes"},
                  "l": {"type": "list"}}}
      """#
    let outcome = try Outcome(
      #"""
      id;n;d;tags;f;b;l
      x;-7;2024-02-29;a,b;0.1;AQI=;"[1,""x""]"
      """#, schema: schema)
    #expect(
      outcome.drafts == ["2 x: n=-7 d=2024-02-29 tags=['a,b'] f=0.1f b=[1, 2] l=[1,'x']"])
    let map = #"""
      {"columns": {"n": {"path": "n", "type": "text"}, "d": "d", "f": "f",
                   "tags": {"path": "tags", "split": ";"}}}
      """#
    let mapped = try Outcome(
      "id,n,d,tags,f\nx,-7,2024-02-29,b ; a;;b,1\n", map: map, schema: schema)
    #expect(mapped.drafts == ["2 x: n='-7' d=2024-02-29 tags=['b','a','b'] f=1.0f"])
  }

  @Test func emptyCellsAreLeftOutOrRemoved() throws {
    let map = #"""
      {"columns": {"a": {"path": "a", "type": "date", "values": {"n/a": ""}},
                   "b": {"path": "b", "split": ";"}}, "constants": {"k": 1}}
      """#
    let csv = "id,a,b\nx,,\ny,n/a,;\n"
    #expect(try Outcome(csv, map: map).drafts == ["2 x: k=1", "3 y: k=1"])
    #expect(
      try Outcome(csv, map: map, empty: .unset).drafts == [
        "2 x: a=absent b=absent k=1", "3 y: a=absent b=absent k=1",
      ])
  }

  @Test func columnsOfOneListPathJoin() throws {
    let map =
      #"{"columns": {"s1": {"path": "s", "list": true}, "s2": {"path": "s", "split": ";"}}}"#
    let csv = "s2,id,s1\n2;3,x,1\n,y,1\n,z,\n"
    #expect(try Outcome(csv, map: map).drafts == ["2 x: s=['2','3','1']", "3 y: s=['1']", "4 z: "])
  }

  @Test func numbersAndDatesOfTheMap() throws {
    let map = #"""
      {"decimal": ",", "grouping": " ", "dates": ["%d/%m/%Y", "%m/%d/%Y %I:%M:%S %p"],
       "columns": {"m": {"path": "m", "type": "decimal"}, "d": {"path": "d", "type": "date"},
                   "t": {"path": "t", "type": "timestamp"}, "b": {"path": "b", "type": "boolean",
                   "values": {"oui": "true"}}}}
      """#
    let outcome = try Outcome(
      "id;m;d;t;b\nx;-1 234,50;31/12/2024;1/2/2024 1:02:03 PM;oui\n", map: map)
    #expect(
      outcome.drafts == ["2 x: m=-1234.50d d=2024-12-31 t=2024-01-02T13:02:03.000Z b=true"])
  }

  @Test func constantsFollowTheSchema() throws {
    let schema = #"""
      {"fields": {"d": {"type": "date"}, "s": {"type": "integer", "policy": "set"}}}
      """#
    let map = #"{"columns": {}, "constants": {"d": "2024-01-01", "s": 5, "x": 1.50, "b": false}}"#
    #expect(
      try Outcome("id\nx\n", map: map, schema: schema).drafts == [
        #"2 x: d="2024-01-01" s=[5] x=1.50 b=false"#
      ])
    let wrong = try Outcome("id\nx\n", map: #"{"constants": {"d": "soon"}}"#, schema: schema)
    #expect(wrong.problems.map(\.field) == ["d"])
  }

  @Test(arguments: [
    (
      "n,m\n1,2\n", #"{"columns": {"n": "n", "m": "m"}}"# as String?,
      ImportProblem.Reason.noIDColumn("id"),
      nil as String?
    ),
    ("id,n\n1,2\n", #"{"columns": {}}"#, .unmappedColumn, "n"),
    ("id,n,m\n1,2,3\n", #"{"columns": {"n": "a/b", "m": "a"}}"#, .pathTaken(by: "n"), "m"),
    ("id,n,m\n1,2,3\n", #"{"columns": {"n": "a", "m": "a"}}"#, .pathTaken(by: "n"), "m"),
    (
      "id,n\n1,2\n", #"{"columns": {"n": "a"}, "constants": {"a/b": 1}}"#, .pathTaken(by: "n"),
      "a/b"
    ),
    ("id\n1\n", #"{"constants": {"a/b": 1, "a": 1}}"#, .pathTaken(by: "a/b"), "a"),
    ("id,a=b\n1,2\n", nil, .badPath(.badEscape), "a=b"),
    ("id,$deleted\n1,2\n", nil, .badPath(.reserved), "$deleted"),
  ])
  func mapAndHeaderMustFit(
    csv: String, map: String?, reason: ImportProblem.Reason, field: String?
  ) throws {
    let outcome = try Outcome(csv, map: map)
    #expect(outcome.problems == [ImportProblem(line: 1, field: field, reason: reason)])
    #expect(outcome.drafts.isEmpty)
  }

  @Test func everyProblemOfARowIsTold() throws {
    let schema = #"""
      {"fields": {"n": {"type": "integer"}, "d": {"type": "date"}, "b": {"type": "boolean"},
                  "t": {"type": "timestamp"}}}
      """#
    let outcome = try Outcome("id,n,d,b,t\n,1.5,30/2/2024,yes,now\nx,,,,\n", schema: schema)
    #expect(outcome.drafts == ["3 x: "])
    #expect(outcome.problems.map(\.line) == [2, 2, 2, 2, 2])
    #expect(outcome.problems.map(\.field) == ["id", "n", "d", "b", "t"])
    #expect(outcome.problems.first?.reason == .noID)
    #expect(
      outcome.problems.last?.description == "line 2, t: this is not a time, YYYY-MM-DDThh:mm:ssZ")
  }

  @Test(arguments: [
    "9223372036854775808", "1.0", "01", "+1", "1e3", " 1", "٣", "1,5", "0x1", "inf",
  ])
  func odditiesAreNoIntegers(cell: String) throws {
    let outcome = try Outcome(
      "id;n\nx;\(cell)\n", schema: #"{"fields": {"n": {"type": "integer"}}}"#)
    #expect(outcome.problems.map(\.reason) == [.notOfType("a whole number within 64 bits")])
  }

  @Test(arguments: ["1e999", "nan", "infinity", "0x1p3", "01.5", ".5", "5."])
  func odditiesAreNoDoubles(cell: String) throws {
    let outcome = try Outcome(
      "id;n\nx;\(cell)\n", schema: #"{"fields": {"n": {"type": "double"}}}"#)
    #expect(outcome.problems.map(\.reason) == [.notOfType("a number")])
  }

  @Test func dateDoesNotDropATime() throws {
    let map = #"{"dates": ["%Y-%m-%d %H:%M"], "columns": {"d": {"path": "d", "type": "date"}}}"#
    let outcome = try Outcome("id,d\nx,2024-01-01 00:00\ny,2024-01-01 00:01\n", map: map)
    #expect(outcome.drafts == ["2 x: d=2024-01-01"])
    #expect(outcome.problems == [ImportProblem(line: 3, field: "d", reason: .dateHasTime)])
  }

  @Test func badIDsAreNamed() throws {
    let long = String(repeating: "x", count: RecordID.bytesMax + 1)
    let outcome = try Outcome("id,t\na,1\n$c,1\n\(long),2\n")
    #expect(outcome.drafts.count == 1)
    #expect(
      outcome.problems == [
        ImportProblem(line: 3, field: "id", reason: .badID(.reserved)),
        ImportProblem(line: 4, field: "id", reason: .badID(.tooLong(bytesMax: RecordID.bytesMax))),
      ])
  }

  @Test func refusedWritesAreNamedByColumn() throws {
    let map = try ImportMap(json: Array(#"{"columns": {"Statut": "status"}}"#.utf8))
    let schema = try Schema(
      json: JSONValue(parsing: #"{"fields": {"status": {"type": "text", "allowed": ["Active"]}}}"#))
    let plan = try #require(
      ImportPlan(
        map: map, header: ["id", "Statut"], schema: schema, report: { Issue.record($0) }))
    let editor = RecordEditor(
      schema: schema, replica: ReplicaID(high: 0, low: 1), elementSegment: { $0.json.encoded() })
    func problem(_ status: String) throws -> ImportProblem? {
      let row = CSVRow(line: 7, cells: ["x", status])
      let draft = try #require(plan.draft(of: row, report: { Issue.record($0) }))
      do {
        _ = try editor.changes(draft.edits, to: Record(), nextTime: { .zero })
        return nil
      } catch {
        return plan.problem(error, of: draft)
      }
    }
    #expect(try problem("Active") == nil)
    #expect(
      try problem("Open")?.description
        == #"line 7, Statut: "Open" is not one of the allowed values "Active""#)
    let long = try problem(String(repeating: "x", count: WriteLimits.textBytesMax + 1))
    #expect(long?.field == "Statut")
  }

  @Test func typesOfTheMapHoldWithoutASchema() throws {
    let edits: [Edit] = [
      .set(try FieldPath("d"), .value(.date(try #require(CivilDate("2024-01-01"))))),
      .set(try FieldPath("n"), .value(.decimal(try #require(DecimalNumber("12"))))),
    ]
    let editor = RecordEditor(
      schema: .none, replica: ReplicaID(high: 0, low: 1), elementSegment: { $0.json.encoded() })
    let changes = try editor.changes(edits, to: Record(), nextTime: { .zero })
    #expect(changes.map { Edit.set($0.path, .value($0.content.valueOrNull)) } == edits)
    let typed = RecordEditor(
      schema: try Schema(json: JSONValue(parsing: #"{"fields": {"d": {"type": "text"}}}"#)),
      replica: ReplicaID(high: 0, low: 1), elementSegment: { $0.json.encoded() })
    #expect(throws: EditError.self) { try typed.changes(edits, to: Record(), nextTime: { .zero }) }
  }
}

extension Sibling.Content {
  fileprivate var valueOrNull: Value {
    if case .value(let value) = self { value } else { .null }
  }
}
