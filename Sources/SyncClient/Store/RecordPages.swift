import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncStorage

extension CollectionSnapshot {
  /// Hands out every record in the order of IDs, reserved ones left out, a page at a time: memory stays flat.
  func forEachRecord(_ body: (RecordID, Record) throws -> Void) throws {
    var last: RecordID?
    while true {
      let page = try records(after: last, limit: recordsPerPage)
      for (id, record) in page where !id.isReserved { try body(id, record) }
      guard page.count == recordsPerPage else { return }
      last = page.last?.id
    }
  }
}

private let recordsPerPage = 500
