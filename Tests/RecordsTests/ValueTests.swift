import OfficeSyncRecords
import OfficeSyncTestSupport
import Testing

@Suite struct ValueTests {
  static func decimal(_ text: String) -> Value {
    DecimalNumber(text).map(Value.decimal) ?? .null
  }

  static func double(_ number: Double) -> Value {
    FiniteDouble(number).map(Value.double) ?? .null
  }

  @Test(
    arguments: [
      ("1970-01-01", 0), ("1969-12-31", -1), ("2000-02-29", 11_016), ("2026-03-31", 20_543),
      ("0001-01-01", CivilDate.daysMin), ("9999-12-31", CivilDate.daysMax), ("2400-02-29", 157_113),
    ] as [(String, Int64)])
  func datesReadAndPrint(_ text: String, _ days: Int64) {
    #expect(CivilDate(text)?.days == days)
    #expect(CivilDate(days: days)?.description == text)
  }

  @Test func everyDayOfFourCenturiesComesBackAndIsOneLater() {
    var before = CivilDate("1999-12-31")
    for year in 2000..<2400 {
      for month in 1...12 {
        for day in 1...31 {
          guard let date = CivilDate(year: year, month: month, day: day) else { continue }
          guard date.days == (before?.days ?? 0) + 1, CivilDate(date.description) == date else {
            Issue.record("\(year)-\(month)-\(day)")
            return
          }
          before = date
        }
      }
    }
    #expect(before?.description == "2399-12-31")
  }

  @Test(arguments: [
    "2026-02-29", "1900-02-29", "2026-13-01", "2026-00-01", "2026-01-00", "2026-04-31", "26-01-01",
    "0000-01-01", "10000-01-01", "2026-1-1", "+026-01-01", "2026-01-01 ", "2026/01/01", "",
    "٢٠٢٦-01-01",
  ])
  func badDatesAreRefused(_ text: String) {
    #expect(CivilDate(text) == nil)
  }

  @Test(
    arguments: [
      ("1970-01-01T00:00:00.000Z", 0), ("1969-12-31T23:59:59.999Z", -1),
      ("2026-11-24T09:30:00.000Z", 1_795_512_600_000),
      ("0001-01-01T00:00:00.000Z", Timestamp.millisecondsMin),
      ("9999-12-31T23:59:59.999Z", Timestamp.millisecondsMax),
    ] as [(String, Int64)])
  func timestampsReadAndPrint(_ text: String, _ milliseconds: Int64) {
    #expect(Timestamp(text)?.milliseconds == milliseconds)
    #expect(Timestamp(milliseconds: milliseconds)?.description == text)
  }

  @Test(arguments: [
    "2026-11-24T09:30:60.000Z", "2026-11-24T24:00:00.000Z", "2026-11-24T09:60:00.000Z",
    "2026-11-24T09:30:00.000", "2026-11-24T09:30:00+01:00", "2026-11-24 09:30:00.000Z",
    "2026-11-24T09:30:00.00Z", "2026-11-31T09:30:00.000Z", "2026-11-24T09:30:00,000Z", "",
  ])
  func badTimestampsAreRefused(_ text: String) {
    #expect(Timestamp(text) == nil)
  }

