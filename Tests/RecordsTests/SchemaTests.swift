import OfficeSyncRecords
import OfficeSyncTestSupport
import Testing

@Suite struct SchemaTests {
  static let project = #"""
    {"fields": {
      "title/fr": {"type": "text", "policy": "latest",
                   "label": {"fr": "Intitulé", "ar": "العنوان", "en": "Title"}},
      "status": {"type": "text", "policy": "manual", "allowed": ["Active", "Closed"]},
      "partners": {"type": "text", "policy": "set"},
      "visits": {"type": "text", "policy": "journal"},
      "budget": {"type": "decimal", "policy": "manual"},
      "milestones/*/due": {"type": "date"}}}
    """#

  private func schema(_ json: String) throws -> Schema {
    try Schema(json: JSONValue(parsing: json))
  }

  @Test func aFileIsRead() throws {
    let schema = try schema(Self.project)
    let title = try schema.rule(for: FieldPath("title/fr"))
    #expect(title.type == .text)
    #expect(title.label == ["fr": "Intitulé", "ar": "العنوان", "en": "Title"])
    let status = try schema.rule(for: FieldPath("status"))
    #expect(status.policy == .manual)
    #expect(status.allowed == [.text("Active"), .text("Closed")])
    #expect(try schema.rule(for: FieldPath("milestones/m1/due")).type == .date)
    #expect(try schema.rule(for: FieldPath("milestones/m1/x")) == .standard)
    #expect(try schema.rule(for: FieldPath("milestones/due")) == .standard)
    #expect(try Schema.none.rule(for: FieldPath("title")) == .standard)
    #expect(Set([schema, .none, try self.schema(Self.project)]).count == 2)
  }

  @Test func whatIsWrittenIsReadTheSame() throws {
    let schema = try schema(Self.project)
    #expect(try Schema(json: JSONValue(parsing: schema.json.encoded())) == schema)
    #expect(
      try self.schema(#"{"fields":{"b":{"type":"date","allowed":["2026-01-01"]},"a":{}}}"#).json
        .encoded()
        == #"{"fields":{"a":{"type":"any","policy":"latest"},"#
        + #""b":{"type":"date","policy":"latest","allowed":["2026-01-01"]}}}"#)
    #expect(try self.schema("{}") == .none)
  }

  @Test func theMostSpecificPatternHolds() throws {
    let schema = try schema(
      #"""
      {"fields": {"*/*": {"type": "text"}, "*/b": {"type": "integer"}, "a/*": {"type": "date"},
        "a/b": {"type": "list"}, "*": {"type": "boolean"}, "*/*/c": {"type": "double"},
        "*/x/*": {"type": "bytes"}, "a/*/*": {"type": "boolean"}, "*/b/k": {"type": "timestamp"}}}
      """#)
    for (path, type) in [
      ("a/b", FieldType.list), ("a/z", .date), ("z/b", .integer), ("z/z", .text), ("a", .boolean),
      ("z/z/c", .double), ("z/x/z", .bytes), ("z/x/c", .bytes), ("z/z/z", .any),
      ("a/b/k", .timestamp), ("a/z/k", .boolean),
    ] {
      #expect(try schema.rule(for: FieldPath(path)).type == type, "\(path)")
    }
  }

  @Test(arguments: [
    ("[]", "schema: a JSON object belongs here"),
    (#"{"field":{}}"#, #"schema: "field" is not a key of a schema"#),
    (#"{"fields":[]}"#, "schema: a JSON object belongs here"),
    (#"{"fields":{"a":1}}"#, "field a: a JSON object belongs here"),
    (#"{"fields":{"a":{"typ":"text"}}}"#, #"field a: "typ" is not a key of a schema"#),
    (
      #"{"fields":{"a":{"type":"string"}}}"#,
      #"field a: "string" is not a type; types are boolean, integer, decimal, double, text, date, "#
        + "timestamp, bytes, list, any"
    ),
    (
      #"{"fields":{"a":{"policy":1}}}"#,
      #"field a: "" is not a policy; policies are latest, manual, max, min, set, journal"#
    ),
    (
      #"{"fields":{"a//b":{}}}"#,
      "field a//b: this is not a path of a field: a name or a part of it is empty"
    ),
    (
      #"{"fields":{"$deleted":{}}}"#,
      "field $deleted: this is not a path of a field: names that begin with $ are reserved"
    ),
    ("{\"fields\":{\"\u{E9}\":{},\"e\u{301}\":{}}}", "field é: it stands here twice"),
    (
      #"{"fields":{"a":{"type":"date","allowed":["2026-01-01","soon"]}}}"#,
      #"field a: the allowed value "soon" is not a date (YYYY-MM-DD)"#
    ),
    (#"{"fields":{"a":{"allowed":1}}}"#, #"field a: "allowed" is not a list"#),
    (
      #"{"fields":{"a":{"allowed":[]}}}"#, #"field a: "allowed" is empty: nothing could be written"#
    ),
    (#"{"fields":{"a":{"label":{"fr":1}}}}"#, #"field a: the label in "fr" is not a text"#),
    (
      #"{"fields":{"a":{"label":{"f/r":""}}}}"#, #"field a: "f/r" is not a language tag such as fr"#
    ),
    (
      #"{"fields":{"p":{"policy":"set"},"p/x":{}}}"#,
      "field p: nothing can have a rule below a set, and p/x has one"
    ),
    (
      #"{"fields":{"*/p":{"policy":"journal"},"a/*/x":{}}}"#,
      "field */p: nothing can have a rule below a journal, and a/*/x has one"
    ),
  ])
  func errorsNameFieldAndProblem(_ json: String, _ message: String) throws {
    let error = try #require(throws: SchemaError.self) { try schema(json) }
    #expect(error.description == message)
  }

  @Test func aPatternTooLongToStoreIsRefused() throws {
    let pattern = Array(repeating: String(repeating: "x", count: 60), count: 3)
      .joined(separator: "/")
    let error = try #require(throws: SchemaError.self) {
      try schema("{\"fields\":{\"\(pattern)\":{}}}")
    }
    #expect(error.problem == .badPattern(.tooLong(bytesMax: FieldPath.segmentBytesMax)))
  }

  @Test func structuresAreFoundAtAndBelowTheirPath() throws {
    let schema = try schema(
      #"{"fields":{"partners":{"policy":"set"},"sites/*/visits":{"policy":"journal"}}}"#)
    for (path, structure) in [
      ("partners", "partners"), ("partners/x/y", "partners"),
      ("sites/s1/visits/e", "sites/s1/visits"),
      ("sites/s1", nil), ("partner", nil), ("other/x/visits", nil),
    ] as [(String, String?)] {
      #expect(try schema.structure(at: FieldPath(path))?.path.description == structure, "\(path)")
    }
  }
}

@Suite struct SchemaRecordTests {
  private func schema(_ json: String) throws -> Schema {
    try Schema(json: JSONValue(parsing: json))
  }

  private func write(_ changes: [Record.Change], to record: inout Record, _ dot: String) throws {
    record.write(changes, as: try Dot(short: dot), info: try WriteInfo(at: 1))
  }

  @Test func aSchemaIsStoredAndReadBack() throws {
    let schema = try schema(SchemaTests.project)
    var record = Record()
    try write(schema.changes(replacing: record), to: &record, "a:1")
    #expect(Schema(record: record) == schema)
    #expect(record.fields.map(\.path.description).contains("fields/title%2Ffr/label/ar"))
    #expect(try schema.changes(replacing: record).isEmpty)
    #expect(Schema(record: Record()) == .none)
  }

  @Test func onlyDifferencesAreWrittenAndRemovedRulesBecomeAbsent() throws {
    var record = Record()
    try write(
      schema(#"{"fields":{"a":{"type":"text","label":{"fr":"A"}},"b":{"allowed":[1]}}}"#)
        .changes(replacing: record), to: &record, "a:1")
    let next = try schema(#"{"fields":{"a":{"type":"date","label":{"en":"A"}}}}"#)
    let changes = try next.changes(replacing: record)
    #expect(
      changes.map { "\($0.path) \($0.content == .absent ? "-" : "+")" } == [
        "fields/a/label/en +", "fields/a/label/fr -", "fields/a/type +", "fields/b/allowed -",
        "fields/b/policy -", "fields/b/type -",
      ])
    try write(changes, to: &record, "a:2")
    #expect(Schema(record: record) == next)
    #expect(try next.changes(replacing: record).isEmpty)
  }

  @Test func aNewerVersionsWordsAreLeftAloneAndItsRulesReported() throws {
    var record = Record()
    let first = try schema(#"{"fields":{"a":{"type":"text"}}}"#)
    try write(first.changes(replacing: record), to: &record, "a:1")
    try write(
      [
        (FieldPath("fields/a/unit"), .value(.text("MAD"))),
        (FieldPath("fields/c/type"), .value(.text("money"))),
        (FieldPath("fields/d/policy"), .value(.text("vote"))),
        (FieldPath("fields/e/allowed"), .value(.integer(1))),
        (FieldPath("fields/f/policy"), .value(.text("set"))),
        (FieldPath("fields/f%2Fg/type"), .value(.text("any"))),
        (FieldPath("fields/%2F/type"), .value(.text("any"))),
        (FieldPath("fields/h/type"), .value(.text("integer"))),
        (FieldPath("fields/h/allowed"), .value(.list([.integer(1), .text("two")]))),
        (FieldPath("version"), .value(.integer(2))),
      ], to: &record, "a:2")
    let read = Schema(record: record)
    #expect(read.rules.keys.map(\.description).sorted() == ["a", "f/g"])
    #expect(read.problems.compactMap(\.field).sorted() == ["/", "c", "d", "e", "f", "h"])
    // What is said of `a` beyond this version's words stays; the rules that this schema lacks go.
    let changed = try first.changes(replacing: record).map(\.path.description)
    #expect(
      changed == [
        "fields/%2F/type", "fields/c/type", "fields/d/policy", "fields/e/allowed",
        "fields/f%2Fg/type", "fields/f/policy", "fields/h/allowed", "fields/h/type",
      ])
  }

  @Test func twoOfficesChangeTwoRulesWithoutAConflict() throws {
    var here = Record()
    try write(
      schema(#"{"fields":{"a":{"type":"text"},"b":{"type":"text"}}}"#).changes(replacing: here),
      to: &here, "a:1")
    var there = here
    try write(
      schema(#"{"fields":{"a":{"type":"date"},"b":{"type":"text"}}}"#).changes(replacing: here),
      to: &here, "a:2")
    try write(
      schema(#"{"fields":{"a":{"type":"text"},"b":{"type":"list"}}}"#).changes(replacing: there),
      to: &there, "b:1")
    try here.merge(there)
    #expect(
      try Schema(record: here) == schema(#"{"fields":{"a":{"type":"date"},"b":{"type":"list"}}}"#))
  }

  @Test func aDeletedRecordIsNoSchema() throws {
    var record = Record()
    try write(
      schema(#"{"fields":{"a":{"type":"text"}}}"#).changes(replacing: record), to: &record, "a:1")
    try write(record.deletion, to: &record, "a:2")
    #expect(Schema(record: record) == .none)
  }
}
