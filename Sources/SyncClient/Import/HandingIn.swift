import OfficeSyncRecords
import OfficeSyncStorage

/// What was handed in here before, so that the same file brings nothing twice, also where it was overtaken meanwhile.
struct HandingIn {
  let snapshot: any CollectionSnapshot
  /// What the notes of such writes begin with.
  let mark: String

  /// The changes of a draft to a record, write by write, with what their writer had seen; nil for a draft that is none of these.
  func writes(of draft: ImportDraft, to record: Record) throws -> [[Record.Change]]? {
    guard let unsent = draft.unsent else { return nil }
    var past: [(path: FieldPath, sibling: Sibling)]?
    return try unsent.changes(to: record) { path, content in
      let known = try past ?? snapshot.history(of: draft.id).map { ($0.path, $0.sibling) }
      past = known
      return known.contains {
        $0.path == path && $0.sibling.content == content
          && snapshot.replica.ids.contains($0.sibling.dot.replica)
          && $0.sibling.write.note.hasPrefix(mark)
      }
    }
  }
}
