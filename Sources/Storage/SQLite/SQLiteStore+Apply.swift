import GRDB
import OfficeSyncProtocol
import OfficeSyncRecords

import struct OfficeSyncRecords.Record

extension SQLiteStore {
  public func apply(_ batch: IncomingBatch) throws -> BatchOutcome {
    try write { db in
      let receiver = try BatchReceiver(db, batch)
      for incoming in batch.records { try receiver.take(incoming) }
      return try receiver.finish()
    }
  }
}

/// Takes one batch in, inside one transaction.
private final class BatchReceiver {
  private let db: Database
  private let batch: IncomingBatch
  private let transaction: CollectionTransaction
  private let own: ReplicaID
  private let ownCounter: UInt64
  private let clockBefore: HybridTime
  private var clock: HybridClock
  private var outcome = BatchOutcome()

  init(_ db: Database, _ batch: IncomingBatch) throws {
    self.db = db
    self.batch = batch
    transaction = try CollectionTransaction(db, batch.collection)
    try transaction.require(epoch: batch.epoch)
    let row = try StoreRow(in: db)
    own = row.replica.id
    clockBefore = row.clock
    clock = HybridClock(latest: row.clock)
    ownCounter = try KnowledgeTable(db, collection: transaction.number)
      .counter(of: transaction.numbers.number(of: own))
  }

  func take(_ incoming: IncomingRecord) throws {
    if try takeNew(incoming) { return }
    let held = try transaction.held(incoming.id)
    switch batch.rule.judge(incoming.record, id: incoming.id, held: held?.record) {
    case .unchanged: break
    case .deferred: outcome.deferred += 1
    case .refused(let refusal):
      outcome.refused.append(BatchOutcome.Refused(id: incoming.id, refusal: refusal))
    case .changed(let record):
      try refuseOwnFuture(record.clock)
      let encoded = RecordEncoder.encode(record)
      if let held {
        try transaction.replace(held, incoming.id, with: record, encoded)
      } else {
        _ = try transaction.insert(incoming.id, record, encoded)
      }
      noteApplied(incoming.record)
    }
  }

  /// The bulk of a first pull: a record that is not here yet is kept as it came, without decoding, merging and encoding
  /// what is canonical already.
  private func takeNew(_ incoming: IncomingRecord) throws -> Bool {
    // What the rule has to look at, and an empty record, go the long way.
    guard batch.rule == .relayed, !incoming.record.clock.isEmpty,
      incoming.record.fields.allSatisfy(\.withheld.isEmpty)
    else { return false }
    try refuseOwnFuture(incoming.record.clock)
    guard try transaction.insert(incoming.id, incoming.record, incoming.encoded) else {
      return false
    }
    noteApplied(incoming.record)
    return true
  }

  /// A peer that knows own writes that are not here saw this store before it was put back from a copy. Taking its word
  /// would let the next local write take a name that is in use.
  private func refuseOwnFuture(_ clock: VersionVector) throws {
    if clock[own] > ownCounter { throw StorageError.restored }
  }

  private func noteApplied(_ record: Record) {
    outcome.applied += 1
    for field in record.fields {
      for sibling in field.siblings { clock.observe(sibling.write.time) }
    }
  }

  func finish() throws -> BatchOutcome {
    if outcome.applied > 0 { try transaction.finish() }
    if clock.latest != clockBefore { try StoreRow.save(clock: clock.latest, in: db) }
    if let progress = batch.progress, outcome.deferred == 0, outcome.refused.isEmpty {
      try ProgressTable(db, collection: transaction.number)
        .save(progress, from: transaction.numbers.number(of: batch.sender))
    }
    outcome.newConflicts = transaction.newConflicts
    return outcome
  }
}
