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
      try stampOwnWrites(in: collection, token: token)
    }
  }

  private func stampOwnWrites(in collection: CollectionName, token: () -> ReplicaID) throws {
    try write { db in
      let collection = try CollectionTotals.number(of: collection, in: db)
      let own = try ReplicaNumbers(db).number(of: StoreRow(in: db).replica.id)
      let counter = try KnowledgeTable(db, collection: collection).counter(of: own)
      let stamps = StampTable(db, collection: collection)
      guard counter > (try stamps.newest(of: own)?.counter ?? 0) else { return }
      try stamps.append(Stamp(counter: counter, token: token()), of: own)
    }
  }

  public func adopt(
    _ runs: [StampRun], in collection: CollectionName, epoch: UInt64?
  ) throws {
    try write { db in
      let collection = try CollectionTotals.number(of: collection, in: db)
      try NameEpoch(db, collection: collection).require(epoch)
      let own = try StoreRow(in: db).replica.id
      let numbers = ReplicaNumbers(db)
      let stamps = StampTable(db, collection: collection)
      for run in runs {
        let origin = try numbers.number(of: run.origin)
        for stamp in try Self.news(in: run, stamps, origin: origin) {
          // Own lists never grow from outside.
          if run.origin == own { throw StorageError.restored }
          try stamps.append(stamp, of: origin)
        }
      }
    }
  }

  /// Holds a run against the list that is here: of two lists of one origin one is the beginning of the other, or the
  /// origin forked.
  ///
  /// - Returns: the stamps beyond those held.
  private static func news(
    in run: StampRun, _ stamps: StampTable, origin: Int64
  ) throws -> ArraySlice<Stamp> {
    guard let last = run.stamps.last else { return [] }
    let newest = try stamps.newest(of: origin)?.counter ?? 0
    // From the stamp that the run follows on, so that a list that does not have it shows.
    let after = run.after?.counter ?? 0
    let held = try stamps.list(of: origin, after: max(after, 1) - 1, through: last.counter)
    let overlap = held.drop { $0.counter == after }
    let startsInList = run.after == nil || held.first == run.after
    let news = run.stamps.dropFirst(overlap.count)
    guard startsInList, run.stamps.starts(with: overlap),
      news.allSatisfy({ $0.counter > newest })
    else { throw StorageError.forked(run.origin) }
    return news
  }
}
