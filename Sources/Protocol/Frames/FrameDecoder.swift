/// Why a byte stream is not a stream of frames.
public enum FrameError: Error, Hashable, Sendable {
  /// A frame with no type byte.
  case empty
  case tooLarge(bytes: Int, max: Int)
}

/// Cuts a byte stream into frames. Checks the length against the limit in force before it waits for a body; holds at
/// most one frame's bytes and what came behind it.
public struct FrameDecoder: Sendable {
  /// The longest frame accepted now, in bytes of its length field. A session raises it once `Hello` was accepted.
  public var frameBytesMax: Int

  private var buffer: [UInt8] = []
  private var start = 0

  public init(frameBytesMax: Int) {
    self.frameBytesMax = frameBytesMax
  }

  public mutating func append(_ bytes: some Collection<UInt8>) {
    if start > 0 && start * 2 >= buffer.count {
      buffer.removeFirst(start)
      start = 0
    }
    buffer.append(contentsOf: bytes)
  }

  /// The next whole frame; nil while it has not come in full.
  public mutating func next() throws(FrameError) -> Frame? {
    let available = buffer.count - start
    guard available >= Frame.headerBytes else { return nil }
    let length = buffer[start..<start + Frame.headerBytes].reduce(0) { $0 << 8 | Int($1) }
    if length < Limits.frameBytesMin { throw .empty }
    if length > frameBytesMax { throw .tooLarge(bytes: length, max: frameBytesMax) }
    guard available >= Frame.headerBytes + length else { return nil }
    let type = start + Frame.headerBytes
    let end = type + length
    let frame = Frame(type: buffer[type], body: Array(buffer[(type + 1)..<end]))
    start = end
    if start == buffer.count {
      buffer.removeAll(keepingCapacity: true)
      start = 0
    }
    return frame
  }

  /// Whether a frame has begun and not ended: at the end of a stream this means that it was cut.
  public var holdsPartialFrame: Bool { start < buffer.count }
}
