import OfficeSyncRecords

/// A piece of one entry that does not fit a frame. The pieces follow each other with nothing else of the channel
/// between; the last has nothing remaining.
public struct Part: Hashable, Sendable {
  public var channel: Channel
  /// Bytes of the entry that come after this piece.
  public var remaining: UInt64
  public var bytes: [UInt8]

  public init(channel: Channel, remaining: UInt64, bytes: [UInt8]) {
    self.channel = channel
    self.remaining = remaining
    self.bytes = bytes
  }

  init(from reader: inout ByteReader) throws(CodecError) {
    channel = try reader.channel()
    remaining = try reader.varint()
    guard remaining <= UInt64(WriteLimits.recordBytesMax + 4_096) else {
      throw .overLimit("record", max: WriteLimits.recordBytesMax)
    }
    bytes = Array(try reader.bytes(of: "part", max: Limits.frameBytesMax))
    guard !bytes.isEmpty else { throw .notCanonical("part") }
  }

  func encode(into writer: inout ByteWriter) {
    writer.varint(channel)
    writer.varint(remaining)
    writer.prefixed(bytes)
  }
}
