/// How two version vectors stand to each other.
public enum CausalOrder: Hashable, Sendable {
  case equal, before, after, concurrent
}

/// Replica → highest counter seen: the causal context of a record, or the knowledge of a collection
/// (Parker et al., 1983). A replica that is absent counts as 0.
///
/// Entries are kept sorted by replica, so compare and join are one walk over both: O(n + m).
public struct VersionVector: Hashable, Sendable {
  /// Sorted by replica, each once, no counter 0.
  @usableFromInline
  internal private(set) var storage: [Dot]

  public init() {
    storage = []
  }

  public init(_ dot: Dot) {
    storage = dot.counter == 0 ? [] : [dot]
  }

  /// Takes entries in any order; of several for one replica the highest counts.
  public init(_ entries: some Sequence<Dot>) {
    self.init()
    // Sorted, so that each goes to the end.
    for entry in entries.sorted() { insert(entry) }
  }

  /// Takes entries that are sorted by replica, each once, without counter 0; nil if they are not.
  public init?(sorted entries: [Dot]) {
    for (index, entry) in entries.enumerated() {
      if entry.counter == 0 { return nil }
      if index > 0, entries[index - 1].replica >= entry.replica { return nil }
    }
    storage = entries
  }

  /// The entries, sorted by replica: each the dot of the last write seen from it.
  public var entries: [Dot] { storage }
  public var isEmpty: Bool { storage.isEmpty }
  public var count: Int { storage.count }

  public subscript(replica: ReplicaID) -> UInt64 {
    get {
      let index = position(of: replica)
      return index < storage.count && storage[index].replica == replica ? storage[index].counter : 0
    }
    set {
      let index = position(of: replica)
      let found = index < storage.count && storage[index].replica == replica
      switch (found, newValue) {
      case (true, 0): storage.remove(at: index)
      case (true, _): storage[index] = Dot(replica, newValue)
      case (false, 0): break
      case (false, _): storage.insert(Dot(replica, newValue), at: index)
      }
    }
  }

  /// Whether the write with this name has been seen.
  @inlinable
  public func covers(_ dot: Dot) -> Bool {
    // One replica is by far the commonest case, and this is the inner loop of merge and of the difference.
    if storage.count == 1 {
      return storage[0].replica == dot.replica && storage[0].counter >= dot.counter
    }
    return self[dot.replica] >= dot.counter
  }

  public mutating func insert(_ dot: Dot) {
    if self[dot.replica] < dot.counter { self[dot.replica] = dot.counter }
  }

  public mutating func join(_ other: VersionVector) {
    if other.storage.isEmpty || storage == other.storage { return }
    self = joined(other)
  }

  /// The least vector that covers both.
  public func joined(_ other: VersionVector) -> VersionVector {
    var result = VersionVector()
    result.storage.reserveCapacity(max(count, other.count))
    walk(self, other) { replica, a, b in result.storage.append(Dot(replica, max(a, b))) }
    return result
  }

  /// The greatest vector that both cover.
  public func met(_ other: VersionVector) -> VersionVector {
    var result = VersionVector()
    walk(self, other) { replica, a, b in
      if min(a, b) > 0 { result.storage.append(Dot(replica, min(a, b))) }
    }
    return result
  }

  /// The entries of these replicas alone.
  public func of(_ replicas: Set<ReplicaID>) -> VersionVector {
    VersionVector(storage.filter { replicas.contains($0.replica) })
  }

  public func compare(_ other: VersionVector) -> CausalOrder {
    var (less, greater) = (false, false)
    walk(self, other) { _, a, b in
      if a < b { less = true }
      if a > b { greater = true }
    }
    switch (less, greater) {
    case (false, false): return .equal
    case (true, false): return .before
    case (false, true): return .after
    case (true, true): return .concurrent
    }
  }

  /// Whether every write that `self` covers is covered by `other`.
  public func isCovered(by other: VersionVector) -> Bool {
    storage.allSatisfy { other[$0.replica] >= $0.counter }
  }

  /// The name of the replica's next write.
  /// - Throws: ``CounterExhausted`` instead of overflowing.
  public func nextDot(of replica: ReplicaID) throws(CounterExhausted) -> Dot {
    let counter = self[replica]
    guard counter < Dot.counterMax else { throw CounterExhausted(replica: replica) }
    return Dot(replica, counter + 1)
  }

  /// The first index whose replica is not below `replica`.
  @usableFromInline
  internal func position(of replica: ReplicaID) -> Int {
    storage.partitioningIndex { $0.replica >= replica }
  }
}

/// Calls `body` once a replica of either vector, in order, with both counters.
private func walk(
  _ a: VersionVector, _ b: VersionVector, _ body: (ReplicaID, UInt64, UInt64) -> Void
) {
  let (left, right) = (a.entries, b.entries)
  var (i, j) = (0, 0)
  while i < left.count || j < right.count {
    if j == right.count || (i < left.count && left[i].replica < right[j].replica) {
      body(left[i].replica, left[i].counter, 0)
      i += 1
    } else if i == left.count || right[j].replica < left[i].replica {
      body(right[j].replica, 0, right[j].counter)
      j += 1
    } else {
      body(left[i].replica, left[i].counter, right[j].counter)
      i += 1
      j += 1
    }
  }
}

extension VersionVector: CustomStringConvertible {
  public var description: String { storage.map(\.description).joined(separator: ",") }
}
