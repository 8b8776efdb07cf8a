import GRDB
import OfficeSyncProtocol
import OfficeSyncRecords

extension SQLiteStore {
  /// Retires a replica in every collection, and notes that this office did.
  ///
  /// - Returns: collections in which it had written, by name, with the counter of its last write that is known here.
  public func retire(
    _ replica: ReplicaID, atMilliseconds milliseconds: UInt64, token: () -> ReplicaID
  ) throws -> [(collection: CollectionName, writes: UInt64)] {
    var ended: [(collection: CollectionName, writes: UInt64)] = []
    for name in try collections() {
      guard try retire(replica, in: name, token: token) != nil else { continue }
      ended.append((name, try snapshot(of: name).knowledge.vector[replica]))
    }
    try write { db in
      try db.execute(
        sql: "UPDATE owner SET retired = coalesce(retired, ?) WHERE replica = ?",
        arguments: [Int64(bitPattern: milliseconds), try ReplicaNumbers(db).number(of: replica)])
    }
    return ended
  }

  /// Whether this office has retired a replica.
  public func hasRetired(_ replica: ReplicaID) throws -> Bool {
    try read { db in
      guard let number = try ReplicaNumbers(db).find(replica) else { return false }
      return try Bool.fetchOne(
        db, sql: "SELECT retired IS NOT NULL FROM owner WHERE replica = ?", arguments: [number])
        ?? false
    }
  }
}
