import OfficeSyncProtocol
import OfficeSyncRecords

/// What is kept beside a record's state, so that it need not be decoded to be counted or found, and can be checked.
package struct RecordTraits: Hashable, Sendable {
  /// Neither deleted nor reserved.
  package var isLive: Bool
  /// Some field has several siblings: a new schema may open a conflict.
  package var isContested: Bool
  package var openConflicts: Int
  /// See `RecordChecksum`.
  package var checksum: UInt64

  package init(isLive: Bool, isContested: Bool, openConflicts: Int, checksum: UInt64) {
    self.isLive = isLive
    self.isContested = isContested
    self.openConflicts = openConflicts
    self.checksum = checksum
  }

  /// - Parameters:
  ///   - part: the record's part of the collection's fingerprint.
  ///   - schema: the one in force; asked for only where it matters.
  init(
    of checked: CheckedRecord, id: RecordID, part: Fingerprint, schema: () throws -> Schema
  ) rethrows {
    checksum = RecordChecksum.of(checked.encoded, part: part)
    guard case .whole(let record, _) = checked else {
      (isLive, isContested, openConflicts) = (!id.isReserved, false, 0)
      return
    }
    isContested = record.fields.contains { $0.siblings.count > 1 }
    guard isContested || !record.siblings(at: .deleted).isEmpty else {
      (isLive, openConflicts) = (!id.isReserved, 0)
      return
    }
    let view = RecordView(record, schema: try schema())
    isLive = !id.isReserved && !view.isDeleted
    openConflicts = view.openConflictCount
  }
}
