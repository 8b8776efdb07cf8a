import GRDB
import OfficeSyncProtocol
import OfficeSyncRecords

extension SQLiteStore {
  /// Retires a replica in every collection, and tells the offices of it.
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
      let register = try Register(db)
      try register.write(
        register.entry(of: replica).changes(retiredAt: milliseconds),
        to: ReplicaEntry.id(of: replica), wallMilliseconds: milliseconds)
    }
    return ended
  }

  /// Whether an office has retired a replica.
  public func hasRetired(_ replica: ReplicaID) throws -> Bool {
    try read { try Register($0).entry(of: replica).retiredMilliseconds != nil }
  }
}
