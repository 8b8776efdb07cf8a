import OfficeSyncRecords

/// What is to be made of a record's bytes as they lie in a store.
package enum StoredState {
  /// As it was written.
  case sound(CheckedRecord, part: Fingerprint)
  /// It can be read, and is not what was written.
  case altered(CheckedRecord)
  case unreadable

  package init(
    _ bytes: [UInt8], checksum: UInt64, id: RecordID, collection: CollectionName
  ) {
    guard let checked = try? CheckedRecord(bytes) else {
      self = .unreadable
      return
    }
    let part = Fingerprint(collection: collection, id: id, record: checked.encoded)
    let isSound = RecordChecksum.of(checked.encoded, part: part) == checksum
    self = isSound ? .sound(checked, part: part) : .altered(checked)
  }

  package func digest(of id: RecordID) -> RecordDigest {
    switch self {
    case .sound(_, let part): RecordDigest(id: id, fingerprint: part, isDamaged: false)
    case .altered, .unreadable: RecordDigest(id: id, fingerprint: .zero, isDamaged: true)
    }
  }
}
