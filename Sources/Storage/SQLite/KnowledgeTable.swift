import GRDB
import OfficeSyncProtocol
import OfficeSyncRecords

/// What is known of one collection, or of it at an office: a version vector, an entry a row. A row of counter 0 stands for
/// no entry.
struct KnowledgeTable {
  enum Kind: String { case knowledge, confirmed }

  private let db: Database
  private let collection: Int64
  private let table: String

  init(_ db: Database, collection: Int64, _ kind: Kind = .knowledge) {
    self.db = db
    self.collection = collection
    table = kind.rawValue
  }

  func counter(of origin: Int64) throws -> UInt64 {
    try RawStatement(db, "SELECT counter FROM \(table) WHERE collection = ? AND origin = ?")
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
      INSERT INTO \(table) (collection, origin, counter) VALUES (?, ?, ?)
      ON CONFLICT DO UPDATE SET counter = max(counter, excluded.counter)
      """
    ).run {
      $0.int(collection)
      $0.int(origin)
      $0.counter(counter)
    }
  }

  /// Sees to it that the origin has a row, whatever is known of it.
  func list(origin: Int64) throws { try raise(origin: origin, to: 0) }

  /// Lowers a counter: what is above goes by another name.
  func lower(origin: Int64, to counter: UInt64) throws {
    try RawStatement(
      db,
      "UPDATE \(table) SET counter = ?3 WHERE collection = ?1 AND origin = ?2 AND counter > ?3"
    ).run {
      $0.int(collection)
      $0.int(origin)
      $0.counter(counter)
    }
  }

  func vector() throws -> VersionVector {
    // Sorted, so that the vector takes each at its end.
    let entries = try RawStatement(
      db,
      """
      SELECT replica.id, counter FROM \(table) JOIN replica ON number = origin
      WHERE collection = ? AND counter > 0 ORDER BY replica.id
      """
    ).all({ $0.int(collection) }) { Dot(try $0.replica(0), $0.counter(1)) }
    return VersionVector(entries)
  }
}
