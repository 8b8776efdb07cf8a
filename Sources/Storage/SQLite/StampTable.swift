import GRDB
import OfficeSyncProtocol
import OfficeSyncRecords

/// Stamp lists of one collection, by origin.
struct StampTable {
  private let db: Database
  private let collection: Int64

  init(_ db: Database, collection: Int64) {
    self.db = db
    self.collection = collection
  }

  func newest(of origin: Int64) throws -> Stamp? {
    try RawStatement(
      db,
      """
      SELECT counter, token FROM stamp WHERE collection = ? AND origin = ?
      ORDER BY counter DESC LIMIT 1
      """
    ).first({
      $0.int(collection)
      $0.int(origin)
    }) { Stamp(counter: $0.counter(0), token: try $0.replica(1)) }
  }

  /// The newest stamp of each origin that has one and is not closed: a search an origin, however long the lists are.
  func newestOfOpen() throws -> [ReplicaID: Stamp] {
    let select = try RawStatement(
      db,
      """
      SELECT replica.id, stamp.counter, stamp.token FROM knowledge
      JOIN replica ON replica.number = knowledge.origin
      JOIN stamp ON stamp.collection = ?1 AND stamp.origin = knowledge.origin AND stamp.counter = (
        SELECT max(counter) FROM stamp WHERE collection = ?1 AND origin = knowledge.origin)
      WHERE knowledge.collection = ?1 AND end_place IS NULL
      """)
    let found = try select.all({ $0.int(collection) }) { row in
      (try row.replica(0), Stamp(counter: row.counter(1), token: try row.replica(2)))
    }
    return Dictionary(found) { first, _ in first }
  }

  /// Those with counters above `after`, up to `through`, in order.
  func list(of origin: Int64, after: UInt64, through: UInt64 = Dot.counterMax) throws -> [Stamp] {
    try RawStatement(
      db,
      """
      SELECT counter, token FROM stamp
      WHERE collection = ? AND origin = ? AND counter > ? AND counter <= ? ORDER BY counter
      """
    ).all({
      $0.int(collection)
      $0.int(origin)
      $0.counter(after)
      $0.counter(through)
    }) { Stamp(counter: $0.counter(0), token: try $0.replica(1)) }
  }

  /// Takes away those with counters above `counter`.
  func removeAll(of origin: Int64, after counter: UInt64) throws {
    try RawStatement(
      db, "DELETE FROM stamp WHERE collection = ? AND origin = ? AND counter > ?"
    ).run {
      $0.int(collection)
      $0.int(origin)
      $0.counter(counter)
    }
  }

  /// Origins in whose list a stamp is.
  func origins(with stamp: Stamp) throws -> [ReplicaID] {
    try RawStatement(
      db,
      """
      SELECT replica.id FROM stamp JOIN replica ON replica.number = origin
      WHERE token = ? AND collection = ? AND counter = ?
      """
    ).all({
      $0.bytes(stamp.token.bytes)
      $0.int(collection)
      $0.counter(stamp.counter)
    }) { try $0.replica(0) }
  }

  func append(_ stamp: Stamp, of origin: Int64) throws {
    try RawStatement(
      db, "INSERT INTO stamp (collection, origin, counter, token) VALUES (?, ?, ?, ?)"
    ).run {
      $0.int(collection)
      $0.int(origin)
      $0.counter(stamp.counter)
      $0.bytes(stamp.token.bytes)
    }
  }
}
