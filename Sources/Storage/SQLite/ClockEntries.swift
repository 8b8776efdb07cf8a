import GRDB
import OfficeSyncProtocol
import OfficeSyncRecords

/// Reads the index by origin of one collection.
struct ClockEntries {
  private let db: Database
  private let collection: Int64

  init(_ db: Database, collection: Int64) {
    self.db = db
    self.collection = collection
  }

  /// The highest counter of each origin that is not closed: a search an origin, however many records there are.
  func newestOfOpen() throws -> VersionVector {
    let select = try RawStatement(
      db,
      """
      SELECT replica.id, (
        SELECT max(counter) FROM clock_entry
        WHERE collection = ?1 AND origin = knowledge.origin)
      FROM knowledge JOIN replica ON replica.number = knowledge.origin
      WHERE collection = ?1 AND end_place IS NULL
      """)
    return VersionVector(
      try select.all({ $0.int(collection) }) { Dot(try $0.replica(0), $0.counter(1)) })
  }

  /// What records have of an origin beyond a counter, added up.
  func strays(of origin: Int64, _ id: ReplicaID, beyond counter: UInt64) throws -> Fingerprint {
    let select = try RawStatement(
      db,
      """
      SELECT counter, record.id FROM clock_entry JOIN record ON record.number = clock_entry.record
      WHERE clock_entry.collection = ? AND origin = ? AND counter > ?
      """)
    let parts = try select.all({
      $0.int(collection)
      $0.int(origin)
      $0.counter(counter)
    }) { Fingerprint(stray: Dot(id, $0.counter(0)), of: try RecordID(stored: $0.bytes(1))) }
    return parts.reduce(.zero, +)
  }

  func scan(
    origin: Int64, after cursor: EntryCursor, bytesGoal: Int
  ) throws -> [StoredEntry] {
    let select = try RawStatement(
      db,
      """
      SELECT counter, clock_entry.record, record.id, record.state, checksum
      FROM clock_entry JOIN record ON record.number = clock_entry.record
      WHERE clock_entry.collection = ? AND origin = ?
        AND (counter, clock_entry.record) > (?, ?)
      ORDER BY counter, clock_entry.record
      """)
    var entries: [StoredEntry] = []
    var bytes = 0
    try select.forEach({
      $0.int(collection)
      $0.int(origin)
      $0.counter(cursor.counter)
      $0.int(cursor.row)
    }) { row in
      let entry = StoredEntry(
        cursor: EntryCursor(counter: row.counter(0), row: row.int(1)),
        id: try RecordID(stored: row.bytes(2)), record: row.bytes(3), checksum: row.counter(4))
      entries.append(entry)
      bytes += entry.record.count
      return bytes < bytesGoal
    }
    return entries
  }
}
