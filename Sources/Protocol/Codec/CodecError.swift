import OfficeSyncRecords

/// Why bytes are not what they claim to be. Every decoder is total: any bytes give a value or one of these.
public enum CodecError: Error, Hashable, Sendable {
  /// The bytes end in the middle of something.
  case truncated
  /// Bytes are left over.
  case trailing(bytes: Int)
  /// A varint is longer than its number needs, or does not fit 64 bits.
  case varint
  /// A number is outside the range of what it stands for.
  case outOfRange(String)
  /// A text is not UTF-8.
  case notUTF8
  case name(NameError)
  case record(RecordError)
  /// Entries that must be sorted, once each, or in use, are not: there is one encoding for each value.
  case notCanonical(String)
  /// A tag that this version of the protocol does not have.
  case unknownTag(String, UInt64)
  case overLimit(String, max: Int)
  /// An extension that says that it must be understood is not.
  case criticalExtension(UInt64)
}
