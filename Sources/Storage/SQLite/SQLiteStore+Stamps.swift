import GRDB
import OfficeSyncProtocol
import OfficeSyncRecords

extension SQLiteStore {
  public func snapshot(of collection: CollectionName) throws -> any CollectionSnapshot {
    try StorageError.translating {
      try SQLiteSnapshot(readers.begin(), of: collection, closed: closedOrigins)
    }
  }

  public func sessionSnapshot(
    of collection: CollectionName, wallMilliseconds: UInt64, token: () -> ReplicaID
  ) throws -> any CollectionSnapshot {
    let row = try read { try StoreRow(in: $0) }
    if HybridClock(latest: row.clock).isAhead(wallMilliseconds: wallMilliseconds) {
      try restamp(wallMilliseconds: wallMilliseconds)
    }
    try pruneHistory(row.retention, wallMilliseconds: wallMilliseconds)
    let own = row.replica.id
    // Another process may write between the stamp and the snapshot: then that write wants a stamp, too. It takes a writer
    // as fast as this loop to go round again.
    while true {
      let snapshot = try snapshot(of: collection)
      let known = try snapshot.knowledge
      if known.vector[own] == known.newestStamps[own]?.counter ?? 0 { return snapshot }
      try write { try SQLiteTables($0, collection).stampOwnWrites(token: token) }
    }
  }

  private func restamp(wallMilliseconds: UInt64) throws {
    try write { db in
      var restamping = Restamping(wallMilliseconds: wallMilliseconds)
      for name in try String.fetchAll(db, sql: "SELECT name FROM collection ORDER BY number") {
        try restamping.restamp(SQLiteTables(db, CollectionName(stored: name)))
      }
      var row = try StoreRow(in: db)
      row.putBack(to: restamping.latest)
      try row.saveClocks(in: db)
    }
  }

  public func adopt(
    _ runs: [StampRun], in collection: CollectionName, epoch: UInt64?
  ) throws {
    try write { try SQLiteTables($0, collection).adopt(runs, epoch: epoch) }
  }
}
