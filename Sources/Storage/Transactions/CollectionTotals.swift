import OfficeSyncProtocol
import OfficeSyncRecords

/// What is kept added up over a collection's records.
package struct CollectionTotals: Sendable {
  package private(set) var fingerprint = Fingerprint.zero
  package private(set) var records: UInt64 = 0
  package private(set) var live: UInt64 = 0
  package var conflicts: UInt64 = 0
  /// Own writes up to here, and stamps, may have been seen by somebody.
  package var shown: UInt64 = 0
  /// How often names changed: what sessions learnt before is void.
  package var epoch: UInt64 = 0
  /// Grows each time that these are saved, and so with each transaction that changes records.
  package private(set) var revision: UInt64 = 0

  package init() {}

  init(
    fingerprint: Fingerprint, records: UInt64, live: UInt64, conflicts: UInt64, shown: UInt64,
    epoch: UInt64, revision: UInt64
  ) {
    self.fingerprint = fingerprint
    self.records = records
    self.live = live
    self.conflicts = conflicts
    self.epoch = epoch
    self.shown = shown
    self.revision = revision
  }

  /// Of no records; what was shown, epoch and revision stay.
  var emptied: CollectionTotals {
    var totals = CollectionTotals()
    (totals.shown, totals.epoch, totals.revision) = (shown, epoch, revision)
    return totals
  }

  /// As they are saved.
  package var revised: CollectionTotals {
    var totals = self
    totals.revision &+= 1
    return totals
  }

  mutating func add(_ part: Fingerprint, _ traits: RecordTraits) {
    fingerprint = fingerprint + part
    // Wrapping, here as below: a damaged count is for `verify` to report, and must not stop the program.
    records &+= 1
    live &+= traits.isLive ? 1 : 0
    conflicts &+= UInt64(truncatingIfNeeded: traits.openConflicts)
  }

  mutating func remove(_ part: Fingerprint, _ traits: RecordTraits) {
    fingerprint = fingerprint - part
    records &-= 1
    live &-= traits.isLive ? 1 : 0
    conflicts &-= UInt64(truncatingIfNeeded: traits.openConflicts)
  }
}
