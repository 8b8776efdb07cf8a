import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncStorage

/// Finds what changed in a store since it last looked, through the index by origin: the cost follows the change.
///
/// It goes by what the store knows. So a stream that is under way shows when it is complete, and each write once; after names
/// changed (a store was copied or put back) a write may show a second time under its new name.
struct ChangeReader {
  private static let bytesPerRead = 64 * 1_024

  private let store: any RecordStore
  /// nil for all.
  private let collections: [CollectionName]?
  private var known: [CollectionName: VersionVector] = [:]

  /// What is there now is old.
  init(_ store: any RecordStore, collections: [CollectionName]?) throws {
    self.store = store
    self.collections = collections
    for name in try names() { known[name] = try store.snapshot(of: name).knowledge.vector }
  }

  /// Hands out each record that changed, once; reserved ones are left out.
  mutating func forEachChange(_ body: (RecordChange) throws -> Void) throws {
    for name in try names() {
      let snapshot = try store.snapshot(of: name)
      let (before, now) = (known[name] ?? VersionVector(), try snapshot.knowledge.vector)
      if now == before { continue }
      let schema = try snapshot.schema()
      let origins = now.entries.map(\.replica).filter { now[$0] > before[$0] }
      for origin in origins {
        try Self.forEachRecord(of: origin, among: origins, in: snapshot, since: before) {
          id, record in
          let change = RecordChange(
            name, id, RecordView(record, schema: schema), history: try snapshot.history(of: id),
            since: before, through: now)
          if let change { try body(change) }
        }
      }
      known[name] = now
    }
  }

  /// What the offices keep among themselves is shown to who asks for it.
  private func names() throws -> [CollectionName] {
    try collections ?? store.collections().filter { $0 != .office }
  }

  /// Records that hold writes of several origins are taken for the first of them alone.
  private static func forEachRecord(
    of origin: ReplicaID, among origins: [ReplicaID], in snapshot: any CollectionSnapshot,
    since before: VersionVector, _ body: (RecordID, Record) throws -> Void
  ) throws {
    var cursor = EntryCursor(counter: before[origin])
    while case let rows = try snapshot.entries(
      of: origin, after: cursor, bytesGoal: bytesPerRead), let last = rows.last
    {
      cursor = last.cursor
      for row in rows where !row.id.isReserved {
        guard let record = try snapshot.record(row.id) else { continue }
        let first = origins.first { record.clock[$0] > before[$0] }
        if first == origin { try body(row.id, record) }
      }
    }
  }
}
