import OfficeSyncRecords

/// One record of an import file, ready to be checked against the schema and written: one write.
struct ImportDraft: Hashable, Sendable {
  let line: Int
  let id: RecordID
  let edits: [Edit]
  /// Whether `export` wrote the line for a deleted record.
  var isDeleted = false
}
