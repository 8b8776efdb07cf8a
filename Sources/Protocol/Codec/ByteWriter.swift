import OfficeSyncRecords

/// Collects an encoding. What it is given is valid by its type, so nothing here throws.
public struct ByteWriter {
  public private(set) var bytes: [UInt8] = []

  public init(reserving capacity: Int = 0) {
    bytes.reserveCapacity(capacity)
  }

  public mutating func byte(_ value: UInt8) {
    bytes.append(value)
  }

  public mutating func varint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
  }

  public mutating func varint(_ value: Int) {
    varint(UInt64(value))
  }

  public mutating func signedVarint(_ value: Int64) {
    varint(UInt64(bitPattern: value << 1 ^ value >> 63))
  }

  public mutating func raw(_ value: some Collection<UInt8>) {
    bytes.append(contentsOf: value)
  }

  public mutating func prefixed(_ value: some Collection<UInt8>) {
    varint(value.count)
    raw(value)
  }

  public mutating func text(_ value: String) {
    prefixed(value.utf8)
  }

  public mutating func fixed64(_ value: UInt64) {
    withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
  }

  public mutating func replica(_ value: ReplicaID) {
    fixed64(value.high)
    fixed64(value.low)
  }
}
