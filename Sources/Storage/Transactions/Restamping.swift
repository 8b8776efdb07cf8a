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
    let shown = try transaction.shown(of: own)
    if counter <= shown { return }
    // Under other times these are other writes: a copy of this store that still has the old ones must not pass for this.
    try tables.removeStamps(of: own, after: shown)
    let before = latest
    latest = HybridTime(bits: before.bits + (counter - shown))
    try tables.forEachRecord(of: own, after: shown) { id in
      try transaction.rewrite(id) { record in
        try record.restamped { sibling in
          let (dot, time) = (sibling.dot, sibling.write.time)
          guard dot.replica == own, dot.counter > shown, time > wall else { return time }
          // The order of counters is the order of times: each write's follows from its counter.
          return HybridTime(bits: before.bits + (dot.counter - shown))
        }
      }
    }
    try transaction.finish()
  }
}
