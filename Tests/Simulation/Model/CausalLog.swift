import OfficeSyncRecords

/// The oracle: every write with the writes of the same record that its author had truly seen, whatever vectors and names
/// the product keeps. It says what a replica that has seen some of them must show.
///
/// A write's number stands in its note, which travels with the value, so that it is known again under any name.
struct CausalLog {
  /// A record of a collection, numbered through.
  typealias Key = Int

  struct Write {
    var key: Key
    var contents: [FieldPath: Sibling.Content]
    /// The writes to the record that the author had seen, or that the screen showed which it wrote through.
    var basedOn: WriteSet
    var isPurge: Bool
    /// The name it was made under.
    var dot: Dot
    /// The replica's name.
    var author: String
  }

  private(set) var writes: [Write] = []
  private var byKey: [[Int]] = []

  mutating func add(_ write: Write) -> Int {
    while byKey.count <= write.key { byKey.append([]) }
    byKey[write.key].append(writes.count)
    writes.append(write)
    return writes.count - 1
  }

  /// The number that the next write gets.
  var next: Int { writes.count }

  func writes(to key: Key) -> [Int] { key < byKey.count ? byKey[key] : [] }

  /// What stands at each path for whoever has seen `seen`: each write that no other of them has overtaken.
  func shown(_ key: Key, having seen: WriteSet) -> [FieldPath: WriteSet] {
    var overtaken: [FieldPath: WriteSet] = [:]
    var purged = WriteSet()
    var written: [FieldPath: WriteSet] = [:]
    for number in writes(to: key) where seen.contains(number) {
      let write = writes[number]
      if write.isPurge { purged.formUnion(write.basedOn) }
      for path in write.contents.keys {
        written[path, default: WriteSet()].insert(number)
        overtaken[path, default: WriteSet()].formUnion(write.basedOn)
      }
    }
    return written.mapValuesWithKeys { path, writes in
      writes.subtracting(purged).subtracting(overtaken[path] ?? WriteSet())
    }.filter { !$0.value.isEmpty }
  }

  /// Whether somebody wrote elsewhere in the record, or undeleted it, without knowing of a deletion that stands.
  func isDeletionDisputed(_ shown: [FieldPath: WriteSet]) -> Bool {
    guard let there = shown[.deleted] else { return false }
    let deletions = there.filter { isDeletion($0) }
    if deletions.isEmpty { return false }
    var known = WriteSet(deletions)
    for deletion in deletions { known.formUnion(writes[deletion].basedOn) }
    let others = shown.filter { $0.key != .deleted }.values.reduce(WriteSet()) { $0.union($1) }
    return there.contains { !isDeletion($0) } || !others.isSubset(of: known)
  }

  func isDeleted(_ shown: [FieldPath: WriteSet]) -> Bool {
    (shown[.deleted]?.contains { isDeletion($0) } ?? false) && !isDeletionDisputed(shown)
  }

  private func isDeletion(_ write: Int) -> Bool {
    if case .value = writes[write].contents[.deleted] { true } else { false }
  }
}

extension Dictionary {
  fileprivate func mapValuesWithKeys<T>(_ transform: (Key, Value) -> T) -> [Key: T] {
    [Key: T](uniqueKeysWithValues: map { ($0.key, transform($0.key, $0.value)) })
  }
}
