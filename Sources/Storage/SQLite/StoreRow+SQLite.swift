import Foundation
import GRDB
import OfficeSyncRecords

extension StoreRow {
  init(in db: Database) throws {
    guard
      let row = try Row.fetchOne(
        db, sql: "SELECT replica, name, identity, clock, history_days FROM store"),
      let id = ReplicaID(bytes: row["replica"] as Data),
      let identity = try? Identity(row["identity"] as String)
    else { throw StorageError.damaged(detail: "the store does not say who it is") }
    self.init(
      replica: ReplicaInfo(id: id, name: row["name"], identity: identity),
      clock: HybridTime(bits: UInt64(bitPattern: row["clock"])),
      retention: HistoryRetention(days: row["history_days"]))
  }

  static func save(_ retention: HistoryRetention, in db: Database) throws {
    try RawStatement(db, "UPDATE store SET history_days = ?").run {
      $0.int(Int64(retention.days))
    }
  }

  static func save(clock: HybridTime, in db: Database) throws {
    try RawStatement(db, "UPDATE store SET clock = ?").run { $0.counter(clock.bits) }
  }
}
