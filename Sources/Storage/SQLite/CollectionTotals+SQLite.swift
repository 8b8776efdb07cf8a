import GRDB
import OfficeSyncProtocol
import OfficeSyncRecords

extension CollectionTotals {
  init(_ db: Database, number: Int64) throws {
    let select = try RawStatement(
      db,
      """
      SELECT fingerprint, records, live, conflicts, shown, epoch, revision FROM collection
      WHERE number = ?
      """)
    let found: CollectionTotals? = try select.first({ $0.int(number) }) { row in
      guard let fingerprint = Fingerprint(bytes: row.bytes(0)) else {
        throw StorageError.damaged(detail: "a fingerprint has the wrong length")
      }
      return CollectionTotals(
        fingerprint: fingerprint, records: row.counter(1), live: row.counter(2),
        conflicts: row.counter(3), shown: row.counter(4), epoch: row.counter(5),
        revision: row.counter(6))
    }
    guard let found else { throw StorageError.damaged(detail: "a collection has no row") }
    self = found
  }

  func save(_ db: Database, number: Int64) throws {
    let update = try RawStatement(
      db,
      """
      UPDATE collection SET fingerprint = ?, records = ?, live = ?, conflicts = ?, shown = ?,
        epoch = ?, revision = ?
      WHERE number = ?
      """)
    try update.run {
      $0.bytes(fingerprint.bytes)
      $0.counter(records)
      $0.counter(live)
      $0.counter(conflicts)
      $0.counter(shown)
      $0.counter(epoch)
      $0.counter(revision)
      $0.int(number)
    }
  }

  /// The number of a collection; a new one is made.
  static func number(of name: CollectionName, in db: Database) throws -> Int64 {
    if let number = try findNumber(of: name, in: db) { return number }
    try db.execute(
      sql: "INSERT INTO collection (name, fingerprint) VALUES (?, zeroblob(32))",
      arguments: [name.text])
    return db.lastInsertedRowID
  }

  static func findNumber(of name: CollectionName, in db: Database) throws -> Int64? {
    let select = try db.cachedStatement(sql: "SELECT number FROM collection WHERE name = ?")
    return try Int64.fetchOne(select, arguments: [name.text])
  }
}
