import GRDB
import OfficeSyncProtocol
import OfficeSyncRecords

/// Where replica IDs ended in one collection, as far as no origin was closed with it.
struct EndingTable {
  private static let noToken = [UInt8](repeating: 0, count: ReplicaID.byteCount)

  private let db: Database
  private let collection: Int64

  init(_ db: Database, collection: Int64) {
    self.db = db
    self.collection = collection
  }

  func all() throws -> [Ending] {
    try RawStatement(
      db,
      """
      SELECT replica.id, counter, token, retired FROM ending JOIN replica ON number = origin
      WHERE collection = ?
      """
    ).all({ $0.int(collection) }) { row in
      let counter = row.counter(1)
      let stamp = counter == 0 ? nil : Stamp(counter: counter, token: try row.replica(2))
      return Ending(origin: try row.replica(0), stamp: stamp, isRetirement: row.flag(3))
    }.sorted()
  }

  /// The one with this stamp; of several a retirement.
  func find(_ stamp: Stamp) throws -> Ending? {
    try RawStatement(
      db,
      """
      SELECT replica.id, retired FROM ending JOIN replica ON number = origin
      WHERE collection = ? AND counter = ? AND token = ? ORDER BY retired DESC LIMIT 1
      """
    ).first({
      $0.int(collection)
      $0.counter(stamp.counter)
      $0.bytes(stamp.token.bytes)
    }) { Ending(origin: try $0.replica(0), stamp: stamp, isRetirement: $0.flag(1)) }
  }

  func insert(_ stamp: Stamp?, of origin: Int64, isRetirement: Bool) throws {
    try RawStatement(
      db,
      """
      INSERT INTO ending (collection, counter, token, origin, retired) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT DO UPDATE SET retired = max(retired, excluded.retired)
      """
    ).run {
      $0.int(collection)
      $0.counter(stamp?.counter ?? 0)
      $0.bytes(stamp?.token.bytes ?? Self.noToken)
      $0.int(origin)
      $0.int(isRetirement ? 1 : 0)
    }
  }

  func removeAll(with stamp: Stamp) throws {
    try RawStatement(db, "DELETE FROM ending WHERE collection = ? AND counter = ? AND token = ?")
      .run {
        $0.int(collection)
        $0.counter(stamp.counter)
        $0.bytes(stamp.token.bytes)
      }
  }
}
