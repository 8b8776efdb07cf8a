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

  /// The changes that make a record say what the draft says; none if it says that already.
  ///
  /// A deleted record comes back as `export` showed it: deleted, its values beneath. One that is deleted here already
  /// stays as it is, since nothing is edited beneath a deletion.
  ///
  /// - Throws: `EditError`
  func changes(
    to record: Record, _ editor: RecordEditor, nextTime: () -> HybridTime
  ) throws(EditError) -> [Record.Change] {
    if isDeleted, DeletionState(of: record).isDeleted { return [] }
    let values = try editor.changes(edits, to: record, nextTime: nextTime)
    return isDeleted ? values + [Deletion.change(seeing: record.clock)] : values
  }
}
