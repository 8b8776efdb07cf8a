/// The random 128-bit name of a replica, shown as 32 hexadecimal digits and ordered as bytes.
public struct ReplicaID: Hashable, Comparable, Sendable {
  public static let byteCount = 16
  /// No replica has this ID.
  public static let zero = ReplicaID(high: 0, low: 0)

  public let high: UInt64
  public let low: UInt64

  public init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// Reads 16 bytes, big-endian; nil for another number of bytes.
  public init?(bytes: some Collection<UInt8>) {
    guard bytes.count == Self.byteCount else { return nil }
    func number(_ part: some Collection<UInt8>) -> UInt64 {
      part.reduce(0) { $0 << 8 | UInt64($1) }
    }
    self.init(high: number(bytes.prefix(8)), low: number(bytes.dropFirst(8)))
  }

  /// Reads 32 hexadecimal digits; nil for anything else.
  public init?(hex: some StringProtocol) {
    guard let bytes = Hex.bytes(of: hex) else { return nil }
    self.init(bytes: bytes)
  }

  public static func random(using generator: inout some RandomNumberGenerator) -> ReplicaID {
    ReplicaID(high: generator.next(), low: generator.next())
  }

  public var bytes: [UInt8] { high.bigEndianBytes + low.bigEndianBytes }

  @inlinable
  public static func < (a: ReplicaID, b: ReplicaID) -> Bool {
    a.high != b.high ? a.high < b.high : a.low < b.low
  }
}

extension ReplicaID: CustomStringConvertible {
  public var description: String { Hex.text(of: bytes) }
}
