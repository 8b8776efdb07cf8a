import OfficeSyncRecords

/// A record that a peer sent, checked and decoded.
public struct IncomingRecord: Hashable, Sendable {
  public var id: RecordID
  public var record: Record
  public var encoded: EncodedRecord

  public init(id: RecordID, record: Record, encoded: EncodedRecord) {
    self.id = id
    self.record = record
    self.encoded = encoded
  }
}
