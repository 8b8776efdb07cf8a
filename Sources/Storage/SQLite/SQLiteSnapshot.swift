import Foundation
import GRDB
import OfficeSyncProtocol
import OfficeSyncRecords

import struct OfficeSyncRecords.Record

/// A collection in one read transaction, which is open as long as this object lives.
final class SQLiteSnapshot: CollectionSnapshot {
  let collection: CollectionName
  let replica: ReplicaInfo
  let latestOwnTime: HybridTime
  let epoch: UInt64
  let revision: UInt64
  let knowledge: Knowledge
  let ended: [Ending]
  let condition: Condition
  let confirmed: VersionVector
  let recordCount: UInt64
  let liveRecordCount: UInt64
  let openConflictCount: UInt64

  private let reader: SnapshotReader
  /// nil for a collection that is not there; its number then matches no row.
  private let number: Int64
  let newestEntries: VersionVector

  init(_ reader: SnapshotReader, of collection: CollectionName) throws {
    self.reader = reader
    self.collection = collection
    let parts = try reader.read { try Parts($0, collection) }
    number = parts.number
    newestEntries = parts.newestEntries
    knowledge = parts.knowledge
    ended = parts.ended
    condition = Condition(
      fingerprint: parts.totals.fingerprint, isPartial: parts.isPartial)
    confirmed = parts.confirmed
    replica = parts.store.replica
    latestOwnTime = parts.store.latestOwnTime
    epoch = parts.totals.epoch
    revision = parts.totals.revision
    recordCount = parts.totals.records
    liveRecordCount = parts.totals.live
    openConflictCount = parts.totals.conflicts
  }

  private struct Parts {
    /// Rows are numbered from 1: matches nothing.
    static let noNumber: Int64 = 0

    let number: Int64
    var totals = CollectionTotals()
    var knowledge = Knowledge()
    var ended: [Ending] = []
    var isPartial = false
    var newestEntries = VersionVector()
    var confirmed = VersionVector()
    let store: StoreRow

    init(_ db: Database, _ collection: CollectionName) throws {
      store = try StoreRow(in: db)
      guard let number = try CollectionTotals.findNumber(of: collection, in: db) else {
        number = Self.noNumber
        return
      }
      self.number = number
      confirmed = try KnowledgeTable(db, collection: number, .confirmed).vector()
      totals = try CollectionTotals(db, number: number)
      let closed = try ClosedTable(db, collection: number).all()
      knowledge = Knowledge(
        vector: try KnowledgeTable(db, collection: number).openVector(),
        newestStamps: try StampTable(db, collection: number).newestOfOpen(), closed: closed)
      ended = try EndingTable(db, collection: number).all()
      let entries = ClockEntries(db, collection: number)
      let open = try entries.newestOfOpen()
      newestEntries = open.joined(
        VersionVector(
          knowledge.vector.entries.filter { knowledge.closed.contains($0.replica) }))
      for beyond in open.entries where !knowledge.vector.covers(beyond) {
        // What came of an origin that ended is all that may ever come: there is nothing to wait for.
        let (origin, known) = (beyond.replica, knowledge.vector[beyond.replica])
        guard let stamp = knowledge.newestStamps[origin],
          ended.contains(where: { $0.stamp == stamp }),
          let origin = try ReplicaNumbers(db).find(origin)
        else {
          isPartial = true
          continue
        }
        knowledge.strays[beyond.replica] = try entries.strays(
          of: origin, beyond.replica, beyond: known)
      }
    }
  }

  private func read<T>(_ body: (Database) throws -> T) throws -> T {
    try StorageError.translating { try reader.read(body) }
  }

  // MARK: Records

  var refusals: [(id: RecordID, reason: String)] {
    get throws {
      try read { try RefusalTable($0, collection: number).all() }
    }
  }

  func schema() throws -> Schema {
    try .inForce(in: collection, record: record(.schema))
  }

  func record(_ id: RecordID) throws -> Record? {
    try read { try RecordTable($0, collection: number).find(id)?.record }
  }

