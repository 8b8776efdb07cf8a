import OfficeSyncRecords

/// A record that a peer sent, checked.
public struct IncomingRecord: Hashable, Sendable {
  public var id: RecordID
  public var checked: CheckedRecord
  /// Its part of the collection's fingerprint, if that was worked out when it came: a store has one writer, which is what all
  /// wait for.
  public var part: Fingerprint?

  public init(id: RecordID, _ checked: CheckedRecord, part: Fingerprint? = nil) {
    self.id = id
    self.checked = checked
    self.part = part
  }
}