  @Test(arguments: [
    ("1.5", "1.50", 0), ("1500.00", "15e2", 0), ("-0", "0.000", 0), ("0.1", "0.10000000001", -1),
    ("-2", "-1", -1), ("-1", "1", -1), ("9", "10", -1), ("1e9999", "9e9998", 1),
    ("0.001", "1E-3", 0), ("123456789012345678901234567890", "123456789012345678901234567891", -1),
  ])
  func decimalsCompareAsNumbersAndKeepTheirDigits(_ a: String, _ b: String, _ order: Int) throws {
    let (x, y) = (try #require(DecimalNumber(a)), try #require(DecimalNumber(b)))
    #expect(x.compare(y) == order)
    #expect(y.compare(x) == -order)
    #expect(x.text == a)
    #expect(Self.decimal(a).isEquivalent(to: Self.decimal(b)) == (order == 0))
    #expect(Self.decimal(a) != Self.decimal(b))
  }

  @Test(arguments: [
    "", "-", "+1", "01", ".5", "5.", "1e", "1e+", "0x1", "1_000", "1,5", " 1", "NaN", "1e10000",
    "1e99999999999999999999", "1" + String(repeating: "0", count: 256),
  ])
  func badDecimalsAreRefused(_ text: String) {
    #expect(DecimalNumber(text) == nil)
  }

  @Test func numbersOfDifferentTypesMeetBySize() {
    #expect(Value.integer(2).isEquivalent(to: Self.decimal("2.0")))
    #expect(Value.integer(2).isEquivalent(to: Self.double(2)))
    #expect(Self.double(0.1).isEquivalent(to: Self.decimal("0.1")))
    #expect(Self.double(-0.0).isEquivalent(to: Self.double(0)))
    #expect(Self.double(-0.0) != Self.double(0))
    #expect(!Value.integer(2).isEquivalent(to: .text("2")))
    #expect(Value.integer(.max).compare(Self.decimal("9223372036854775808")) == -1)
    #expect(FiniteDouble(.nan) == nil)
    #expect(FiniteDouble(-.infinity) == nil)
  }

  @Test func textsAreKeptAsTypedAndCanonicallyEquivalentOnesAreOne() throws {
    let (composed, decomposed) = (Value.text("F\u{E8}s"), Value.text("Fe\u{300}s"))
    #expect(composed != decomposed)
    #expect(Set([composed, decomposed]).count == 2)
    #expect(composed.isEquivalent(to: decomposed))
    #expect(Value.list([composed]).isEquivalent(to: .list([decomposed])))
    #expect(composed.compare(decomposed) == 1)
    #expect(!Value.text("a").isEquivalent(to: .text("A")))
    func object(_ name: String, _ text: Value) throws -> Value {
      .object(try #require(ObjectValue([(name, text), ("z", .null)])))
    }
    let fes = try object("a", composed)
    #expect(fes.isEquivalent(to: try object("a", decomposed)))
    #expect(!fes.isEquivalent(to: try object("a", .text("Fes"))))
    #expect(!fes.isEquivalent(to: try object("b", composed)))
  }

  @Test func orderOfValuesIsTotal() throws {
    let ordered: [Value] = [
      .null, .boolean(false), .boolean(true), .integer(-5), Self.decimal("1.5"), Self.double(2.5),
      .integer(3), .date(try #require(CivilDate("2026-01-01"))),
      .date(try #require(CivilDate("2026-01-02"))),
      .timestamp(try #require(Timestamp("2026-01-01T00:00:00Z"))), .text(""), .text("a"),
      .text("ab"), .text("é"), .bytes([]), .bytes([0]), .bytes([0, 1]), .bytes([1]), .list([]),
      .list([.integer(1)]), .list([.integer(1), .null]), .list([.integer(2)]), .object(.empty),
      .object(try #require(ObjectValue([("a", .null)]))),
      .object(try #require(ObjectValue([("a", .null), ("b", .null)]))),
      .object(try #require(ObjectValue([("a", .boolean(true))]))),
      .object(try #require(ObjectValue([("b", .null)]))),
    ]
    for (i, a) in ordered.enumerated() {
      for (j, b) in ordered.enumerated() {
        #expect(a.compare(b) == (i == j ? 0 : i < j ? -1 : 1), "\(a) and \(b)")
      }
    }
  }

  /// Doubles are told apart by their bits, whatever they are worth.
  @Test func everyDoubleIsItself() throws {
    #expect(Set([Self.double(0), Self.double(-0.0), Self.double(0)]).count == 2)
  }

  @Test func timestampsSortByTime() throws {
    let texts = ["1969-12-31T23:59:59.999Z", "1970-01-01T00:00:00Z", "2026-01-01T00:00:00.001Z"]
    let times = try texts.map { try #require(Timestamp($0)) }
    #expect(times.reversed().sorted() == times)
  }

  @Test func objectsTakeEachNameOnce() throws {
    #expect(ObjectValue([("a", .null), ("a", .boolean(true))]) == nil)
    let object = try #require(ObjectValue([("b", .null), ("a", .null)]))
    #expect(object.members.map(\.name.description) == ["a", "b"])
  }

  /// RFC 4648 §10, and the bytes that each place of the alphabet needs.
  @Test(arguments: [
    ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
    ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"), ("???>>>", "Pz8/Pj4+"),
  ])
  func base64(_ plain: String, _ text: String) {
    #expect(Base64.text(of: Array(plain.utf8)) == text)
    #expect(Base64.bytes(of: text) == Array(plain.utf8))
  }

  @Test func base64OfAllBytesComesBack() {
    var random = SplitMix64(seed: 7)
    for count in 0..<70 {
      let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
      #expect(Base64.bytes(of: Base64.text(of: bytes)) == bytes)
    }
  }

  @Test(arguments: [
    "Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "====", "=", "Zm 9v", "Zm9v\n", "Zm9_", "Z=g=",
    "Zg==Zg==",
  ])
  func otherBase64IsRefused(_ text: String) {
    #expect(Base64.bytes(of: text) == nil)
  }

  @Test func hexReadsBothCasesAndPrintsLower() {
    #expect(Hex.bytes(of: "00fFA0") == [0, 255, 160])
    #expect(Hex.text(of: [0, 255, 160]) == "00ffa0")
    #expect(Hex.bytes(of: "0") == nil)
    #expect(Hex.bytes(of: "0g") == nil)
  }
}
