import GRDB
import OfficeSyncRecords

extension SQLiteStore {
  /// How long history is kept from now on, also by programs that have the store open already. Where it is not kept at
  /// all, what there is goes at once.
  public func keepHistory(_ retention: HistoryRetention) throws {
    if try read({ try StoreRow(in: $0).retention }) == retention { return }
    try write { db in
      try StoreRow.save(retention, in: db)
      if retention.isOn { return }
      try db.execute(sql: "DELETE FROM history; DELETE FROM arrival")
    }
  }

  /// Deletes what is older than it is to be kept; nearly always there is nothing, and then nothing is written.
  ///
  /// At the start of a session and not at a local write: by then both sides' certificates were found valid, so this clock
  /// is not years ahead.
  func pruneHistory(_ retention: HistoryRetention, wallMilliseconds: UInt64) throws {
    let cutoff = retention.cutoff(wallMilliseconds: wallMilliseconds)
    for table in ["history", "arrival"] {
      guard let oldest = try read({ try Self.oldest(in: table, $0) }) else { continue }
      if oldest > HybridClock.timeMax(wallMilliseconds: wallMilliseconds).milliseconds {
        // From a clock that ran ahead: it would stand before all that came since, for as long.
        try write { try Self.limit(table, to: wallMilliseconds, $0) }
      }
      guard oldest < cutoff else { continue }
      while try write({ try Self.prune(table, before: cutoff, $0) }) == Self.prunedRowsMax {}
    }
  }

  /// So many rows go in one transaction: other writers get their turn in between.
  private static let prunedRowsMax = 4_096

  private static func oldest(in table: String, _ db: Database) throws -> UInt64? {
    try RawStatement(db, "SELECT at FROM \(table) ORDER BY number LIMIT 1")
      .first({ _ in }) { $0.counter(0) }
  }

  private static func limit(_ table: String, to milliseconds: UInt64, _ db: Database) throws {
    try RawStatement(db, "UPDATE \(table) SET at = ?1 WHERE at > ?1").run {
      $0.counter(milliseconds)
    }
  }

  /// Looks at the first rows alone: both tables grow in the order of their times.
  private static func prune(
    _ table: String, before milliseconds: UInt64, _ db: Database
  ) throws -> Int {
    try RawStatement(
      db,
      """
      DELETE FROM \(table) WHERE at < ?
        AND number IN (SELECT number FROM \(table) ORDER BY number LIMIT ?)
      """
    ).run {
      $0.counter(milliseconds)
      $0.int(Int64(prunedRowsMax))
    }
  }
}
