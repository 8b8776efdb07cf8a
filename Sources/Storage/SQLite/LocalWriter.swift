import GRDB
import OfficeSyncProtocol
import OfficeSyncRecords

import struct OfficeSyncRecords.Record

/// Makes local writes inside one transaction.
final class LocalWriter: RecordWriter {
  let replica: ReplicaInfo

  private let transaction: CollectionTransaction
  private let note: String
  private let wallMilliseconds: UInt64
  private let ownNumber: Int64
  private let knowledge: KnowledgeTable
  private let clockBefore: HybridTime
  private var clock: HybridClock
  private var counter: UInt64
  private let counterBefore: UInt64
  /// A write that broke off half-way must not be committed, even if the caller swallows its error.
  private var failure: (any Error)?

  init(
    _ db: Database, _ collection: CollectionName, wallMilliseconds: UInt64, note: String
  ) throws {
    let row = try StoreRow(in: db)
    replica = row.replica
    clockBefore = row.clock
    clock = HybridClock(latest: row.clock)
    self.wallMilliseconds = wallMilliseconds
    self.note = note
    transaction = try CollectionTransaction(db, collection)
    ownNumber = try transaction.numbers.number(of: replica.id)
    knowledge = KnowledgeTable(db, collection: transaction.number)
    counterBefore = try knowledge.counter(of: ownNumber)
    counter = counterBefore
  }

  func schema() throws -> Schema {
    try StorageError.translating { try transaction.schema() }
  }

  func record(_ id: RecordID) throws -> Record? {
    try StorageError.translating { try transaction.held(id)?.record }
  }

  func nextTime() -> HybridTime {
    clock.tick(wallMilliseconds: wallMilliseconds)
  }

  func put(
    _ id: RecordID, changes: [(path: FieldPath, content: Sibling.Content)],
    context: VersionVector?
  ) throws -> Dot? {
    if changes.isEmpty { return nil }
    if id.isReserved, replica.identity.role != .office { throw StorageError.officesOnly }
    try LocalWriteLimits.check(changes)
    return try write(id) { record, dot, info in
      record.write(changes, as: dot, info: info, context: context)
    } accept: { before, after in
      try LocalWriteLimits.check(growthFrom: before, to: after, by: changes)
    }
  }

  func purge(_ id: RecordID) throws -> Dot {
    guard replica.identity.role == .office else { throw StorageError.officesOnly }
    return try write(id) { record, dot, info in
      record.purge(as: dot, info: info)
    } accept: { _, _ in
    }
  }

  private func write(
    _ id: RecordID, _ change: (inout Record, Dot, WriteInfo) -> Void,
    accept: (_ before: LocalWriteLimits.Size, _ after: LocalWriteLimits.Size) throws -> Void
  ) throws -> Dot {
    try StorageError.translating {
      let held = try transaction.held(id)
      var record = held?.record ?? Record()
      let dot = try VersionVector(Dot(replica.id, counter)).nextDot(of: replica.id)
      change(
        &record, dot, WriteInfo(time: nextTime(), author: replica.identity, note: note))
      let encoded = RecordEncoder.encode(record)
      if let held {
        try accept(
          LocalWriteLimits.Size(of: held.record, held.encoded),
          LocalWriteLimits.Size(of: record, encoded))
      }
      counter = dot.counter
      do {
        try store(id, held, record, encoded)
      } catch {
        failure = error
        throw error
      }
      return dot
    }
  }

  private func store(
    _ id: RecordID, _ held: HeldRecord?, _ record: Record, _ encoded: EncodedRecord
  ) throws {
    if let held {
      try transaction.replace(held, id, with: record, encoded)
    } else {
      _ = try transaction.insert(id, record, encoded)
    }
  }

  /// Writes down counter, clock and totals; the last call.
  func finish() throws {
    if let failure { throw failure }
    if clock.latest != clockBefore { try StoreRow.save(clock: clock.latest, in: transaction.db) }
    if counter > counterBefore {
      try knowledge.raise(origin: ownNumber, to: counter)
      try transaction.finish()
    }
  }
}
