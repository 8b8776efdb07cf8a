import GRDB
import OfficeSyncProtocol
import OfficeSyncRecords

/// Origins of one collection under which nothing more can come: they are rows of the table of what is known.
struct ClosedTable {
  private let db: Database
  private let collection: Int64

  init(_ db: Database, collection: Int64) {
    self.db = db
    self.collection = collection
  }

  /// Another one whenever something was closed or opened again.
  func revision() throws -> Int64 {
    try RawStatement(db, "SELECT closings FROM collection WHERE number = ?")
      .first({ $0.int(collection) }) { $0.int(0) } ?? 0
  }

  private func revise() throws {
    try RawStatement(db, "UPDATE collection SET closings = closings + 1 WHERE number = ?")
      .run { $0.int(collection) }
  }

  /// In the order in which they were closed.
  func all() throws -> [Ending] {
    try RawStatement(
      db,
      """
      SELECT replica.id, counter, end_token, end_retired FROM knowledge
      JOIN replica ON number = origin
      WHERE collection = ? AND end_place IS NOT NULL ORDER BY end_place
      """
    ).all({ $0.int(collection) }) { try $0.ending(try $0.replica(0), at: 1) }
  }

  func find(_ origin: Int64, _ id: ReplicaID) throws -> Ending? {
    try RawStatement(
      db,
      """
      SELECT counter, end_token, end_retired FROM knowledge
      WHERE collection = ? AND origin = ? AND end_place IS NOT NULL
      """
    ).first({
      $0.int(collection)
      $0.int(origin)
    }) { try $0.ending(id, at: 0) }
  }

  /// Closes an origin of which all is known up to the stamp; one that is closed keeps its place.
  func close(_ origin: Int64, with stamp: Stamp, isRetirement: Bool) throws {
    try revise()
    try RawStatement(
      db,
      """
      UPDATE knowledge SET end_token = ?3, end_retired = max(coalesce(end_retired, 0), ?4),
        end_place = coalesce(end_place, (
          SELECT coalesce(max(end_place), 0) + 1 FROM knowledge
          WHERE collection = ?1 AND end_place IS NOT NULL))
      WHERE collection = ?1 AND origin = ?2
      """
    ).run {
      $0.int(collection)
      $0.int(origin)
      $0.bytes(stamp.token.bytes)
      $0.int(isRetirement ? 1 : 0)
    }
  }

  func reopen(_ origin: Int64) throws {
    try revise()
    try RawStatement(
      db,
      """
      UPDATE knowledge SET end_token = NULL, end_retired = NULL, end_place = NULL
      WHERE collection = ? AND origin = ?
      """
    ).run {
      $0.int(collection)
      $0.int(origin)
    }
  }
}

extension RawRow {
  /// The columns counter, end_token, end_retired, from `column` on.
  fileprivate func ending(_ origin: ReplicaID, at column: CInt) throws -> Ending {
    Ending(
      origin: origin, stamp: Stamp(counter: counter(column), token: try replica(column + 1)),
      isRetirement: flag(column + 2))
  }
}
