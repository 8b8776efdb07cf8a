import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncTestSupport
import Testing

@Suite struct VarintTests {
  private static func vectors(_ list: String) throws -> [VectorEntry] {
    try VectorFile("varints").entries(list)
  }

  @Test func unsigned() throws {
    for vector in try Self.vectors("unsigned") {
      let value = try #require(UInt64(try vector.text("value")))
      var writer = ByteWriter()
      writer.varint(value)
      #expect(writer.bytes == (try vector.hex("hex")))
      var reader = ByteReader(writer.bytes)
      #expect(try reader.varint() == value)
      #expect(reader.isAtEnd)
    }
  }

  @Test func signed() throws {
    for vector in try Self.vectors("signed") {
      let value = try #require(Int64(try vector.text("value")))
      var writer = ByteWriter()
      writer.signedVarint(value)
      #expect(writer.bytes == (try vector.hex("hex")))
      var reader = ByteReader(writer.bytes)
      #expect(try reader.signedVarint() == value)
    }
  }

  @Test func refused() throws {
    for vector in try Self.vectors("bad") {
      let bytes = try vector.hex("hex")
      let error = #expect(throws: CodecError.self, "\(vector)") {
        var reader = ByteReader(bytes)
        _ = try reader.varint()
      }
      #expect(try vector.text("error") == error.map { caseName(of: $0) })
    }
  }

  @Test func everyTruncationIsTruncated() throws {
    for vector in try Self.vectors("unsigned") {
      let bytes = try vector.hex("hex")
      for end in 0..<bytes.count {
        #expect(throws: CodecError.truncated) {
          var reader = ByteReader(Array(bytes[..<end]))
          _ = try reader.varint()
        }
      }
    }
  }

  @Test func randomNumbersComeBack() throws {
    var random = SplitMix64(seed: 1)
    for _ in 0..<10_000 {
      let value = random.next() >> UInt64.random(in: 0..<64, using: &random)
      var writer = ByteWriter()
      writer.varint(value)
      writer.signedVarint(Int64(bitPattern: value))
      var reader = ByteReader(writer.bytes)
      #expect(try reader.varint() == value)
      #expect(try reader.signedVarint() == Int64(bitPattern: value))
    }
  }

  /// Any bytes that decode are the bytes that the number encodes to.
  @Test func whatDecodesIsShortest() {
    var random = SplitMix64(seed: 2)
    var decoded = 0
    for _ in 0..<20_000 {
      let count = Int.random(in: 1...11, using: &random)
      var bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) | 0x80 }
      bytes[count - 1] &= 0x7F
      var reader = ByteReader(bytes)
      guard let value = try? reader.varint() else { continue }
      decoded += 1
      var writer = ByteWriter()
      writer.varint(value)
      #expect(writer.bytes == bytes)
    }
    #expect(decoded > 10_000)
  }

  @Test func countersAreFromOneToTheirLimit() {
    for (value, isCounter) in [
      (0, false), (1, true), (Dot.counterMax, true), (Dot.counterMax + 1, false), (.max, false),
    ] as [(UInt64, Bool)] {
      var writer = ByteWriter()
      writer.varint(value)
      var reader = ByteReader(writer.bytes)
      #expect((try? reader.counter()) == (isCounter ? value : nil))
    }
  }

  @Test func countsAreHeldAgainstWhatIsThere() {
    var writer = ByteWriter()
    writer.varint(5)
    writer.raw([0, 0, 0, 0])
    #expect(throws: CodecError.truncated) {
      var reader = ByteReader(writer.bytes)
      _ = try reader.count(of: "things", itemBytesMin: 1)
    }
    #expect(throws: CodecError.overLimit("things", max: 4)) {
      var reader = ByteReader(writer.bytes)
      _ = try reader.count(of: "things", itemBytesMin: 1, max: 4)
    }
  }
}
