import Foundation
import GRDB
import OfficeSyncRecords

/// Which sessions brought what to one collection, in the order of the sessions.
struct ArrivalTable {
  private let db: Database
  private let numbers: ReplicaNumbers
  private let collection: Int64

  init(_ db: Database, _ numbers: ReplicaNumbers, collection: Int64) {
    self.db = db
    self.numbers = numbers
    self.collection = collection
  }

  func append(_ arrival: Arrival) throws {
    let session = arrival.session
    try db.execute(
      sql: """
        INSERT INTO arrival (collection, origin, after, through, peer, identity, address, at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)
        """,
      arguments: [
        collection, try numbers.number(of: arrival.origin), Int64(arrival.after),
        Int64(arrival.through), try numbers.number(of: session.replica),
        session.identity.description, session.address, Int64(bitPattern: session.milliseconds),
      ])
  }

  func session(of dot: Dot) throws -> SessionTrace? {
    guard let origin = try numbers.find(dot.replica) else { return nil }
    let row = try Row.fetchOne(
      db,
      sql: """
        SELECT after, replica.id, identity, address, at
        FROM arrival JOIN replica ON replica.number = peer
        WHERE collection = ? AND origin = ? AND through >= ? ORDER BY through LIMIT 1
        """, arguments: [collection, origin, Int64(dot.counter)])
    guard let row, UInt64(bitPattern: try row.decode(forColumn: "after")) < dot.counter else {
      return nil
    }
    guard let replica = ReplicaID(bytes: try row.decode(forColumn: "id") as Data) else {
      throw StorageError.damaged(detail: "a replica ID has the wrong length")
    }
    return SessionTrace(
      identity: try Identity(stored: row.decode(forColumn: "identity")), replica: replica,
      address: try row.decode(forColumn: "address"),
      milliseconds: UInt64(bitPattern: try row.decode(forColumn: "at")))
  }

  /// A run that reaches beyond the fork is one of either name.
  func rename(by renaming: Renaming) throws {
    let after = Int64(renaming.after)
    let (origin, name) = (
      try numbers.number(of: renaming.origin), try numbers.number(of: renaming.name)
    )
    try db.execute(
      sql: """
        INSERT INTO arrival (collection, origin, after, through, peer, identity, address, at)
        SELECT collection, ?, max(after, ?), through, peer, identity, address, at FROM arrival
        WHERE collection = ? AND origin = ? AND through > ?
        """, arguments: [name, after, collection, origin, after])
    try db.execute(
      sql: "DELETE FROM arrival WHERE collection = ? AND origin = ? AND after >= ?",
      arguments: [collection, origin, after])
    try db.execute(
      sql: "UPDATE arrival SET through = ?1 WHERE collection = ?2 AND origin = ?3 AND through > ?1",
      arguments: [after, collection, origin])
  }
}
