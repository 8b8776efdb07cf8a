import OfficeSyncRecords

/// A record's bytes, found to be a record in canonical form. It is made into a ``Record`` only where somebody looks at its
/// fields.
public enum CheckedRecord: Sendable {
  case plain(PlainRecord)
  case whole(Record, EncodedRecord)

  /// - Throws: ``CodecError``
  public init(_ bytes: [UInt8]) throws(CodecError) {
    if let plain = PlainRecord(bytes) {
      self = .plain(plain)
      return
    }
    let (record, encoded) = try RecordDecoder.decode(bytes)
    self = .whole(record, encoded)
  }

  public init(_ record: Record) {
    self = .whole(record, RecordEncoder.encode(record))
  }

  public var encoded: EncodedRecord {
    switch self {
    case .plain(let plain): plain.encoded
    case .whole(_, let encoded): encoded
    }
  }

  public var clock: VersionVector {
    switch self {
    case .plain(let plain): plain.clock
    case .whole(let record, _): record.clock
    }
  }

  /// The record itself.
  public var record: Record {
    get throws(CodecError) {
      switch self {
      case .plain(let plain): try RecordDecoder.decode(plain.encoded.bytes).0
      case .whole(let record, _): record
      }
    }
  }
}

/// There is one encoding of a record, so bytes are all there is to compare.
extension CheckedRecord: Hashable {
  public static func == (a: CheckedRecord, b: CheckedRecord) -> Bool { a.encoded == b.encoded }

  public func hash(into hasher: inout Hasher) { hasher.combine(encoded) }
}
