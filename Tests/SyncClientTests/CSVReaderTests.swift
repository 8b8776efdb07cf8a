import Testing

@testable import syncclient

struct CSVReaderTests {
  @Test func plainRows() {
    let reading = CSVReading("id,name\r\n1,a\r\n2,\r\n")
    #expect(reading.header == ["id", "name"])
    #expect(
      reading.rows == [CSVRow(line: 2, cells: ["1", "a"]), CSVRow(line: 3, cells: ["2", ""])])
    #expect(reading.problems.isEmpty)
  }

  @Test func lastLineNeedsNoEnd() {
    for ending in ["", "\n", "\r\n", "\n\n\r\n"] {
      #expect(CSVReading("a,b\n1,2\(ending)").rows == [CSVRow(line: 2, cells: ["1", "2"])])
      #expect(CSVReading("a,b\n1,\(ending)").rows == [CSVRow(line: 2, cells: ["1", ""])])
      #expect(CSVReading("a,b\n1,\"\"\(ending)").rows == [CSVRow(line: 2, cells: ["1", ""])])
    }
  }

  @Test func quotedCellsKeepEverything() {
    let reading = CSVReading("a,b\n\"x, \"\"y\"\"\r\nz\n\",\"\"\"\"\n\"\",2\n")
    #expect(
      reading.rows == [
        CSVRow(line: 2, cells: ["x, \"y\"\r\nz\n", "\""]), CSVRow(line: 5, cells: ["", "2"]),
      ])
    #expect(reading.problems.isEmpty)
  }

  @Test(arguments: [
    ("a,\"b;;;\",c\n1,;,3", ["a", "b;;;", "c"], ["1", ";", "3"]),
    ("a;\"b,,,\";c\n1;,;3", ["a", "b,,,", "c"], ["1", ",", "3"]),
    ("a\t\"b,,,\"\tc\n1\t,\t3", ["a", "b,,,", "c"], ["1", ",", "3"]),
    ("a;b, c;d\n1;,;3", ["a", "b, c", "d"], ["1", ",", "3"]),
  ])
  func separatorComesFromTheHeader(text: String, header: [String], row: [String]) {
    let reading = CSVReading(text)
    #expect(reading.header == header)
    #expect(reading.rows.map(\.cells) == [row])
  }

  @Test func oneColumnNeedsNoSeparator() {
    #expect(CSVReading("id\nx\n\ny").rows.map(\.cells) == [["x"], ["y"]])
  }

  @Test func byteOrderMarkIsTaken() {
    let reading = CSVReading("\u{FEFF}id;é\n1;2")
    #expect(reading.header == ["id", "é"])
    #expect(reading.rows.count == 1)
    #expect(CSVReading("\u{FEFF}\"id\",b\n1,2").header == ["id", "b"])
  }

  @Test(arguments: [
    ("id,n\n1,\"a\"b\n2,c\n", ImportProblem.Reason.textAfterClosingQuote, 2, "n" as String?),
    ("id,n\n1,a\"b\"\n2,c\n", .quoteInUnquotedCell, 2, "n"),
    ("id,n\n\"x\ny\",\"p\nq\"r\n2,c\n", .textAfterClosingQuote, 3, "n"),
    ("id,n\n1,a\rb\n2,c\n", .bareCarriageReturn, 2, "n"),
    ("id,n\n1,\"a\"\rb\n2,c\n", .bareCarriageReturn, 2, "n"),
    ("id,n\n1,a\0b\n2,c\n", .nulByte, 2, "n"),
    ("id,n\n1,\"a\0b\"\n2,c\n", .nulByte, 2, "n"),
    ("id,n\n1\n2,c\n", .rowTooShort(cells: 1, expected: 2), 2, "n"),
    ("id,n\n1,2,3\n2,c\n", .rowTooLong(cells: 3, expected: 2), 2, nil),
    ("id,n\n1,2,\"3\"x\n2,c\n", .textAfterClosingQuote, 2, "column 3"),
  ])
  func problemOfOneRowLeavesTheNext(
    text: String, reason: ImportProblem.Reason, line: Int, field: String?
  ) {
    let reading = CSVReading(text)
    #expect(reading.problems == [ImportProblem(line: line, field: field, reason: reason)])
    #expect(reading.rows.map(\.cells) == [["2", "c"]])
  }

  @Test func faultyRowKeepsItsLaterLineBreaks() {
    let reading = CSVReading("a,b\nx\"y,\"1\n2\"\n3,4\n")
    #expect(reading.problems.map(\.line) == [2])
    #expect(reading.rows == [CSVRow(line: 4, cells: ["3", "4"])])
  }

  @Test func unclosedQuoteIsFinalAndNamesWhereItOpens() {
    let reading = CSVReading("id,n\n1,ok\n2,\"open\n3,c\n4,d\n")
    #expect(reading.rows.count == 1)
    #expect(reading.problems == [ImportProblem(line: 3, field: "n", reason: .unclosedQuote)])
  }

  @Test func oversizeRowIsFinal() {
    let text =
      "id,n\n1,\(String(repeating: "x", count: 18))\n2,\"\(String(repeating: "y\n", count: 20))"
    let reading = CSVReading(Array(text.utf8), rowBytesMax: 20)
    #expect(reading.rows.count == 1)
    #expect(
      reading.problems == [
        ImportProblem(line: 3, field: "n", reason: .rowTooLarge(bytesMax: 20))
      ])
  }

  @Test(arguments: [
    ("", ImportProblem.Reason.noHeader, nil as String?), ("\u{FEFF}", .noHeader, nil),
    ("\n1,2", .noHeader, nil),
    ("a,,c\n", .emptyColumnName, "column 2"), ("a,b,a\n", .repeatedColumnName, "a"),
    ("a,\"b\nc\n", .unclosedQuote, "column 2"), ("a,b\rc\n1,2\n", .bareCarriageReturn, "column 2"),
  ])
  func faultyHeaderIsFinal(text: String, reason: ImportProblem.Reason, field: String?) {
    let reading = CSVReading(text + "\n1,2\n")
    #expect(reading.header == nil && reading.rows.isEmpty)
    #expect(reading.problems == [ImportProblem(line: 1, field: field, reason: reason)])
  }

  @Test func invalidUTF8IsNamedWithItsLine() {
    let bytes =
      Array("id,n\n1,\"é\nx".utf8) + [0xE9] + Array("\"\n2,c\n3,".utf8) + [0xFF]
      + Array("\n4,\"\"\"\n".utf8) + [0xC3] + Array("\"\n".utf8)
    let reading = CSVReading(bytes)
    #expect(reading.rows.map(\.cells) == [["2", "c"]])
    #expect(
      reading.problems
        == [3, 5, 7].map { ImportProblem(line: $0, field: "n", reason: .notInEncoding(.utf8)) })
  }

  @Test func otherEncodings() throws {
    let bytes = Array("id;prix\n1;5 ".utf8) + [0x80, 0x20, 0xE9] + Array("\n2;".utf8) + [0x81]
    let windows = CSVReading(bytes, encoding: .windows1252)
    #expect(windows.rows.map(\.cells) == [["1", "5 € é"]])
    #expect(
      windows.problems == [
        ImportProblem(line: 3, field: "prix", reason: .notInEncoding(.windows1252))
      ])
    let latin = CSVReading(bytes, encoding: .latin1)
    #expect(latin.rows.map(\.cells) == [["1", "5 \u{80} é"], ["2", "\u{81}"]])
    #expect(TextEncoding(name: "Windows-1252") == .windows1252)
    #expect(TextEncoding(name: "LATIN1") == .latin1)
    #expect(TextEncoding(name: "utf-16") == nil)
  }

  @Test func otherFilesAreToldApart() {
    let utf16: [UInt8] = [0xFF, 0xFE, 0x69, 0, 0x64, 0, 0x0A, 0]
    #expect(CSVReading(utf16).problems.map(\.reason) == [.isUTF16])
    let marked = CSVReading(Array("\u{FEFF}id\n1".utf8), encoding: .windows1252)
    #expect(marked.problems.map(\.reason) == [.markOfUTF8])
  }
}
