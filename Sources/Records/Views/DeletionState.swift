/// Whether a record is deleted, and whether somebody would have to be asked first.
public struct DeletionState: Hashable, Sendable {
  /// Deleted, and nobody wrote without knowing of it. A disputed deletion is shown as a conflict and the record as
  /// there: nothing vanishes.
  public let isDeleted: Bool
  /// What a person must decide on; empty unless the deletion is disputed. Deletions hold their value; a write that made
  /// the record live on is absent (as `$deleted` would be if it wins), under its own dot. One of those comes first, as
  /// what is current, the others by time, newest first.
  public let conflict: [Sibling]

  public init(of record: Record) {
    let siblings = record.siblings(at: .deleted)
    let deletions = siblings.filter { $0.value != nil }
    if deletions.isEmpty {
      (isDeleted, conflict) = (false, [])
      return
    }
    var seen = VersionVector()
    for deletion in deletions {
      seen.insert(deletion.dot)
      if let value = deletion.value, let clock = Deletion.clock(in: value) { seen.join(clock) }
    }
    var survivors = siblings.filter { $0.value == nil }
    var named: Set<Dot> = []
    for field in record.fields where field.path != .deleted {
      for sibling in field.siblings
      where !seen.covers(sibling.dot) && named.insert(sibling.dot).inserted {
        survivors.append(Sibling(dot: sibling.dot, write: sibling.write, content: .absent))
      }
    }
    isDeleted = survivors.isEmpty
    if survivors.isEmpty {
      conflict = []
    } else {
      survivors.sort { $0.isNewer(than: $1) }
      conflict =
        survivors.prefix(1)
        + (survivors.dropFirst() + deletions).sorted { $0.isNewer(than: $1) }
    }
  }
}
