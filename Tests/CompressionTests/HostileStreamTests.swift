import CZstd
import OfficeSyncCompression
import OfficeSyncProtocol
import OfficeSyncTestSupport
import Testing

/// What a peer may send as compressed that no honest one would.
@Suite struct HostileStreamTests {
  /// What a receiver makes of a compressed frame with this body.
  private static func outcome(
    of body: [UInt8], then rest: [UInt8] = [], isAgreed: Bool = true
  ) -> FrameReaderError? {
    var reader = FrameReader(frameBytesMax: Limits.frameBytesMax)
    reader.takesCompressed = isAgreed
    reader.append(Frame(type: Frame.compressedType, body: body).encoded + rest)
    do {
      while try reader.next() != nil {}
      return nil
    } catch {
      return error
    }
  }

  private static let frame = Frame(type: 8, body: [1, 2, 3])

  @Test func whatWasNotAgreedOnIsRefused() throws {
    let body = try packed(Self.frame.encoded)
    #expect(Self.outcome(of: body) == nil)
    #expect(Self.outcome(of: body, isAgreed: false) == .compression(.notAgreed))
  }

  /// A gibibyte of skippable frames in 33 kB.
  @Test func aBombIsNotUnpacked() throws {
    let block = Frame(type: 0xFF, body: [UInt8](repeating: 0, count: (1 << 20) - 5)).encoded
    let bomb = try packed(block, times: 1_024)
    #expect(bomb.count < 200_000)
    #expect(
      Self.outcome(of: bomb) == .compression(.tooMuch(max: Limits.compressedContentBytesMax)))
  }

  @Test func theLimitIsWhatTheDocumentSays() throws {
    let most = Frame(
      type: 8, body: [UInt8](repeating: 7, count: Limits.compressedContentBytesMax - 5))
    #expect(Self.outcome(of: try packed(most.encoded)) == nil)
    #expect(
      Self.outcome(of: try packed(most.encoded + [0]))
        == .compression(.tooMuch(max: Limits.compressedContentBytesMax)))
  }

  @Test func aWindowThatNeedsMuchMemoryIsRefused() throws {
    for (bits, isTaken) in [(20, true), (21, false), (27, false)] {
      let outcome = Self.outcome(of: try packed(Self.frame.encoded, times: 2, windowLog: bits))
      if isTaken {
        #expect(outcome == nil)
      } else {
        #expect(
          outcome
            == .compression(.malformed("Frame requires too much memory for decoding")))
      }
    }
  }

  @Test func framesDoNotNestOrInterruptEachOther() throws {
    let nested = Frame(type: Frame.compressedType, body: try packed(Self.frame.encoded))
    #expect(Self.outcome(of: try packed(nested.encoded)) == .compression(.nested))
    let half = try packed(Array(Self.frame.encoded.dropLast()))
    #expect(Self.outcome(of: half, then: Self.frame.encoded) == .compression(.interrupted))
  }

  @Test func theLimitOnFramesHoldsWithin() throws {
    let long: [UInt8] = [0, 0x10, 0, 1, 8]
    #expect(
      Self.outcome(of: try packed(long))
        == .frame(.tooLarge(bytes: 1 << 20 | 1, max: Limits.frameBytesMax)))
    #expect(Self.outcome(of: try packed([0, 0, 0, 0])) == .frame(.empty))
  }

  /// Any bytes give frames or an error.
  @Test func damagedStreamsAreRefused() throws {
    var random = SplitMix64(seed: 11)
    let text = Frame(type: 8, body: (0..<3_000).map { UInt8($0 / 7 % 90) })
    let sound = try packed(text.encoded)
    var refused = 0
    for _ in 0..<500 {
      var body = sound
      let place = Int.random(in: 0..<body.count, using: &random)
      body[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      if Self.outcome(of: body) != nil { refused += 1 }
    }
    #expect(refused > 50)
    #expect(Self.outcome(of: Array(repeating: 0xFF, count: 64)) != nil)
  }
}

/// A whole zstd stream made with zstd itself.
private func packed(_ bytes: [UInt8], times: Int = 1, windowLog: Int = 20) throws -> [UInt8] {
  let context = try #require(ZSTD_createCCtx())
  defer { ZSTD_freeCCtx(context) }
  ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, Int32(windowLog))
  var stream: [UInt8] = []
  let room = ZSTD_compressBound(bytes.count) + 1_024
  for time in 1...times {
    try bytes.withUnsafeBytes { source in
      var input = ZSTD_inBuffer(src: source.baseAddress, size: source.count, pos: 0)
      var left = 1
      while left > 0 {
        var failed = false
        stream += [UInt8](unsafeUninitializedCapacity: room) { target, count in
          var output = ZSTD_outBuffer(dst: target.baseAddress, size: room, pos: 0)
          left = ZSTD_compressStream2(
            context, &output, &input, time == times ? ZSTD_e_end : ZSTD_e_continue)
          failed = ZSTD_isError(left) != 0
          count = output.pos
        }
        try #require(!failed)
        if time < times, input.pos == input.size { break }
      }
    }
  }
  return stream
}
