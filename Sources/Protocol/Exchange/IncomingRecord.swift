import OfficeSyncRecords

/// A record that a peer sent, checked.
public struct IncomingRecord: Hashable, Sendable {
  public var id: RecordID
  public var checked: CheckedRecord

  public init(id: RecordID, _ checked: CheckedRecord) {
    self.id = id
    self.checked = checked
  }
}
