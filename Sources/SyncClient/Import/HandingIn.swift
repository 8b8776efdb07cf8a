import OfficeSyncRecords
import OfficeSyncStorage

/// What was handed in here before, so that the same file brings nothing twice, also where it was overtaken meanwhile.
struct HandingIn {
  let snapshot: any CollectionSnapshot
  /// What the notes of such writes begin with.
  let mark: String

  /// What a line comes to; nil if all of it is there already.
  func write(of unsent: UnsentRecord, to record: Record?) throws -> PlannedWrite? {
    var past: [(path: FieldPath, sibling: Sibling)]?
    let writes = try unsent.changes(to: record ?? Record()) { path, content in
      let known = try past ?? snapshot.history(of: unsent.id).map { ($0.path, $0.sibling) }
      past = known
      return known.contains {
        $0.path == path && $0.sibling.content == content
          && snapshot.replica.ids.contains($0.sibling.dot.replica)
          && $0.sibling.write.note.hasPrefix(mark)
      }
    }
    return writes.isEmpty ? nil : .changes(unsent.id, writes, seen: unsent.clock)
  }
}
