import OfficeSyncRecords

extension CollectionTransaction {
  /// Keeps what is in `old` and no longer in `new`, unless the store keeps no history, and erases what a purge erased.
  ///
  /// A sibling counts as the same by its dot: a write that only got another time was not overtaken.
  func keepOvertaken(
    in row: Int64, from old: Record, to new: Record, atMilliseconds milliseconds: UInt64
  ) throws {
    if keepsHistory {
      for field in old.fields {
        let now = new.siblings(at: field.path)
        for sibling in field.siblings
        where !now.contains(where: { $0.dot == sibling.dot }) && !new.erased.covers(sibling.dot) {
          let news = now.filter { new in !field.siblings.contains { $0.dot == new.dot } }
          let by = news.max { $1.isNewer(than: $0) }?.dot
          try tables.keep(
            OvertakenSibling(
              path: field.path, sibling: sibling, milliseconds: milliseconds, by: by),
            ofRecord: row)
        }
      }
    }
    if new.erased != old.erased { try tables.eraseHistory(ofRecord: row, coveredBy: new.erased) }
  }
}
