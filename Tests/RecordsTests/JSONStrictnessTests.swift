import OfficeSyncRecords
import Testing

/// What the RFC leaves open and we decide, and where errors point.
struct JSONStrictnessTests {
  private func error(_ document: String) -> JSONError? {
    do {
      _ = try JSONValue(parsing: document)
      return nil
    } catch { return error }
  }

  @Test func digitsStayAsWritten() throws {
    let digits = "[1.50,100000000000000000000000000000001,0.1e-400,-0.0,1E+2]"
    #expect(try JSONValue(parsing: digits).encoded() == digits)
  }

  @Test func membersKeepTheirOrder() throws {
    let document = #"{"b":1,"a":2,"c":{"z":null,"y":true}}"#
    #expect(try JSONValue(parsing: document).encoded() == document)
  }

  @Test func byteOrderMarkIsTakenOnceAtTheStart() throws {
    #expect(try JSONValue(parsing: "\u{FEFF}{}") == .object([]))
    #expect(error("\u{FEFF}\u{FEFF}{}")?.reason == .unexpectedByte)
    #expect(error("\u{FEFF}")?.reason == .empty)
    #expect(try JSONValue(parsing: "\"\u{FEFF}\"").encoded().utf8.count == 5)
  }

  @Test(arguments: [
    #"{"a":1,"a":1}"#, #"{"a":1,"b":2,"\u0061":3}"#, #"{"":1,"":2}"#, #"[{"x":{"é":1,"é":2}}]"#,
  ])
  func duplicateNamesAreRefused(document: String) {
    #expect(error(document)?.reason == .duplicateName)
  }

  @Test func duplicateNamesAreFoundInLargeObjects() throws {
    let members = (0..<500).map { #""n\#($0)":\#($0)"# }
    #expect(
      try JSONValue(parsing: "{\(members.joined(separator: ","))}").encoded().contains("n499"))
    for index in [0, 23, 24, 25, 26, 499] {
      let document = "{\((members + [members[index]]).joined(separator: ","))}"
      #expect(error(document)?.reason == .duplicateName)
    }
  }

  @Test func namesAreEqualAsBytesOnly() throws {
    // Precomposed and decomposed é are one String and two names.
    let document = "{\"\u{E9}\":1,\"e\u{301}\":2}"
    #expect(Array(try JSONValue(parsing: document).encoded().utf8) == Array(document.utf8))
    let padding = (0..<40).map { "\"\($0)\":0" }.joined(separator: ",")
    let large = "{\(padding),\"\u{E9}\":1,\"e\u{301}\":2}"
    #expect(Array(try JSONValue(parsing: large).encoded().utf8) == Array(large.utf8))
  }

  @Test func depthIsLimited() throws {
    let deepest =
      String(repeating: "[", count: JSONValue.depthMax)
      + String(repeating: "]", count: JSONValue.depthMax)
    #expect(try JSONValue(parsing: deepest).encoded() == deepest)
    #expect(error("[\(deepest)]")?.reason == .tooDeep)
    #expect(error(String(repeating: "[", count: 100_000))?.reason == .tooDeep)
    #expect(error(String(repeating: #"{"":"#, count: 100_000))?.reason == .tooDeep)
    #expect(error("[\(String(repeating: "[],", count: 1000))[]]") == nil)
  }

  @Test(arguments: [
    #"["\uDADA"]"#, #"["\uD888\u1234"]"#, #"["\uD800\uD800\n"]"#, #"["\uDd1ea"]"#,
    #"["\uD800\n"]"#, #"["\uDFAA"]"#, #"["\uD800abc"]"#,
  ])
  func loneSurrogatesAreRefused(document: String) {
    #expect(error(document)?.reason == .loneSurrogate)
  }

  @Test(arguments: [
    ("{\n  \"a\": 1,\n  \"a\": 2\n}", JSONError.Reason.duplicateName, 14, 3, 3),
    ("[1,\r\n2,x]", .invalidLiteral, 7, 2, 3),
    ("[tru]", .invalidLiteral, 1, 1, 2),
    ("[\"ééé\n\"]", .controlCharacter, 8, 1, 6),
    ("\u{FEFF}?", .unexpectedByte, 3, 1, 1),
    ("[1] x", .trailingBytes, 4, 1, 5),
    ("[1", .unexpectedEnd, 2, 1, 3),
    ("[01]", .invalidNumber, 2, 1, 3),
    (#"["a\q"]"#, .invalidEscape, 3, 1, 4),
    ("\n\n", .empty, 2, 3, 1),
  ])
  func errorsNameThePlace(
    document: String, reason: JSONError.Reason, offset: Int, line: Int, column: Int
  ) throws {
    let error = try #require(self.error(document))
    #expect(error.reason == reason)
    #expect(error.byteOffset == offset)
    #expect(error.line == line)
    #expect(error.column == column)
  }

  @Test func invalidUTF8IsPlacedAtItsFirstByte() {
    let document = Array(#"["aé"#.utf8) + [0xE9] + Array(#"", 1]"#.utf8)
    do {
      _ = try JSONValue(parsing: document)
      Issue.record("accepted")
    } catch {
      #expect(error.reason == .invalidUTF8)
      #expect(error.byteOffset == 5)
      #expect(error.column == 5)
    }
  }

  @Test func descriptionIsASentencePart() {
    #expect(error("[1,]")?.description == "line 1, column 4: this cannot stand here")
  }
}
