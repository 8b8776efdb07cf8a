import GRDB

/// How often the names of one collection changed.
struct NameEpoch {
  private let db: Database
  private let collection: Int64

  init(_ db: Database, collection: Int64) {
    self.db = db
    self.collection = collection
  }

  func current() throws -> UInt64 {
    try RawStatement(db, "SELECT epoch FROM collection WHERE number = ?")
      .first({ $0.int(collection) }) { $0.counter(0) } ?? 0
  }

  /// - Throws: ``StorageError`` `.namesChanged`
  func require(_ epoch: UInt64?) throws {
    if let epoch, try current() != epoch { throw StorageError.namesChanged }
  }

  /// Sessions under way begin again, and nothing goes on from where an earlier stream stopped.
  func advance() throws {
    try db.execute(
      sql: "UPDATE collection SET epoch = epoch + 1 WHERE number = ?", arguments: [collection])
    for table in ["progress", "given_token"] {
      try db.execute(sql: "DELETE FROM \(table) WHERE collection = ?", arguments: [collection])
    }
  }
}