  func soundRecord(_ id: RecordID) throws -> [UInt8]? {
    try read { db in
      guard let row = try RecordIDs(db, collection: number).find(id),
        let stored = try RecordTable(db, collection: number).stored(at: row, id),
        case .sound = StoredState(
          stored.bytes, checksum: stored.traits.checksum, id: id, collection: collection)
      else { return nil }
      return stored.bytes
    }
  }

  func records(
    after id: RecordID?, limit: Int
  ) throws -> [(id: RecordID, record: Record)] {
    try read { db in
      let records = try RecordTable(db, collection: number)
      return try RecordIDs(db, collection: number)
        .list(after: id?.key.bytes, through: nil, limit: limit)
        .compactMap { id, row in try records.held(at: row, id).map { (id, $0.record) } }
    }
  }

  func recordIDs(after id: RecordID?, limit: Int) throws -> [RecordID] {
    try read { db in
      try RecordIDs(db, collection: number)
        .list(after: id?.key.bytes, through: nil, limit: limit).map(\.id)
    }
  }

  func digests(
    after id: RecordID?, through last: RecordID?, limit: Int
  ) throws -> [RecordDigest] {
    try read { db in
      let records = try RecordTable(db, collection: number)
      return try RecordIDs(db, collection: number)
        .list(after: id?.key.bytes, through: last?.key.bytes, limit: limit)
        .compactMap { id, row in
          try records.stored(at: row, id).map { stored in
            StoredState(
              stored.bytes, checksum: stored.traits.checksum, id: id, collection: collection
            ).digest(of: id)
          }
        }
    }
  }

  func recordsWithOpenConflicts() throws -> [RecordID] {
    try read { db in
      let select = try RawStatement(
        db, "SELECT id FROM record WHERE collection = ? AND conflicts > 0 ORDER BY id")
      return try select.all({ $0.int(number) }) { try RecordID(stored: $0.bytes(0)) }
    }
  }

  // MARK: The difference

  func entries(
    of origin: ReplicaID, after cursor: EntryCursor, bytesGoal: Int
  ) throws -> [StoredEntry] {
    try read { db in
      guard let origin = try ReplicaNumbers(db).find(origin) else { return [] }
      return try ClockEntries(db, collection: number)
        .scan(origin: origin, after: cursor, bytesGoal: bytesGoal)
    }
  }

  func estimatedRecords(beyond known: VersionVector) -> UInt64 {
    // Each write has a counter of its own, so this counts writes; records that were written to again since make it too
    // high, and no more than all records can be lacking.
    let writes = newestEntries.entries.reduce(UInt64(0)) { sum, entry in
      sum &+ (entry.counter - min(entry.counter, known[entry.replica]))
    }
    return min(writes, recordCount)
  }

  // MARK: Stamps

  func stampList(of origin: ReplicaID, after counter: UInt64) throws -> [Stamp] {
    try read { db in
      guard let origin = try ReplicaNumbers(db).find(origin) else { return [] }
      return try StampTable(db, collection: number).list(of: origin, after: counter)
    }
  }

  func contains(_ stamp: Stamp, of origin: ReplicaID) throws -> Bool {
    try read { db in
      guard let origin = try ReplicaNumbers(db).find(origin) else { return false }
      let found = try StampTable(db, collection: number)
        .list(of: origin, after: stamp.counter - 1, through: stamp.counter)
      return found == [stamp]
    }
  }

  func overruns(_ ending: Ending) throws -> Bool {
    try read { db in
      let table = StampTable(db, collection: number)
      let reached = try ending.stamp.map(table.origins) ?? [ending.origin]
      let numbers = ReplicaNumbers(db)
      return try reached.contains { origin in
        if origin == replica.id { return true }
        guard let number = try numbers.find(origin) else { return false }
        return try !table.list(of: number, after: ending.stamp?.counter ?? 0).isEmpty
      }
    }
  }

  // MARK: History

  func history(of id: RecordID) throws -> [OvertakenSibling] {
    try read { db in
      guard let row = try RecordIDs(db, collection: number).find(id) else { return [] }
      return try HistoryTable(db, ReplicaNumbers(db)).all(ofRecord: row)
    }
  }

  func session(of dot: Dot) throws -> SessionTrace? {
    try read { try ArrivalTable($0, ReplicaNumbers($0), collection: number).session(of: dot) }
  }
}
