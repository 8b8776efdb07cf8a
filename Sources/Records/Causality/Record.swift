/// A causal map of multi-value registers: each path with its siblings, and the clock of all writes seen
/// (dotted version vectors, Preguiça, Baquero, Almeida et al., 2010; Almeida et al., "Delta State Replicated Data
/// Types", 2018).
///
/// **Completeness invariant**: for every dot that `clock` covers, the record holds the dot's value or a value that
/// superseded it. Merging keeps it; nothing here breaks it.
public struct Record: Hashable, Sendable {
  /// Sorted by path, each once, none without siblings.
  public private(set) var fields: [Field]
  /// All writes to this record that were seen: its causal context.
  public private(set) var clock: VersionVector
  /// What a purge erased for good: it only grows, travels with the record, and drops what it covers wherever it stands.
  public private(set) var erased: VersionVector

  /// A path and its siblings: one, or several when writes to it were concurrent.
  public struct Field: Hashable, Sendable {
    public let path: FieldPath
    /// Sorted by dot, each dot once, never empty.
    public fileprivate(set) var siblings: [Sibling]
    /// Dots of siblings whose values stay with whoever vouches for them: other replicas' writes on a path that a field
    /// device pushes. Sorted; empty in a store.
    public let withheld: [Dot]

    public init(path: FieldPath, siblings: [Sibling], withheld: [Dot] = []) {
      self.path = path
      self.siblings = siblings
      self.withheld = withheld
    }
  }

  public init() {
    fields = []
    clock = VersionVector()
    erased = VersionVector()
  }

  /// Puts a record together from what a decoder read.
  /// - Throws: ``RecordError``
  public init(
    fields: [Field], clock: VersionVector, erased: VersionVector
  ) throws(RecordError) {
    self.fields = fields
    self.clock = clock
    self.erased = erased
    for (index, field) in fields.enumerated() {
      if index > 0, fields[index - 1].path >= field.path { throw .unsorted }
      if field.siblings.isEmpty { throw .emptyField }
      try check(field.siblings.lazy.map(\.dot))
      if !field.withheld.isEmpty {
        try check(field.withheld)
        for dot in field.withheld where field.siblings.contains(where: { $0.dot == dot }) {
          throw .unsorted
        }
      }
    }
    if !erased.isCovered(by: clock) { throw .erasedBeyondClock }
  }

  private func check(_ dots: some Sequence<Dot>) throws(RecordError) {
    var last: Dot?
    for dot in dots {
      if let last, last >= dot { throw .unsorted }
      last = dot
      if !clock.covers(dot) { throw .dotBeyondClock(dot) }
      if erased.covers(dot) { throw .dotErased(dot) }
    }
  }

  public func siblings(at path: FieldPath) -> [Sibling] {
    let index = position(of: path)
    return index < fields.count && fields[index].path == path ? fields[index].siblings : []
  }

  /// Makes one write. It supersedes just the siblings that it was based on: those that both `context` and the record's
  /// own clock cover.
  ///
  /// - Parameters:
  ///   - changes: what each path is to hold; each path once.
  ///   - context: the clock of the screen that the write was made through; nil means the record as it stands.
  public mutating func write(
    _ changes: [(path: FieldPath, content: Sibling.Content)], as dot: Dot, info: WriteInfo,
    context: VersionVector? = nil
  ) {
    let seen = context.map { $0.met(clock) } ?? clock
    for change in changes {
      let sibling = Sibling(dot: dot, write: info, content: change.content)
      let kept = siblings(at: change.path).filter { !seen.covers($0.dot) }
      replace(
        change.path,
        with: kept.isEmpty ? [sibling] : (kept + [sibling]).sorted { $0.dot < $1.dot })
    }
    clock.insert(dot)
  }

  /// Erases for good whatever `context` (or the record as it stands) covers and leaves a tombstone.
  public mutating func purge(as dot: Dot, info: WriteInfo, context: VersionVector? = nil) {
    let seen = context.map { $0.met(clock) } ?? clock
    erased.join(seen)
    dropErased()
    write([(.deleted, .value(Deletion.value(seeing: seen)))], as: dot, info: info, context: seen)
  }

  /// Takes in what another replica holds of this record. `other` may be a delta: a path that it leaves out stays as it
  /// is. Commutative, associative and idempotent over states of the same writes; makes no new dot.
  ///
  /// - Throws: ``RecordError/contradiction(_:)`` when both hold the same dot with different content: two stores have
  ///   written under one name. The record is then unchanged.
  public mutating func merge(_ other: Record) throws(RecordError) {
    var merged = self
    for field in other.fields {
      merged.replace(field.path, with: try mergedSiblings(with: field, clock: other.clock))
    }
    merged.erased.join(other.erased)
    merged.clock.join(other.clock)
    merged.dropErased()
    self = merged
  }

  private func mergedSiblings(
    with theirs: Field, clock theirClock: VersionVector
  ) throws(RecordError) -> [Sibling] {
    let mine = siblings(at: theirs.path)
    var result: [Sibling] = []
    for sibling in mine {
      let twin = theirs.siblings.first { $0.dot == sibling.dot }
      if let twin, twin != sibling {
        guard theirs.path == .deleted, let joined = Deletion.joined(sibling, twin) else {
          throw .contradiction(sibling.dot)
        }
        result.append(joined)
        continue
      }
      if twin != nil || theirs.withheld.contains(sibling.dot) || !theirClock.covers(sibling.dot) {
        result.append(sibling)
      }
    }
    for sibling in theirs.siblings where !clock.covers(sibling.dot) {
      result.append(sibling)
    }
    return result.sorted { $0.dot < $1.dot }
  }

  private mutating func dropErased() {
    if erased.isEmpty { return }
    for index in fields.indices {
      fields[index].siblings.removeAll { erased.covers($0.dot) }
    }
    fields.removeAll { $0.siblings.isEmpty }
  }

  private mutating func replace(_ path: FieldPath, with siblings: [Sibling]) {
    let index = position(of: path)
    let found = index < fields.count && fields[index].path == path
    switch (found, siblings.isEmpty) {
    case (true, true): fields.remove(at: index)
    case (true, false): fields[index].siblings = siblings
    case (false, true): break
    case (false, false): fields.insert(Field(path: path, siblings: siblings), at: index)
    }
  }

  private func position(of path: FieldPath) -> Int {
    // Fields arrive in order far more often than not.
    guard let last = fields.last, path <= last.path else { return fields.count }
    return fields.partitioningIndex { path <= $0.path }
  }
}

/// Why parts do not make a record, or two records do not merge.
public enum RecordError: Error, Hashable, Sendable {
  case unsorted
  case emptyField
  case dotBeyondClock(Dot)
  case dotErased(Dot)
  case erasedBeyondClock
  case contradiction(Dot)
}
