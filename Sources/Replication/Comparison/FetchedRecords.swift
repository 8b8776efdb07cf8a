import OfficeSyncProtocol
import OfficeSyncRecords

/// Takes in the records that were asked for by name, in that order.
struct FetchedRecords {
  /// So much is gathered for one transaction.
  private static let batchRecordsMax = 256
  private static let batchBytesMax = 2 << 20

  private var due: ArraySlice<RecordID>
  private var gathered: [IncomingRecord] = []
  private var gatheredBytes = 0
  private var parts: [UInt8] = []
  private var partsRemaining: UInt64?
  private(set) var lastBatchCount = 0

  init(_ ids: [RecordID]) {
    due = ids[...]
  }

  /// Whether all have come and were handed on.
  var isComplete: Bool { due.isEmpty && gathered.isEmpty }

  mutating func take(_ message: Message) throws(SessionError) {
    switch message {
    case .records(let records):
      guard partsRemaining == nil else { throw wrong("records came between the parts of one") }
      for entry in records.entries { try take(entry) }
    case .part(let part):
      if let partsRemaining, part.remaining + UInt64(part.bytes.count) != partsRemaining {
        throw wrong("the parts of a record do not add up")
      }
      parts += part.bytes
      partsRemaining = part.remaining
      if part.remaining > 0 { return }
      let joined = parts
      parts = []
      partsRemaining = nil
      let entry: RecordEntry
      do { entry = try RecordEntry(joined: joined) } catch {
        throw wrong("a record in parts is malformed: \(error)")
      }
      try take(entry)
    default: throw .unexpected(message.kind, expecting: [.records, .part])
    }
  }

  private mutating func take(_ entry: RecordEntry) throws(SessionError) {
    guard due.first == entry.id else { throw wrong("a record came that was not asked for") }
    due = due.dropFirst()
    do {
      gathered.append(IncomingRecord(id: entry.id, try CheckedRecord(entry.record)))
    } catch {
      throw wrong("a record is malformed: \(error)")
    }
    gatheredBytes += entry.record.count
  }

  /// What is to be stored now; nothing while there is room for more.
  mutating func takeBatch() -> [IncomingRecord] {
    let isFull = gathered.count >= Self.batchRecordsMax || gatheredBytes >= Self.batchBytesMax
    guard isFull || due.isEmpty else { return [] }
    defer { (gathered, gatheredBytes) = ([], 0) }
    lastBatchCount = gathered.count
    return gathered
  }

  private func wrong(_ what: String) -> SessionError { SessionError(.protocolViolation, what) }
}
