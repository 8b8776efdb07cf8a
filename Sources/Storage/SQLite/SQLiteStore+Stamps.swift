import GRDB
import OfficeSyncProtocol
import OfficeSyncRecords

extension SQLiteStore {
  public func snapshot(of collection: CollectionName) throws -> any CollectionSnapshot {
    try StorageError.translating { try SQLiteSnapshot(pool.makeSnapshot(), of: collection) }
  }

  public func sessionSnapshot(
    of collection: CollectionName, token: () -> ReplicaID
  ) throws -> any CollectionSnapshot {
    let own = try replica().id
    // Another process may write between the stamp and the snapshot: then that write wants a stamp, too. It takes a writer
    // as fast as this loop to go round again.
    while true {
      let snapshot = try snapshot(of: collection)
      let counter = snapshot.knowledge.vector[own]
      if counter == snapshot.knowledge.newestStamps[own]?.counter ?? 0 { return snapshot }
      try write { try SQLiteTables($0, collection).stampOwnWrites(token: token) }
    }
  }

  public func adopt(_ runs: [StampRun], in collection: CollectionName) throws {
    try write { try SQLiteTables($0, collection).adopt(runs) }
  }
}
