import OfficeSyncRecords
import Testing

@Suite struct NameTests {
  @Test func composedAndDecomposedKeysAreOneKey() throws {
    let (composed, decomposed) = ("F\u{E8}s", "Fe\u{300}s")
    #expect(try FieldPath(decomposed) == FieldPath(composed))
    #expect(try RecordID(decomposed) == RecordID(composed))
    #expect(try FieldPath(segments: [decomposed]).key.bytes == Array(composed.utf8))
  }

  @Test func decomposedBytesAreRefused() throws {
    let bytes = Array("Fe\u{300}s".utf8)
    #expect(throws: NameError.notNFC) { try FieldPath(bytes: bytes) }
    #expect(throws: NameError.notNFC) { try RecordID(bytes: bytes) }
    #expect(try FieldPath(bytes: Array("F\u{E8}s".utf8)) == FieldPath("F\u{E8}s"))
  }

  @Test(arguments: [
    ("", NameError.empty), ("a//b", .empty), ("/a", .empty), ("a/", .empty),
    ("a=b", .badEscape), ("100%", .badEscape), ("%2f", .badEscape), ("a%2", .badEscape),
    ("a\u{1}", .controlCharacter), ("a\u{7F}", .controlCharacter), ("a\u{85}", .controlCharacter),
    ("$x", .reserved), ("a/$value", .reserved), ("$deleted/x", .reserved),
    (String(repeating: "x", count: 129), .tooLong(bytesMax: 128)),
    (
      Array(repeating: "x", count: 33).joined(separator: "/"),
      .tooManySegments(segmentsMax: 32)
    ),
  ])
  func badPathsAreRefused(_ text: String, _ error: NameError) {
    #expect(throws: error) { try FieldPath(text) }
  }

  @Test func invalidUTF8IsRefused() {
    #expect(throws: NameError.notUTF8) { try FieldPath(bytes: [0x61, 0xFF]) }
    #expect(throws: NameError.notUTF8) { try RecordID(bytes: [0xED, 0xA0, 0x80]) }
  }

  @Test func keysAreEscapedAndComeBack() throws {
    let keys = ["a/b", "50%", "x=y", "%2F", "المدينة"]
    let path = try FieldPath(segments: keys)
    #expect(path.description == "a%2Fb/50%25/x%3Dy/%252F/المدينة")
    #expect(path.segments == keys)
    #expect(path.depth == 5)
    #expect(try FieldPath(path.description) == path)
  }

  @Test func ancestorsAreWholeSegments() throws {
    let path = try FieldPath("milestones/m1/due")
    #expect(try path.ancestor(depth: 1) == FieldPath("milestones"))
    #expect(path.ancestor(depth: 3) == path)
    #expect(path.ancestor(depth: 4) == nil)
    #expect(path.ancestor(depth: 0) == nil)
    #expect(try path.isBelow(FieldPath("milestones/m1")))
    #expect(try !path.isBelow(FieldPath("milestones/m")))
    #expect(!path.isBelow(path))
    #expect(path.isAtOrBelow(path))
  }

  @Test func pathsSortAsBytes() throws {
    // As texts, Swift would put é before z.
    let paths = try ["é", "z", "a/b", "a b", "a"].map { try FieldPath($0) }
    #expect(paths.sorted().map(\.description) == ["a", "a b", "a/b", "z", "é"])
  }

  @Test func recordIDsRefuseReservedTextButReadReservedBytes() throws {
    #expect(throws: NameError.reserved) { try RecordID("$schema") }
    #expect(try RecordID(bytes: Array("$schema".utf8)) == .schema)
    #expect(RecordID.schema.isReserved)
    #expect(try !RecordID("P/1=x%").isReserved)
    #expect(throws: NameError.tooLong(bytesMax: 128)) {
      try RecordID(String(repeating: "é", count: 65))
    }
  }

  @Test func collectionsHaveOnePattern() throws {
    for good in ["a", "casablanca-settat", "0", String(repeating: "x", count: 63), "$office"] {
      #expect(try CollectionName(good).text == good)
    }
    for bad in ["", "-a", "A", "fès", "a_b", "$other", String(repeating: "x", count: 64)] {
      #expect(throws: NameError.self) { try CollectionName(bad) }
    }
  }

  @Test func identitiesReadWhatTheyPrint() throws {
    let amina = try Identity("field/amina")
    #expect(amina.role == .field)
    #expect(amina.description == "field/amina")
    #expect(try Identity(uri: amina.uri) == amina)
    #expect(amina.uri == "officesync://field/amina")
    for bad in ["amina", "field/", "boss/amina", "office/a/b", "Office/a", ""] {
      #expect(throws: NameError.self) { try Identity(bad) }
    }
    #expect(throws: NameError.malformed) { try Identity(uri: "https://field/amina") }
  }
}
