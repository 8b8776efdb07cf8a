import OfficeSyncProtocol
import OfficeSyncRecords
import Testing

/// `Tests/Vectors/hand-typed.json` was typed by a person who read `docs/PROTOCOL.md`, byte for byte, before the encoder was
/// asked: it holds the document against the code.
@Suite struct HandTypedTests {
  @Test func recordsAreAsTyped() throws {
    let vectors = try VectorFile("hand-typed").entries("records")
    #expect(vectors.count >= 3)
    for vector in vectors {
      let bytes = try vector.hex("hex")
      let (record, encoded) = try RecordDecoder.decode(bytes)
      #expect(RecordEncoder.encode(record).bytes == bytes, "\(vector)")
      #expect(String(encoded.bodyCount) == (try vector.number("bodyBytes")), "\(vector)")
      #expect(vector["record"] == Described.json(of: record), "\(vector)")
    }
  }

  @Test func messagesAreAsTyped() throws {
    let vectors = try VectorFile("hand-typed").entries("messages")
    #expect(vectors.count >= 5)
    for vector in vectors {
      let bytes = try vector.hex("hex")
      var decoder = FrameDecoder(frameBytesMax: Limits.helloFrameBytesMax)
      decoder.append(bytes)
      let message = try #require(try decoder.next().flatMap { try Message($0) })
      #expect(message.frame.encoded == bytes, "\(vector)")
      #expect(try vector.text("message") == "\(message.kind)")
      let fields = Mirror(reflecting: message).children.first.map { Described.json(of: $0.value) }
      #expect(vector["fields"] == fields, "\(vector)")
    }
  }
}
