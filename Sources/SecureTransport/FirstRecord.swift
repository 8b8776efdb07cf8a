import NIOCore

/// Gathers what a peer sends until its first record is there (RFC 8446, section 5.1).
struct FirstRecord {
  /// Of the version, which stands behind the type; every version of TLS has it.
  private static let majorVersion: UInt8 = 3

  private var bytes = ByteBuffer()

  /// - Returns: all that has come, as soon as the record is whole or cannot be one; nil until then.
  mutating func add(_ more: ByteBuffer) -> ByteBuffer? {
    // Copied, since what a read comes in has room for far more.
    bytes.writeImmutableBuffer(more)
    guard isDue else { return nil }
    defer { bytes = ByteBuffer() }
    return bytes
  }

  private var isDue: Bool {
    var header = bytes
    guard
      let (_, major, _, length) = header.readMultipleIntegers(
        as: (UInt8, UInt8, UInt8, UInt16).self)
    else { return false }
    return major != Self.majorVersion || length > TLSLimits.recordBytesMax
      || header.readableBytes >= length
  }
}
