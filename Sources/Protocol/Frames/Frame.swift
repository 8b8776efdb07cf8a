/// One frame: `length (4 bytes, big-endian) | type (1 byte) | body`. The length counts the type and the body.
public struct Frame: Hashable, Sendable {
  public static let headerBytes = 4
  /// The type of frames that hold a piece of the compressed stream instead of a message.
  public static let compressedType: UInt8 = 0x18

  public let type: UInt8
  public let body: [UInt8]

  public init(type: UInt8, body: [UInt8]) {
    self.type = type
    self.body = body
  }

  /// How long the frame is as it goes out.
  public var encodedBytes: Int { Self.headerBytes + 1 + body.count }

  /// The frame as it goes out.
  public var encoded: [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(encodedBytes)
    let length = UInt32(1 + body.count)
    for shift in stride(from: 24, through: 0, by: -8) {
      bytes.append(UInt8(truncatingIfNeeded: length >> UInt32(shift)))
    }
    bytes.append(type)
    bytes.append(contentsOf: body)
    return bytes
  }
}
