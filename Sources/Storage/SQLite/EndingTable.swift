import GRDB
import OfficeSyncProtocol
import OfficeSyncRecords

/// Where replica IDs ended in one collection.
struct EndingTable {
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
      SELECT replica.id, counter, token FROM ending JOIN replica ON number = origin
      WHERE collection = ?
      """
    ).all({ $0.int(collection) }) { row in
      let counter = row.counter(1)
      let stamp = counter == 0 ? nil : Stamp(counter: counter, token: try row.replica(2))
      return Ending(origin: try row.replica(0), stamp: stamp)
    }.sorted()
  }

  func insert(_ stamp: Stamp?, of origin: Int64) throws {
    try RawStatement(
      db,
      "INSERT INTO ending (collection, origin, counter, token) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING"
    ).run {
      $0.int(collection)
      $0.int(origin)
      $0.counter(stamp?.counter ?? 0)
      $0.bytes(stamp?.token.bytes ?? [UInt8](repeating: 0, count: ReplicaID.byteCount))
    }
  }
}
