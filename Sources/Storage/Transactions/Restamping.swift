import OfficeSyncProtocol
import OfficeSyncRecords

/// Gives own writes from a clock that ran ahead new times, in one transaction over all collections, once the wall clock was
/// set back.
///
/// Only writes that were never part of a stream: whoever has one under its old time would see the new one as another
/// content of the same dot. Which those are the collection's totals say, and that is noted before a stream begins.
package struct Restamping {
  /// The latest time that was given; the first is the wall clock's.
  package private(set) var latest: HybridTime
  private let wall: HybridTime

  package init(wallMilliseconds: UInt64) {
    wall = HybridTime(milliseconds: wallMilliseconds)
    latest = wall
  }

  package mutating func restamp(_ tables: some CollectionTables) throws {
    let own = try tables.store().replica.id
    let transaction = try CollectionTransaction(tables)
    let counter = try tables.counter(of: own)
    // A copy of this store may have sent what this one never did.
    let shown = max(transaction.totals.shown, try tables.confirmed(of: own))
    if counter <= shown { return }
    // Under other times these are other writes: a copy of this store that still has the old ones must not pass for this.
    try tables.removeStamps(of: own, after: shown)
    let before = latest
    latest = HybridTime(bits: before.bits + (counter - shown))
    try tables.forEachRecord(of: own, after: shown) { id in
      try restamp(id, of: own, in: transaction, above: shown, from: before)
    }
    try transaction.finish()
  }

  /// The order of counters is the order of times: each write's follows from its counter.
  private func restamp(
    _ id: RecordID, of own: ReplicaID, in transaction: CollectionTransaction, above shown: UInt64,
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
}
