import OfficeSyncRecords
import OfficeSyncTestSupport
import Testing

@Suite struct FlattenTests {
  private func flat(_ json: String) throws -> [String] {
    try Flatten.leaves(of: JSONValue(parsing: json)).map {
      "\($0.path) = \($0.value.encoded())"
    }
  }

  @Test func nestedObjectsBecomePaths() throws {
    #expect(
      try flat(#"{"title":"x","milestones":{"m1":{"due":"d","n":[1,{"a":2}]},"m2":{}},"l":[]}"#)
        == [
          #"title = "x""#, #"milestones/m1/due = "d""#, #"milestones/m1/n = [1,{"a":2}]"#,
          "milestones/m2 = {}", "l = []",
        ])
    #expect(try flat("{}") == [])
  }

  @Test func keysAreEscapedAndNormalised() throws {
    #expect(try flat(#"{"a/b":{"50%":1,"x=y":2}}"#) == ["a%2Fb/50%25 = 1", "a%2Fb/x%3Dy = 2"])
    #expect(
      try Flatten.leaves(of: JSONValue(parsing: "{\"Fe\u{300}s\":1}"))[0].path
        == FieldPath("F\u{E8}s"))
  }

  @Test func anOwnValueStandsUnderItsName() throws {
    #expect(try flat(#"{"a":{"$value":1,"b":2}}"#) == ["a = 1", "a/b = 2"])
    #expect(try flat(#"{"a":{"$value":{}}}"#) == ["a = {}"])
  }

  @Test(
    arguments: [
      (#"[1]"#, "", FlattenError.Reason.notAnObject),
      (#"{"$value":1}"#, "$value", .name(.reserved)),
      (#"{"$deleted":1}"#, "$deleted", .name(.reserved)),
      (#"{"a":{"$x":1}}"#, "a/$x", .name(.reserved)),
      (#"{"a":{"$value":{"b":1}}}"#, "a/$value", .ownValueIsObject),
      (#"{"":1}"#, "", .name(.empty)),
      (#"{"a":{"\u0007":1}}"#, "a/\u{7}", .name(.controlCharacter)),
      ("{\"F\u{E8}s\":1,\"Fe\u{300}s\":2}", "F\u{E8}s", .writtenTwice),
    ] as [(String, String, FlattenError.Reason)])
  func whatDoesNotFlattenIsRefused(
    _ json: String, _ path: String, _ reason: FlattenError.Reason
  ) throws {
    let error = try #require(throws: FlattenError.self) {
      try Flatten.leaves(of: JSONValue(parsing: json))
    }
    #expect(error.path == path)
    #expect(error.reason == reason)
  }

  @Test func anEmptyObjectIsALeafWhereItHasAPath() throws {
    let path = try FieldPath("m")
    let leaves = try Flatten.leaves(of: .object([]), below: path)
    #expect(leaves.map(\.path) == [path])
    #expect(leaves.map(\.value) == [.object([])])
    #expect(try Flatten.leaves(of: .object([])).isEmpty)
  }

  @Test func depthIsLimited() throws {
    func nested(_ depth: Int) -> String {
      String(repeating: #"{"k":"#, count: depth) + "1" + String(repeating: "}", count: depth)
    }
    #expect(try flat(nested(FieldPath.segmentsMax)).count == 1)
    let error = try #require(throws: FlattenError.self) {
      try flat(nested(FieldPath.segmentsMax + 1))
    }
    #expect(error.reason == .name(.tooManySegments(segmentsMax: FieldPath.segmentsMax)))
  }

  @Test func nestingSortsKeysAndShowsOwnValues() throws {
    let leaves: [Flatten.Leaf] = [
      (try FieldPath("b"), .number("1")), (try FieldPath("b/y"), .number("2")),
      (try FieldPath("b c"), .number("3")), (try FieldPath("b/x"), .number("4")),
      (try FieldPath("a"), .object([])), (try FieldPath("a/z"), .array([])),
      (try FieldPath("c%2F/d"), .null),
    ]
    #expect(
      Flatten.nest(leaves).encoded()
        == #"{"a":{"z":[]},"b":{"$value":1,"x":4,"y":2},"b c":3,"c/":{"d":null}}"#)
    #expect(Flatten.nest([]).encoded() == "{}")
  }

  @Test(arguments: UInt64(1)...50)
  func flatteningUndoesNesting(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let keys = ["a", "b", "a b", "a-", "a.", "x/y", "50%", "=", "Fès", "مدينة", "0"]
    var leaves: [FieldPath: JSONValue] = [:]
    for _ in 0..<Int.random(in: 0...30, using: &random) {
      let segments = (0..<Int.random(in: 1...4, using: &random)).map { _ in
        keys[Int.random(in: keys.indices, using: &random)]
      }
      leaves[try FieldPath(segments: segments)] =
        random.oneIn(4) ? .array([.null]) : .number(String(Int.random(in: 0...9, using: &random)))
    }
    let nested = Flatten.nest(leaves.map { ($0.key, $0.value) })
    let back = try Flatten.leaves(of: nested)
    #expect(back.count == leaves.count)
    #expect(Dictionary(back.map { ($0.path, $0.value) }) { a, _ in a } == leaves)
    #expect(Flatten.nest(back).encoded() == nested.encoded())
  }
}
