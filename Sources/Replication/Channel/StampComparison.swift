import OfficeSyncProtocol
import OfficeSyncRecords

/// Compares two sides' newest stamps of each origin (DESIGN.md §4, "Cloned and restored stores").
///
/// Of two lists for one origin one must begin with the other. A list begins with another exactly if it holds the other's
/// newest stamp, since a stamp is drawn at random by the store that had all before it. So the side with the longer
/// list looks for the other's newest stamp; the other side cannot tell, and need not.
struct StampComparison {
  /// Same counter, different stamps: a fork that needs no look-up.
  private(set) var forked: [ReplicaID] = []
  private(set) var checks: [SettleQuery.Check] = []
  private(set) var suffixes: [SettleQuery.Suffix] = []
  /// The peer's newest stamp of this very replica, if it is later than what this side's view has.
  private(set) var laterOwnStamp: Stamp?

  init(mine: Knowledge, theirs: Knowledge, me: ReplicaID) {
    for (origin, stamp) in mine.newestStamps.sorted(by: { $0.key < $1.key }) {
      guard let other = theirs.newestStamps[origin] else {
        suffixes.append(SettleQuery.Suffix(origin: origin, after: nil))
        continue
      }
      if other.counter > stamp.counter { continue }
      if other.counter == stamp.counter {
        if other.token == stamp.token { continue }
        // Of this very replica the store may have drawn another stamp since the view was opened.
        if origin == me {
          checks.append(SettleQuery.Check(origin: origin, stamp: other))
        } else {
          forked.append(origin)
        }
        continue
      }
      checks.append(SettleQuery.Check(origin: origin, stamp: other))
      suffixes.append(SettleQuery.Suffix(origin: origin, after: other))
    }
    if let other = theirs.newestStamps[me], other.counter > mine.newestStamps[me]?.counter ?? 0 {
      laterOwnStamp = other
    }
  }
}
