import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncTestSupport
import Testing

@Suite struct ValueCodecTests {
  private func encode(_ content: Sibling.Content) -> [UInt8] {
    var writer = ByteWriter()
    writer.content(content)
    return writer.bytes
  }

  private func decode(_ bytes: [UInt8]) throws -> Sibling.Content {
    var reader = ByteReader(bytes)
    let content = try reader.content()
    try reader.finish()
    return content
  }

  @Test func goldenBytes() throws {
    let values = try Samples.values()
    let vectors = try VectorFile("values").entries("good")
    #expect(vectors.count == values.count)
    for (vector, value) in zip(vectors, values) {
      let bytes = try vector.hex("hex")
      #expect(encode(.value(value)) == bytes)
      #expect(try decode(bytes) == .value(value))
      #expect(vector["value"] == Described.json(of: value))
      #expect(try vector.text("segment") == value.elementSegment)
    }
  }

  @Test func refused() throws {
    for vector in try VectorFile("values").entries("bad") {
      let bytes = try vector.hex("hex")
      let error = #expect(throws: CodecError.self, "\(vector)") { try decode(bytes) }
      #expect(try vector.text("error") == error.map { caseName(of: $0) }, "\(vector)")
    }
  }

  @Test func everyTruncationIsTruncated() throws {
    for value in try Samples.values() {
      let bytes = encode(.value(value))
      for end in 0..<bytes.count {
        #expect(throws: CodecError.truncated) { try decode(Array(bytes[..<end])) }
      }
      #expect(throws: CodecError.trailing(bytes: 1)) { try decode(bytes + [0]) }
    }
  }

  @Test func absentStandsForASiblingAlone() throws {
    #expect(try decode([0x0F]) == .absent)
    #expect(throws: CodecError.unknownTag("value", 0x0F)) {
      var reader = ByteReader([0x0F])
      _ = try reader.value()
    }
    #expect(throws: CodecError.unknownTag("value", 0x0F)) { try decode([0x0A, 0x01, 0x0F]) }
  }

  @Test func nestingIsLimited() throws {
    func nested(_ depth: Int) -> [UInt8] {
      Array(repeating: [0x0A, 0x01] as [UInt8], count: depth).flatMap { $0 } + [0x00]
    }
    _ = try decode(nested(Value.depthMax))
    for depth in [Value.depthMax + 1, 100_000] {
      #expect(throws: CodecError.overLimit("nesting", max: Value.depthMax)) {
        try decode(nested(depth))
      }
    }
  }

  @Test func longTextsAndBytesAreRefusedByTheirLength() {
    for (tag, max) in [(0x06, WriteLimits.textBytesMax), (0x09, WriteLimits.valueBytesMax)]
      as [(UInt8, Int)]
    {
      var writer = ByteWriter()
      writer.byte(tag)
      writer.varint(max + 1)
      // No byte of the content is there: the length alone decides.
      #expect {
        try decode(writer.bytes)
      } throws: { error in
        caseName(of: error) == "overLimit"
      }
    }
  }

  @Test func randomBytesGiveAValueOrAnError() {
    var random = SplitMix64(seed: 3)
    for _ in 0..<20_000 {
      let bytes = (0..<Int.random(in: 1...24, using: &random)).map { index in
        index == 0 ? UInt8.random(in: 0...16, using: &random) : .random(in: 0...255, using: &random)
      }
      if let content = try? decode(bytes) { #expect(encode(content) == bytes) }
    }
  }
}
