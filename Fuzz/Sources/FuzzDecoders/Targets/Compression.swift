import OfficeSyncCompression
import OfficeSyncProtocol

/// A stream of plain and compressed frames, which comes in two pieces as it does in one. The first two bytes say where it
/// is cut.
func fuzzCompressed(_ bytes: [UInt8]) {
  guard bytes.count >= 2 else { return }
  let stream = bytes.dropFirst(2)
  let split = stream.startIndex + (Int(bytes[0]) << 8 | Int(bytes[1])) % (stream.count + 1)
  require(
    frames(in: [stream]) == frames(in: [stream[..<split], stream[split...]]),
    "frames depend on where pieces end")
}

private func frames(in pieces: [ArraySlice<UInt8>]) -> [Frame] {
  var reader = FrameReader(frameBytesMax: Limits.frameBytesMax)
  reader.takesCompressed = true
  var frames: [Frame] = []
  do {
    for piece in pieces {
      reader.append(piece)
      while let frame = try reader.next() { frames.append(frame) }
    }
  } catch {
    return frames
  }
  return frames
}
