import OfficeSyncProtocol
import OfficeSyncTestSupport
import Testing

@Suite struct FrameDecoderTests {
  private func allFrames(_ decoder: inout FrameDecoder) throws -> [Frame] {
    var frames: [Frame] = []
    while let frame = try decoder.next() { frames.append(frame) }
    return frames
  }

  private func stream() throws -> (frames: [Frame], bytes: [UInt8]) {
    let frames =
      try Samples.messages().map(\.message.frame) + [Frame(type: 0xFF, body: [])]
    return (frames, frames.flatMap(\.encoded))
  }

  @Test func everySplitPointGivesTheSameFrames() throws {
    let (frames, bytes) = try stream()
    for split in 0...bytes.count {
      var decoder = FrameDecoder(frameBytesMax: 4_096)
      decoder.append(bytes[..<split])
      var got = try allFrames(&decoder)
      decoder.append(bytes[split...])
      got += try allFrames(&decoder)
      #expect(got == frames, "split at \(split)")
      #expect(!decoder.holdsPartialFrame)
    }
  }

  @Test func piecesOfAnySizeGiveTheSameFrames() throws {
    let (frames, bytes) = try stream()
    for size in [1, 2, 3, 5, 7, 64, 1_000] {
      var decoder = FrameDecoder(frameBytesMax: 4_096)
      var got: [Frame] = []
      for start in stride(from: 0, to: bytes.count, by: size) {
        decoder.append(bytes[start..<min(start + size, bytes.count)])
        got += try allFrames(&decoder)
      }
      #expect(got == frames, "pieces of \(size)")
    }
  }

  @Test func lengthIsCheckedBeforeTheBodyIsWaitedFor() {
    for (header, error) in [
      ([0, 0, 0, 0], FrameError.empty),
      ([0, 0, 0x10, 0x01], .tooLarge(bytes: 4_097, max: 4_096)),
      ([0xFF, 0xFF, 0xFF, 0xFF], .tooLarge(bytes: 4_294_967_295, max: 4_096)),
      // The first line of an HTTP request.
      (Array("GET ".utf8), .tooLarge(bytes: 0x4745_5420, max: 4_096)),
    ] as [([UInt8], FrameError)] {
      var decoder = FrameDecoder(frameBytesMax: 4_096)
      decoder.append(header)
      #expect(throws: error) { try decoder.next() }
    }
  }

  @Test func aFrameOfTheLimitIsTaken() throws {
    let frame = Frame(type: 1, body: [UInt8](repeating: 7, count: 4_095))
    var decoder = FrameDecoder(frameBytesMax: 4_096)
    decoder.append(frame.encoded)
    #expect(try decoder.next() == frame)
  }

  @Test func theLimitCanBeRaisedBetweenFrames() throws {
    let (small, large) = (
      Frame(type: 1, body: [1]), Frame(type: 2, body: .init(repeating: 0, count: 5_000))
    )
    var decoder = FrameDecoder(frameBytesMax: 4_096)
    decoder.append(small.encoded + large.encoded)
    #expect(try decoder.next() == small)
    decoder.frameBytesMax = 8_192
    #expect(try decoder.next() == large)
  }

  @Test func halfAFrameIsSeenAtTheEnd() throws {
    let bytes = Frame(type: 1, body: [1, 2, 3]).encoded
    for end in 1..<bytes.count {
      var decoder = FrameDecoder(frameBytesMax: 4_096)
      decoder.append(bytes[..<end])
      #expect(try decoder.next() == nil)
      #expect(decoder.holdsPartialFrame)
    }
  }

  @Test func randomStreamsGiveFramesOrAnError() throws {
    var random = SplitMix64(seed: 4)
    var errors = 0
    for _ in 0..<2_000 {
      var decoder = FrameDecoder(frameBytesMax: 64)
      do {
        for _ in 0..<8 {
          let length = UInt8.random(in: 0...70, using: &random)
          decoder.append([0, 0, 0, length])
          decoder.append((0..<length).map { _ in .random(in: 0...255, using: &random) })
          while let frame = try decoder.next() { #expect(frame.body.count < 64) }
        }
      } catch {
        errors += 1
      }
    }
    #expect(errors > 100)
  }
}
