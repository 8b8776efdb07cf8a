import GRDB
import OfficeSyncRecords

/// The index by ID of one collection, for whoever reads.
///
/// It has a row for each record but those of the *tail*, `store.tail_from` and after, which came in bulk and are entered together
/// later (``RecordIDIndex``). Both are looked at here, so that nobody sees a difference: a tail only takes longer.
struct RecordIDs {
  private let db: Database
  private let collection: Int64
  private let enteredStatement: RawStatement

  init(_ db: Database, collection: Int64) throws {
    self.db = db
    self.collection = collection
    enteredStatement = try RawStatement(
      db, "SELECT record FROM record_id WHERE collection = ? AND id = ?")
  }

  /// The number of a record.
  func find(_ id: RecordID) throws -> Int64? { try entered(id) ?? inTail(id) }

  /// The number of a record that is not in the tail.
  func entered(_ id: RecordID) throws -> Int64? { try first(of: enteredStatement, id) }

  private func inTail(_ id: RecordID) throws -> Int64? {
    let select = try RawStatement(
      db,
      """
      SELECT number FROM record
      WHERE number >= (SELECT tail_from FROM store) AND +collection = ? AND id = ? LIMIT 1
      """)
    return try first(of: select, id)
  }

  private func first(of select: RawStatement, _ id: RecordID) throws -> Int64? {
    try select.first({
      $0.int(collection)
      $0.bytes(id.key.bytes)
    }) { $0.int(0) }
  }

  /// The number of the tail's first record; nil if there is no tail.
  static func tailStart(_ db: Database) throws -> Int64? {
    try Int64.fetchOne(db, sql: "SELECT tail_from FROM store")
  }

  /// Records in the order of their IDs; of the index alone, where there is no tail.
  ///
  /// - Parameters:
  ///   - bytes: only IDs above these.
  ///   - last: and none above these; nil for all.
  func list(
    after bytes: [UInt8]?, through last: [UInt8]?, limit: Int
  ) throws -> [(id: RecordID, row: Int64)] {
    let select = try RawStatement(
      db,
      """
      SELECT id, record FROM record_id WHERE collection = ?1 AND id > ?2 AND id <= ?3
      UNION ALL
      SELECT id, number FROM record
      WHERE number >= (SELECT tail_from FROM store) AND +collection = ?1 AND id > ?2 AND id <= ?3
      ORDER BY 1 LIMIT ?4
      """)
    return try select.all({
      $0.int(collection)
      // IDs are not empty, and no byte of UTF-8 is as high as this.
      $0.bytes(bytes ?? [])
      $0.bytes(last ?? [0xFF])
      $0.int(Int64(limit))
    }) { (try RecordID(stored: $0.bytes(0)), $0.int(1)) }
  }

  /// Enters the tail of all collections, in the order of IDs: a page of the index is written once for all that belong there.
  static func enterTail(_ db: Database) throws {
    // Of two rows with one ID, which only damage makes, the first keeps it; the audit finds the other.
    try db.execute(
      sql: """
        INSERT OR IGNORE INTO record_id (collection, id, record)
        SELECT collection, id, number FROM record WHERE number >= (SELECT tail_from FROM store)
        ORDER BY collection, id, number;
        UPDATE store SET tail_from = NULL WHERE tail_from IS NOT NULL;
        """)
  }

  /// Makes the index anew from the records.
  static func rebuild(_ db: Database) throws {
    try db.execute(sql: "DELETE FROM record_id; UPDATE store SET tail_from = 0")
    try enterTail(db)
  }
}
