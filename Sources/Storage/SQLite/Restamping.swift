import GRDB
import OfficeSyncProtocol
import OfficeSyncRecords

import struct OfficeSyncRecords.Record

/// Gives own writes from a clock that ran ahead new times, in one transaction, once the wall clock was set back.
///
/// Only writes that were never part of a stream: whoever has one under its old time would see the new one as another
/// content of the same dot. Which those are `collection.shown` says, and that is noted before a stream begins.
struct Restamping {
  private static let readBytesGoal = 256 * 1_024

  private let db: Database
  private let own: ReplicaID
  /// The latest time that was given; the first is the wall clock's.
  private var latest: HybridTime
  private let wall: HybridTime

  init(_ db: Database, wallMilliseconds: UInt64) throws {
    self.db = db
    own = try StoreRow(in: db).replica.id
    wall = HybridTime(milliseconds: wallMilliseconds)
    latest = wall
  }

  mutating func run() throws {
    let names = try String.fetchAll(db, sql: "SELECT name FROM collection ORDER BY number")
    for name in names { try restamp(try CollectionName(stored: name)) }
    try StoreRow.save(clock: latest, in: db)
  }

  private mutating func restamp(_ name: CollectionName) throws {
    let transaction = try CollectionTransaction(db, name)
    let origin = try transaction.numbers.number(of: own)
    let counter = try KnowledgeTable(db, collection: transaction.number).counter(of: origin)
    let shown = try shownCounter(of: transaction.number)
    if counter <= shown { return }
    // Under other times these are other writes: a copy of this store that still has the old ones must not pass for this.
    try StampTable(db, collection: transaction.number).removeAll(of: origin, after: shown)
    let before = latest
    latest = HybridTime(bits: before.bits + (counter - shown))
    let entries = ClockEntries(db, collection: transaction.number)
    var cursor = EntryCursor(counter: shown)
    while true {
      let rows = try entries.scan(origin: origin, after: cursor, bytesGoal: Self.readBytesGoal)
      guard let last = rows.last else { break }
      cursor = last.cursor
      for row in rows { try restamp(row.id, in: transaction, above: shown, from: before) }
    }
    try transaction.finish()
  }

  /// The order of counters is the order of times: each write's follows from its counter.
  private func restamp(
    _ id: RecordID, in transaction: CollectionTransaction, above shown: UInt64,
    from before: HybridTime
  ) throws {
    guard let held = try transaction.held(id) else { return }
    let restamped: Record?
    do {
      restamped = try held.record.restamped { sibling in
        let (dot, time) = (sibling.dot, sibling.write.time)
        guard dot.replica == own, dot.counter > shown, time > wall else { return time }
        return HybridTime(bits: before.bits + (dot.counter - shown))
      }
    } catch {
      throw StorageError.damaged(detail: "a stored record cannot be read: \(error)")
    }
    guard let restamped else { return }
    try transaction.replace(held, id, with: restamped, RecordEncoder.encode(restamped))
  }

  private func shownCounter(of collection: Int64) throws -> UInt64 {
    // A copy of this store may have sent what this one never did.
    try RawStatement(db, "SELECT max(shown, confirmed) FROM collection WHERE number = ?")
      .first({ $0.int(collection) }) { $0.counter(0) } ?? 0
  }
}
