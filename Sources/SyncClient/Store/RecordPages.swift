import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncStorage

extension CollectionSnapshot {
  /// Hands out every record in the order of IDs, reserved ones left out, a page at a time: memory stays flat.
  ///
  /// - Parameter unreadable: is handed the IDs of those that cannot be read, and lets the others follow; without it the
  ///   first of them ends it all.
  func forEachRecord(
    unreadable: ((RecordID) throws -> Void)? = nil, _ body: (RecordID, Record) throws -> Void
  ) throws {
    var last: RecordID?
    while true {
      let page: [(id: RecordID, record: Record)]
      do {
        page = try records(after: last, limit: recordsPerPage)
      } catch StorageError.damaged where unreadable != nil {
        let ids = try recordIDs(after: last, limit: recordsPerPage)
        for id in ids where !id.isReserved {
          if let record = try readable(id, orElse: unreadable) { try body(id, record) }
        }
        guard ids.count == recordsPerPage else { return }
        last = ids.last
        continue
      }
      for (id, record) in page where !id.isReserved { try body(id, record) }
      guard page.count == recordsPerPage else { return }
      last = page.last?.id
    }
  }

  private func readable(
    _ id: RecordID, orElse unreadable: ((RecordID) throws -> Void)?
  ) throws -> Record? {
    do {
      return try record(id)
    } catch StorageError.damaged {
      try unreadable?(id)
      return nil
    }
  }

  /// The latest time of these, if a wall clock is more than five minutes behind it: an office whose clock shows that
  /// makes the writes wait.
  func unsentTime(aheadOf wallMilliseconds: UInt64) throws -> HybridTime? {
    let timeMax = HybridClock.timeMax(wallMilliseconds: wallMilliseconds)
    // Nearly always: and then however many writes wait, none is looked at.
    if latestOwnTime <= timeMax { return nil }
    let me = replica.id
    let confirmed = confirmed[me]
    var latest = HybridTime.zero
    var cursor = EntryCursor(counter: confirmed)
    while case let rows = try entries(of: me, after: cursor, bytesGoal: unsentBytesPerRead),
      let last = rows.last
    {
      cursor = last.cursor
      for row in rows {
        for sibling in try record(row.id)?.fields.flatMap(\.siblings) ?? []
        where sibling.dot.replica == me && sibling.dot.counter > confirmed {
          latest = max(latest, sibling.write.time)
        }
      }
    }
    return latest > timeMax ? latest : nil
  }
}

private let recordsPerPage = 500
private let unsentBytesPerRead = 256 * 1_024
