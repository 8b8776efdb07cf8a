import Foundation
import GRDB
import OfficeSyncRecords

extension StoreRow {
  init(in db: Database) throws {
    guard
      let row = try Row.fetchOne(
        db.cachedStatement(
          sql: """
            SELECT replica, name, identity, clock, clock_before, history_days, recovering FROM store
            """)),
      let id = ReplicaID(bytes: try row.decode(forColumn: "replica") as Data),
      let identity = try? Identity(row.decode(forColumn: "identity") as String)
    else { throw StorageError.damaged(detail: "the store does not say who it is") }
    let former = try RawStatement(
      db,
      "SELECT id FROM former_replica JOIN replica ON number = former_replica.replica ORDER BY id"
    ).all({ _ in }) { try $0.replica(0) }
    self.init(
      replica: ReplicaInfo(
        id: id, formerIDs: former, name: try row.decode(forColumn: "name"),
        identity: identity),
      clock: HybridTime(bits: UInt64(bitPattern: try row.decode(forColumn: "clock"))),
      clockBefore: HybridTime(bits: UInt64(bitPattern: try row.decode(forColumn: "clock_before"))),
      isRecovering: try row.decode(forColumn: "recovering"),
      retention: HistoryRetention(days: try row.decode(forColumn: "history_days")))
  }

  static func save(_ retention: HistoryRetention, in db: Database) throws {
    try RawStatement(db, "UPDATE store SET history_days = ?").run {
      $0.int(Int64(retention.days))
    }
  }

  static func save(isRecovering: Bool, in db: Database) throws {
    try db.execute(sql: "UPDATE store SET recovering = ?", arguments: [isRecovering])
  }

  static func addFormer(_ replica: ReplicaID, in db: Database) throws {
    try db.execute(
      sql: "INSERT OR IGNORE INTO former_replica (replica) VALUES (?)",
      arguments: [try ReplicaNumbers(db).number(of: replica)])
  }

  static func save(clock: HybridTime, in db: Database) throws {
    try RawStatement(db, "UPDATE store SET clock = ?").run { $0.counter(clock.bits) }
  }

  func saveClocks(in db: Database) throws {
    try RawStatement(db, "UPDATE store SET clock = ?, clock_before = ?").run {
      $0.counter(clock.bits)
      $0.counter(clockBefore.bits)
    }
  }
}
