import OfficeSyncProtocol
import OfficeSyncRecords

/// One record of an import file, ready to be checked against the schema and written: one write.
struct ImportDraft: Hashable, Sendable {
  let line: Int
  let id: RecordID
  let edits: [Edit]
  /// Whether `export` wrote the line for a deleted record.
  var isDeleted = false
  /// What `export --unsent` wrote, in the place of edits.
  var unsent: UnsentRecord?

  /// The write that makes a record say what the draft says; nil if it says that already.
  ///
  /// A deleted record comes back as `export` showed it: deleted, its values beneath. One that is deleted here already
  /// stays as it is, since nothing is edited beneath a deletion.
  ///
  /// - Parameter record: nil if there is none.
  /// - Throws: `EditError`
  func write(
    to record: Record?, _ editor: RecordEditor, nextTime: () -> HybridTime
  ) throws(EditError) -> PlannedWrite? {
    let before = record ?? Record()
    if isDeleted, DeletionState(of: before).isDeleted { return nil }
    let values = try editor.changes(edits, to: before, nextTime: nextTime)
    if isDeleted {
      return .changes(id, [values + [Deletion.change(seeing: before.clock)]], seen: before.clock)
    }
    if values.isEmpty { return nil }
    return record == nil
      ? .new(id, EncodedFields(values)) : .changes(id, [values], seen: before.clock)
  }
}
