import GRDB
import OfficeSyncProtocol
import OfficeSyncRecords

/// What is known of one collection.
struct KnowledgeTable {
  private let db: Database
  private let collection: Int64

  init(_ db: Database, collection: Int64) {
    self.db = db
    self.collection = collection
  }

  func counter(of origin: Int64) throws -> UInt64 {
    try RawStatement(db, "SELECT counter FROM knowledge WHERE collection = ? AND origin = ?")
      .first({
        $0.int(collection)
        $0.int(origin)
      }) { $0.counter(0) } ?? 0
  }

  /// Raises a counter; one that is higher already stays.
  func raise(origin: Int64, to counter: UInt64) throws {
    try RawStatement(
      db,
      """
      INSERT INTO knowledge (collection, origin, counter) VALUES (?, ?, ?)
      ON CONFLICT DO UPDATE SET counter = max(counter, excluded.counter)
      """
    ).run {
      $0.int(collection)
      $0.int(origin)
      $0.counter(counter)
    }
  }

  func vector() throws -> VersionVector {
    let entries = try RawStatement(
      db,
      """
      SELECT replica.id, counter FROM knowledge JOIN replica ON number = origin
      WHERE collection = ? ORDER BY replica.id
      """
    ).all({ $0.int(collection) }) { Dot(try $0.replica(0), $0.counter(1)) }
    return VersionVector(entries)
  }
}
