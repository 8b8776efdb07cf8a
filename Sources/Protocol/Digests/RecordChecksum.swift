/// 64 bits kept beside a stored record that tell whether its bytes are still those that were written: a flipped bit in a
/// text makes another good record, which nothing else on this machine can tell from the right one.
package enum RecordChecksum {
  /// FNV-1a (Fowler, Noll, Vo) over the record's part of the fingerprint, which covers collection, ID and body, and over
  /// the causality behind the body.
  package static func of(_ record: EncodedRecord, part: Fingerprint) -> UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    func add(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    part.forEachByte(add)
    for byte in record.bytes[record.bodyCount...] { add(byte) }
    return hash
  }
}
