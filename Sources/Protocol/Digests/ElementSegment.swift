import Crypto
import OfficeSyncRecords

extension Value {
  /// The segment under which a set keeps this element: the first 16 bytes of SHA-256 of its encoding, in hexadecimal. The
  /// same value so has the same place wherever it was added.
  public var elementSegment: String {
    var writer = ByteWriter()
    writer.value(self)
    return Hex.text(of: SHA256.hash(data: writer.bytes).prefix(16))
  }
}
