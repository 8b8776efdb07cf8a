import OfficeSyncProtocol
import OfficeSyncRecords

/// Compares two sides' newest stamps of each origin (DESIGN.md §4, "Cloned and restored stores").
///
/// Of two lists for one origin one must begin with the other. A list begins with another exactly if it holds the other's
/// newest stamp, since a stamp is drawn at random by the store that had all before it. So the side with the longer
/// list looks for the other's newest stamp; the other side cannot tell, and need not.
struct StampComparison {
  /// Stamps of the peer's that must be in the lists held here.
  private(set) var checks: [SettleQuery.Check] = []
  private(set) var suffixes: [SettleQuery.Suffix] = []
  /// The peer's newest stamp of this very store. If the store has never made it, it was copied, or put back.
  private(set) var own: Stamp?

  init(mine: Knowledge, theirs: Knowledge, me: ReplicaID) {
    own = theirs.newestStamps[me]
    for (origin, stamp) in mine.newestStamps.sorted(by: { $0.key < $1.key }) {
      guard let other = theirs.newestStamps[origin] else {
        suffixes.append(SettleQuery.Suffix(origin: origin, after: nil))
        continue
      }
      if other.counter > stamp.counter || other == stamp { continue }
      if origin != me { checks.append(SettleQuery.Check(origin: origin, stamp: other)) }
      suffixes.append(SettleQuery.Suffix(origin: origin, after: other))
    }
  }
}
