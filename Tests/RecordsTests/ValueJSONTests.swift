import OfficeSyncRecords
import Testing

@Suite struct ValueJSONTests {
  private func value(_ json: String, _ type: FieldType) throws -> Value {
    try Value(json: JSONValue(parsing: json), type: type)
  }

  @Test(
    arguments: [
      ("null", .null), ("true", .boolean(true)), ("12", .integer(12)), ("-0", .integer(0)),
      ("9223372036854775807", .integer(.max)),
      ("9223372036854775808", ValueTests.decimal("9223372036854775808")),
      ("1.50", ValueTests.decimal("1.50")), ("1e3", ValueTests.decimal("1e3")),
      ("\"2026-03-31\"", .text("2026-03-31")), ("[]", .list([])), ("{}", .object(.empty)),
      ("[1,\"a\",[null]]", .list([.integer(1), .text("a"), .list([.null])])),
    ] as [(String, Value)])
  func withoutASchemaJSONSaysTheType(_ json: String, _ expected: Value) throws {
    #expect(try value(json, .any) == expected)
  }

  @Test func aSchemaGivesTypes() throws {
    #expect(try value("false", .boolean) == .boolean(false))
    #expect(try value("500", .integer) == .integer(500))
    #expect(try value("500", .decimal) == ValueTests.decimal("500"))
    #expect(try value("1500.00", .decimal) == ValueTests.decimal("1500.00"))
    #expect(try value("0.1", .double) == ValueTests.double(0.1))
    #expect(try value("\"é\"", .text) == .text("é"))
    #expect(try value("\"2026-03-31\"", .date).json == .string("2026-03-31"))
    #expect(
      try value("\"2026-11-24T09:30:00Z\"", .timestamp).json == .string("2026-11-24T09:30:00.000Z"))
    #expect(try value("\"Zm8=\"", .bytes) == .bytes([0x66, 0x6F]))
    #expect(try value("[{\"a\":1}]", .list).json.encoded() == "[{\"a\":1}]")
  }

  @Test(
    arguments: [
      ("1", .boolean), ("1.0", .integer), ("9223372036854775808", .integer), ("\"1\"", .integer),
      ("\"1.5\"", .decimal), ("1e999", .double), ("5", .text), ("null", .text), ("[]", .text),
      ("\"31/03/2026\"", .date), ("20260331", .date), ("\"2026-03-31\"", .timestamp),
      ("\"Zm8\"", .bytes), ("\"a\"", .list), ("null", .date), ("{}", .list),
    ] as [(String, FieldType)])
  func whatDoesNotFitIsRefused(_ json: String, _ type: FieldType) {
    #expect(throws: ValueError.notOfType(type)) { try value(json, type) }
  }

  @Test func limitsAreErrors() {
    #expect(throws: ValueError.numberOverLimit) { try value("1e10000", .any) }
    #expect(throws: ValueError.numberOverLimit) { try value("1e10000", .decimal) }
    #expect(throws: ValueError.object) { try value("{\"a\":1}", .any) }
    let deep = { String(repeating: "[", count: $0) + String(repeating: "]", count: $0) }
    #expect(throws: Never.self) { try value(deep(Value.depthMax), .any) }
    #expect(throws: ValueError.tooDeep) { try value(deep(Value.depthMax + 1), .any) }
  }

  @Test func typedTextIsJSONUnlessTheSchemaSaysText() throws {
    #expect(try Value(typed: "5", type: .any) == .integer(5))
    #expect(try Value(typed: "5", type: .text) == .text("5"))
    #expect(try Value(typed: "\"5\"", type: .text) == .text("\"5\""))
    #expect(try Value(typed: "\"5\"", type: .any) == .text("5"))
    #expect(try Value(typed: "Future Hub", type: .any) == .text("Future Hub"))
    #expect(try Value(typed: "", type: .any) == .text(""))
    #expect(try Value(typed: "2026-03-31", type: .date).json == .string("2026-03-31"))
    #expect(try Value(typed: "\"2026-03-31\"", type: .date).json == .string("2026-03-31"))
    #expect(throws: ValueError.notOfType(.date)) { try Value(typed: "soon", type: .date) }
  }

  @Test(arguments: [
    "null", "true", "12", "1.50", "-1E+3", "\"\\u0001é\"", "[1,[\"a\",{}],{\"k\":1.0}]", "{}",
  ])
  func whatIsReadIsWrittenTheSame(_ json: String) throws {
    #expect(try value(json, .any).json.encoded() == JSONValue(parsing: json).encoded())
  }

  @Test(arguments: [0.1, -0.0, 1e-5, 1e300, Double.leastNonzeroMagnitude, 12_345_678.9])
  func doublesComeBack(_ number: Double) throws {
    let original = ValueTests.double(number)
    #expect(try value(original.json.encoded(), .double) == original)
  }

  @Test func sizesCountTextsInUTF8() {
    #expect(Value.text("éé").sizeBytes - Value.text("").sizeBytes == 4)
    #expect(Value.list([.bytes([1, 2, 3])]).sizeBytes > 3)
  }
}
