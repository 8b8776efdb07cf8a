import Foundation
import GRDB
import OfficeSyncProtocol
import OfficeSyncRecords
import Synchronization

import struct OfficeSyncRecords.Record

/// A collection in one read transaction, which is open as long as this object lives.
final class SQLiteSnapshot: CollectionSnapshot {
  let collection: CollectionName
  let replica: ReplicaInfo
  let latestOwnTime: HybridTime
  let epoch: UInt64
  let revision: UInt64
  let confirmed: VersionVector
  let recordCount: UInt64
  let liveRecordCount: UInt64
  let openConflictCount: UInt64

  private let reader: SnapshotReader
  private let closed: ClosedOriginsCache
  private let fingerprint: Fingerprint
  /// nil for a collection that is not there.
  private let found: Int64?
  /// What is known, once somebody has asked: who reads a record does not.
  private let known = Mutex<SnapshotKnowledge?>(nil)

  init(
    _ reader: SnapshotReader, of collection: CollectionName, closed: ClosedOriginsCache
  ) throws {
    self.reader = reader
    self.collection = collection
    self.closed = closed
    let (store, found, totals, confirmed) = try reader.read { db in
      let found = try CollectionTotals.findNumber(of: collection, in: db)
      return (
        try StoreRow(in: db), found,
        try found.map { try CollectionTotals(db, number: $0) } ?? CollectionTotals(),
        try found.map { try KnowledgeTable(db, collection: $0, .confirmed).vector() }
      )
    }
    self.found = found
    self.confirmed = confirmed ?? VersionVector()
    replica = store.replica
    latestOwnTime = store.latestOwnTime
    fingerprint = totals.fingerprint
    epoch = totals.epoch
    revision = totals.revision
    recordCount = totals.records
    liveRecordCount = totals.live
    openConflictCount = totals.conflicts
  }

  /// Rows are numbered from 1: matches nothing where there is no collection.
  private var number: Int64 { found ?? 0 }

  // MARK: What is known

  var knowledge: Knowledge { get throws { try whatIsKnown().knowledge } }
  var ended: [Ending] { get throws { try whatIsKnown().ended } }
  var newestEntries: VersionVector { get throws { try whatIsKnown().newestEntries } }
  var condition: Condition {
    get throws { Condition(fingerprint: fingerprint, isPartial: try whatIsKnown().isPartial) }
  }

  private func whatIsKnown() throws -> SnapshotKnowledge {
    if let known = known.withLock({ $0 }) { return known }
    let read =
      try found.map { number in
        try self.read { try SnapshotKnowledge($0, collection: number, closed: closed) }
      } ?? SnapshotKnowledge()
    known.withLock { $0 = read }
    return read
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

  func estimatedRecords(beyond known: VersionVector) throws -> UInt64 {
    // Each write has a counter of its own, so this counts writes; records that were written to again since make it too
    // high, and no more than all records can be lacking.
    let writes = try newestEntries.entries.reduce(UInt64(0)) { sum, entry in
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
