import OfficeSyncRecords

/// What the model knows of replica IDs. The log needs none: it knows writes by their numbers. But where one store alone has
/// ever written under an ID, vectors can be held against the log to the counter.
struct Names {
  private var unshared: Set<ReplicaID>
  /// How many clones and restores there were.
  private(set) var copies = 0
  /// Writes that nobody else had when their store was copied: they may go by two names, and then show beside what was
  /// written over one of them (DESIGN.md section 4, "What no rule gives").
  private(set) var twins = WriteSet()

  init(_ replicas: [ReplicaID]) {
    unshared = Set(replicas)
  }

  /// Whether everything under an ID is one store's. Without copies there are no other names at all.
  func isUnshared(_ replica: ReplicaID) -> Bool { copies == 0 || unshared.contains(replica) }

  /// A copy of a store that writes as `replica` goes into use.
  mutating func copied(_ replica: ReplicaID, unsent: WriteSet) {
    copies += 1
    unshared.remove(replica)
    twins.formUnion(unsent)
  }

  /// A store took a new ID, and no write with it.
  mutating func began(_ replica: ReplicaID) { unshared.insert(replica) }
}
