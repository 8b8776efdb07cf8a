import Crypto
import OfficeSyncRecords

/// An additive hash over the states of all records of a collection: replicas that show the same have the same one,
/// in whatever order their writes came (Bellare and Micciancio, AdHash, 1997).
///
/// It is the sum, modulo 2^256, of SHA-256(collection, ID, body) over all records: siblings count, clocks do not.
/// Adding and taking away are O(1), so it is kept up to date with each write.
public struct Fingerprint: Hashable, Sendable {
  public static let byteCount = 32
  public static let zero = Fingerprint(words: (0, 0, 0, 0))

  /// Big-endian words, the first the most significant.
  private let a: UInt64, b: UInt64, c: UInt64, d: UInt64

  private init(words: (UInt64, UInt64, UInt64, UInt64)) {
    (a, b, c, d) = words
  }

  /// Reads 32 bytes, big-endian; nil for another number of bytes.
  public init?(bytes: some Collection<UInt8>) {
    guard bytes.count == Self.byteCount else { return nil }
    var words: [UInt64] = []
    for (index, byte) in bytes.enumerated() {
      if index.isMultiple(of: 8) { words.append(0) }
      words[index / 8] = words[index / 8] << 8 | UInt64(byte)
    }
    self.init(words: (words[0], words[1], words[2], words[3]))
  }

  /// One record's part.
  public init(collection: CollectionName, id: RecordID, record: EncodedRecord) {
    var hash = SHA256()
    var prefix = ByteWriter(reserving: 160)
    prefix.text(collection.text)
    prefix.prefixed(id.key.bytes)
    hash.update(data: prefix.bytes)
    hash.update(data: record.bytes[..<record.bodyCount])
    self.init(hash.finalize())
  }

  /// A hash as a big-endian number: of each record, and each closed origin, so that it is read as four words.
  init(_ hash: SHA256Digest) {
    self = hash.withUnsafeBytes { bytes in
      func word(_ index: Int) -> UInt64 {
        UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8 * index, as: UInt64.self))
      }
      return Fingerprint(words: (word(0), word(1), word(2), word(3)))
    }
  }

  public static func + (x: Fingerprint, y: Fingerprint) -> Fingerprint {
    let (d, d1) = x.d.addingReportingOverflow(y.d)
    let (c, c1) = add(x.c, y.c, d1)
    let (b, b1) = add(x.b, y.b, c1)
    let (a, _) = add(x.a, y.a, b1)
    return Fingerprint(words: (a, b, c, d))
  }

  public static func - (x: Fingerprint, y: Fingerprint) -> Fingerprint {
    // Two's complement: x + ~y + 1.
    let inverted = Fingerprint(words: (~y.a, ~y.b, ~y.c, ~y.d))
    return x + inverted + Fingerprint(words: (0, 0, 0, 1))
  }

  public var bytes: [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(Self.byteCount)
    forEachByte { bytes.append($0) }
    return bytes
  }

  func forEachByte(_ body: (UInt8) -> Void) {
    func each(_ word: UInt64) {
      for shift in stride(from: 56, through: 0, by: -8) {
        body(UInt8(truncatingIfNeeded: word >> UInt64(shift)))
      }
    }
    each(a)
    each(b)
    each(c)
    each(d)
  }

  private static func add(_ x: UInt64, _ y: UInt64, _ carry: Bool) -> (UInt64, Bool) {
    let (sum, first) = x.addingReportingOverflow(y)
    let (total, second) = sum.addingReportingOverflow(carry ? 1 : 0)
    return (total, first || second)
  }
}

extension Fingerprint: CustomStringConvertible {
  public var description: String { Hex.text(of: bytes) }
}
