import OfficeSyncRecords

/// Where a scan by origin stands.
public struct EntryCursor: Hashable, Sendable {
  public var counter: UInt64
  /// The store's own number of the record, to go on among equal counters.
  public var row: Int64

  public init(counter: UInt64, row: Int64 = .max) {
    self.counter = counter
    self.row = row
  }
}

/// One row of the index by origin, with its record.
public struct StoredEntry: Hashable, Sendable {
  public var cursor: EntryCursor
  public var id: RecordID
  /// Canonical bytes, as stored.
  public var record: [UInt8]
  /// What was kept beside them when they were written; see ``StoredState``.
  public var checksum: UInt64

  public init(cursor: EntryCursor, id: RecordID, record: [UInt8], checksum: UInt64) {
    self.cursor = cursor
    self.id = id
    self.record = record
    self.checksum = checksum
  }
}
