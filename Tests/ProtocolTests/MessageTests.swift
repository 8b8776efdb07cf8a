import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncTestSupport
import Testing

@Suite struct MessageTests {
  private func frame(_ bytes: [UInt8]) throws -> Frame {
    var decoder = FrameDecoder(frameBytesMax: Limits.frameBytesMax)
    decoder.append(bytes)
    let frame = try decoder.next()
    #expect(!decoder.holdsPartialFrame)
    return try #require(frame)
  }

  @Test func samplesCoverEveryKind() throws {
    #expect(Set(try Samples.messages().map(\.message.kind)) == Set(Message.Kind.allCases))
  }

  @Test func goldenBytes() throws {
    let samples = try Samples.messages()
    let vectors = try VectorFile("messages").entries("good")
    #expect(try vectors.map { try $0.text("name") } == samples.map(\.name))
    for (vector, sample) in zip(vectors, samples) {
      let bytes = try vector.hex("hex")
      #expect(sample.message.frame.encoded == bytes, "\(sample.name)")
      #expect(try Message(try frame(bytes)) == sample.message, "\(sample.name)")
      #expect(try vector.text("message") == "\(sample.message.kind)")
      let fields = Mirror(reflecting: sample.message).children.first.map {
        Described.json(of: $0.value)
      }
      // `alive` has none.
      #expect(vector["fields"] == fields ?? .object([]), "\(sample.name)")
    }
  }

  @Test func refused() throws {
    for vector in try VectorFile("messages").entries("bad") {
      let frame = try frame(try vector.hex("hex"))
      let error = #expect(throws: CodecError.self, "\(vector)") { try Message(frame) }
      #expect(try vector.text("error") == error.map { caseName(of: $0) }, "\(vector)")
    }
  }

  @Test func everyTruncationIsTruncated() throws {
    for sample in try Samples.messages() {
      let whole = sample.message.frame
      // An extension that is left out whole leaves a message.
      for end in 0..<whole.body.count where end != sample.message.fieldBytes {
        let cut = Frame(type: whole.type, body: Array(whole.body[..<end]))
        #expect(throws: CodecError.truncated, "\(sample.name) to \(end)") { try Message(cut) }
      }
    }
  }

  @Test func unknownTypesAreSkippedFromEightyUp() throws {
    let known = Set(Message.Kind.allCases.map(\.rawValue))
    for type in UInt8.min...UInt8.max where !known.contains(type) {
      let frame = Frame(type: type, body: [1, 2, 3])
      if type >= Message.firstIgnorableType {
        #expect(try Message(frame) == nil)
      } else {
        #expect(throws: CodecError.unknownTag("message", UInt64(type))) { try Message(frame) }
      }
    }
  }

  @Test func evenExtensionsAreSkippedAndOddOnesRefused() throws {
    for sample in try Samples.messages() {
      let whole = sample.message.frame
      func extended(_ bytes: [UInt8]) -> Frame { Frame(type: whole.type, body: whole.body + bytes) }
      #expect(try Message(extended([0x02, 0x01, 0xFF, 0x04, 0x00])) == sample.message)
      #expect(throws: CodecError.criticalExtension(3)) {
        try Message(extended([0x02, 0x00, 0x03, 0x00]))
      }
      #expect(throws: CodecError.notCanonical("extensions")) {
        try Message(extended([0x04, 0x00, 0x02, 0x00]))
      }
      #expect(throws: CodecError.notCanonical("extensions")) {
        try Message(extended([0x02, 0x00, 0x02, 0x00]))
      }
      // A byte too many is the beginning of an extension that does not end.
      #expect(throws: CodecError.truncated) { try Message(extended([0x06])) }
    }
  }

  @Test func extensionsAreLimited() throws {
    let body = Message.fail(Fail(code: .idle, message: "")).frame.body
    func extended(_ count: Int) -> Frame {
      var writer = ByteWriter()
      writer.raw(body)
      for tag in 0..<count {
        writer.varint(2 * tag)
        writer.varint(0)
      }
      return Frame(type: Message.Kind.fail.rawValue, body: writer.bytes)
    }
    #expect(try Message(extended(Limits.extensionsMax)) != nil)
    #expect(throws: CodecError.overLimit("extensions", max: Limits.extensionsMax)) {
      try Message(extended(Limits.extensionsMax + 1))
    }
  }

  @Test func codesOfLaterVersionsAreUnknown() throws {
    let frame = Frame(type: Message.Kind.fail.rawValue, body: [0xE7, 0x07, 0x00])
    #expect(try Message(frame) == .fail(Fail(code: .unknown, message: "")))
  }

  @Test func textsOfFailuresAreCutToWhatThePeerTakes() throws {
    // 3 bytes a character, so that the limit falls within one.
    let long = String(repeating: "\u{20AC}", count: Limits.errorTextBytesMax)
    for message in [
      Message.fail(Fail(code: .storage, message: long)),
      .refused(Refused(channel: 1, code: .storage, message: long)),
    ] {
      switch try Message(message.frame) {
      case .fail(let fail): #expect(fail.message.utf8.count == 1_023)
      case .refused(let refused): #expect(refused.message.utf8.count == 1_023)
      default: Issue.record("the message changed its kind")
      }
    }
  }

  @Test func anEntryComesBackFromItsParts() throws {
    let record = RecordEncoder.encode(try Samples.records()[1].record).bytes
    let entry = RecordEntry(clockIndex: 300, id: try RecordID("r"), record: record)
    #expect(entry.encoded.count <= entry.encodedBytesMax)
    #expect(try RecordEntry(joined: entry.encoded) == entry)
    for end in 0..<entry.encoded.count {
      #expect(throws: CodecError.truncated) {
        try RecordEntry(joined: Array(entry.encoded[..<end]))
      }
    }
    #expect(throws: CodecError.trailing(bytes: 1)) {
      try RecordEntry(joined: entry.encoded + [0])
    }
  }
}

extension Message {
  /// Of the body, extensions aside.
  fileprivate var fieldBytes: Int {
    var plain = self
    switch self {
    case .hello(var hello):
      hello.compressions = []
      plain = .hello(hello)
    case .welcome(var welcome):
      welcome.compression = nil
      plain = .welcome(welcome)
    case .open(var open):
      open.sums = nil
      plain = .open(open)
    case .state(var state):
      state.leftOut = []
      plain = .state(state)
    default: break
    }
    return plain.frame.body.count
  }
}
