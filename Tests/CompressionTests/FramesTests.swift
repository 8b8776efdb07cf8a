import OfficeSyncCompression
import OfficeSyncProtocol
import OfficeSyncTestSupport
import Testing

/// What goes in at one end comes out at the other, whatever the bursts and wherever the pieces end.
@Suite struct FramesTests {
  private static let limit = Limits.frameBytesMax

  /// Texts that repeat, random bytes, empty bodies, and frames longer than what one compressed frame holds.
  private static func frames(_ random: inout SplitMix64, count: Int) -> [Frame] {
    (0..<count).map { number in
      let length = [0, 40, 900, 16_000, 200_000].randomElement(using: &random) ?? 0
      let body: [UInt8] =
        Bool.random(using: &random)
        ? Array("projet \(number) signé, ".utf8.cycled(to: length))
        : (0..<length).map { _ in UInt8.random(in: .min ... .max, using: &random) }
      return Frame(type: UInt8.random(in: 1...0x17, using: &random), body: body)
    }
  }

  @Test(arguments: [1, 2, 3, 4] as [UInt64])
  func framesComeOutAsTheyWentIn(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let sent = Self.frames(&random, count: 60)
    var writer = FrameWriter()
    var bytes: [UInt8] = []
    var rest = sent[...]
    while !rest.isEmpty {
      // The peer's answer comes at some time, and so does the session's end of haste.
      if sent.count - rest.count >= 10 { writer.agree() }
      if sent.count - rest.count >= 40 { bytes += writer.settle().joined() }
      let burst = rest.prefix(Int.random(in: 1...6, using: &random))
      rest = rest.dropFirst(burst.count)
      bytes += writer.encode(Array(burst), at: .now).joined()
    }
    #expect(bytes.count < sent.reduce(0) { $0 + $1.encodedBytes }, "seed \(seed)")

    var reader = FrameReader(frameBytesMax: Self.limit)
    reader.takesCompressed = true
    var received: [Frame] = []
    var incoming = bytes[...]
    while !incoming.isEmpty {
      let length = Int.random(in: 1...20_000, using: &random)
      reader.append(incoming.prefix(length))
      incoming = incoming.dropFirst(length)
      while let frame = try reader.next() { received.append(frame) }
    }
    #expect(received == sent, "seed \(seed)")
    #expect(!reader.holdsPartialFrame)
    #expect(reader.frameBytes == sent.reduce(0) { $0 + $1.encodedBytes })
  }

  private static func text(_ bytes: Int) -> Frame {
    Frame(type: 8, body: Array("convention de partenariat no \(bytes), ".utf8.cycled(to: bytes)))
  }

  @Test func nothingIsCompressedBeforeThatIsAgreed() {
    var writer = FrameWriter()
    let frames = [Self.text(4_000), Self.text(10)]
    #expect(writer.encode(frames, at: .now) == frames.map(\.encoded))
  }

  @Test func shortBurstsGoAsTheyAre() {
    var writer = FrameWriter()
    writer.agree()
    let frames = [Self.text(200), Self.text(200)]
    #expect(writer.encode(frames, at: .now) == frames.map(\.encoded))
    #expect(writer.encode(frames + frames, at: .now).count == 1)
  }

  @Test func whatWentBeforeIsReferredToUntilTheSessionSettles() throws {
    var random = SplitMix64(seed: 5)
    let frame = Frame(
      type: 8, body: (0..<5_000).map { _ in UInt8.random(in: .min ... .max, using: &random) })
    var writer = FrameWriter()
    writer.agree()
    let bursts = [
      writer.encode([frame], at: .now), writer.encode([frame], at: .now), writer.settle(),
    ].map {
      Array($0.joined())
    }
    #expect(bursts[0].count > 5_000)
    #expect(bursts[1].count < 100)
    // The end of the stream alone: a header, and a last block of nothing.
    #expect(bursts[2] == [0, 0, 0, 4, 0x18, 1, 0, 0])

    // From then on each burst is a stream of its own.
    let alone = Array(writer.encode([frame], at: .now).joined())
    #expect(writer.settle().isEmpty)
    for stream in [bursts.flatMap { $0 } + alone, alone] {
      var reader = FrameReader(frameBytesMax: Self.limit)
      reader.takesCompressed = true
      reader.append(stream)
      var found = 0
      while let next = try reader.next() {
        #expect(next == frame)
        found += 1
      }
      #expect(found == (stream.count == alone.count ? 1 : 3))
    }
  }

  /// After the first MiB, and of 48 MiB after the first 16: a line that is quick is not waited for, and one that is slow is spared.
  @Test(arguments: [(100, true), (10_000, false)])
  func aQuickLineIsCompressedForQuickly(millisecondsAMebibyte: Int, isQuick: Bool) throws {
    let frame = Self.text(1 << 18)
    var writer = FrameWriter()
    writer.agree()
    var reader = FrameReader(frameBytesMax: Self.limit)
    reader.takesCompressed = true
    var now = ContinuousClock.now
    var streams = 0
    for _ in 0..<48 {
      for piece in writer.encode(Array(repeating: frame, count: 4), at: now) {
        if beginsStream(piece) { streams += 1 }
        reader.append(piece)
      }
      for _ in 0..<4 { #expect(try reader.next() == frame) }
      #expect(try reader.next() == nil)
      now += .milliseconds(millisecondsAMebibyte)
    }
    #expect(streams == (isQuick ? 3 : 2))
  }

  /// zstd's magic number, behind length and type.
  private func beginsStream(_ piece: [UInt8]) -> Bool {
    piece.dropFirst(5).starts(with: [0x28, 0xB5, 0x2F, 0xFD])
  }

  /// However many sessions carry much at once, what they hold together is bounded.
  @Test func onlySoManyAreThoroughAtOnce() throws {
    let frames = Array(repeating: Self.text(1 << 18), count: 4)
    let now = ContinuousClock.now
    func isThorough(_ writer: inout FrameWriter) -> Bool {
      writer.agree()
      _ = writer.encode(frames, at: now)
      return writer.encode(frames, at: now).contains(where: beginsStream)
    }
    var writers: [FrameWriter] = []
    var thorough = 0
    for _ in 0..<70 {
      var writer = FrameWriter()
      if isThorough(&writer) { thorough += 1 }
      writers.append(writer)
    }
    // Tests beside this one have a few.
    #expect((40...64).contains(thorough))
    // One that waits begins as soon as another is done.
    writers.removeFirst(60)
    var writer = FrameWriter()
    #expect(isThorough(&writer))
  }

  /// The example in the document.
  @Test func theDocumentsFrameHoldsFramesOfTheWorkedSession() throws {
    let document = try ProtocolDocument()
    let example = try #require(document.hexBlocks(of: "## 3.").first)
    var reader = FrameReader(frameBytesMax: Self.limit)
    reader.takesCompressed = true
    reader.append(example.bytes)
    for name in ["begin", "records", "done"] {
      let frame = try #require(document.frames.first { $0.name == name })
      #expect(try reader.next()?.encoded == frame.bytes)
    }
    #expect(try reader.next() == nil)
    #expect(!reader.holdsPartialFrame)
  }
}

extension Sequence where Element == UInt8 {
  /// Over and over, up to a length.
  fileprivate func cycled(to length: Int) -> [UInt8] {
    let once = Array(self)
    return (0..<length).map { once[$0 % once.count] }
  }
}
