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

  /// The highest counter of each origin: two searches per origin, however many records there are.
  func newest() throws -> VersionVector {
    let select = try RawStatement(
      db,
      """
      WITH RECURSIVE origins (origin) AS (
        SELECT min(origin) FROM clock_entry WHERE collection = ?1
        UNION ALL
        SELECT (
          SELECT min(origin) FROM clock_entry
          WHERE collection = ?1 AND origin > origins.origin)
        FROM origins WHERE origins.origin IS NOT NULL)
      SELECT replica.id, (
        SELECT max(counter) FROM clock_entry WHERE collection = ?1 AND origin = origins.origin)
      FROM origins JOIN replica ON replica.number = origins.origin
      """)
    return VersionVector(
      try select.all({ $0.int(collection) }) { Dot(try $0.replica(0), $0.counter(1)) })
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
