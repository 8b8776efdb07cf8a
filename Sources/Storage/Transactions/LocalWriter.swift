import OfficeSyncProtocol
import OfficeSyncRecords

/// Makes local writes inside one transaction.
package final class LocalWriter: RecordWriter {
  package let replica: ReplicaInfo

  private let transaction: CollectionTransaction
  private let note: String
  private let wallMilliseconds: UInt64
  private let clockBefore: HybridTime
  private var clock: HybridClock
  private var counter: UInt64
  private let counterBefore: UInt64
  /// A write that broke off half-way must not be committed, even if the caller swallows its error.
  private var failure: (any Error)?

  package init(
    _ tables: any CollectionTables, wallMilliseconds: UInt64, note: String
  ) throws {
    let row = try tables.store()
    replica = row.replica
    clockBefore = row.clock
    clock = HybridClock(latest: row.clock)
    self.wallMilliseconds = wallMilliseconds
    self.note = note
    transaction = try CollectionTransaction(tables)
    counterBefore = try tables.counter(of: replica.id)
    counter = counterBefore
  }

  package func schema() throws -> Schema {
    try transaction.tables.translating { try transaction.schema() }
  }

  package func record(_ id: RecordID) throws -> Record? {
    try transaction.tables.translating { try transaction.held(id)?.record }
  }

  package func nextTime() -> HybridTime {
    clock.tick(wallMilliseconds: wallMilliseconds)
  }

  package func put(
    _ id: RecordID, changes: [(path: FieldPath, content: Sibling.Content)],
    context: VersionVector?
  ) throws -> Dot? {
    if changes.isEmpty { return nil }
    try requireOffice(for: id)
    return try write(changes, to: id, context: context)
  }

  package func put(_ id: RecordID, fields: EncodedFields) throws -> Dot {
    try requireOffice(for: id)
    return try transaction.tables.translating {
      let (dot, info) = try nextWrite()
      let made = try fields.record(as: dot, info: info)
      if try storing({ try transaction.insert(id, made) }) {
        counter = dot.counter
        return dot
      }
      let changes = try made.record.fields.flatMap { field in
        field.siblings.map { (field.path, $0.content) }
      }
      return try write(changes, to: id, context: VersionVector())
    }
  }

  package func purge(_ id: RecordID) throws -> Dot {
    guard replica.identity.role == .office else { throw StorageError.officesOnly }
    return try write(id) { record, dot, info in
      record.purge(as: dot, info: info)
    } accept: { _, _ in
    }
  }

  private func write(
    _ changes: [Record.Change], to id: RecordID, context: VersionVector?
  ) throws -> Dot {
    try LocalWriteLimits.check(changes)
    return try write(id) { record, dot, info in
      record.write(changes, as: dot, info: info, context: context)
    } accept: { before, after in
      try LocalWriteLimits.check(growthFrom: before, to: after, by: changes)
    }
  }

  private func write(
    _ id: RecordID, _ change: (inout Record, Dot, WriteInfo) -> Void,
    accept: (_ before: LocalWriteLimits.Size, _ after: LocalWriteLimits.Size) throws -> Void
  ) throws -> Dot {
    try transaction.tables.translating {
      let held = try transaction.held(id)
      var record = held?.record ?? Record()
      let (dot, info) = try nextWrite()
      change(&record, dot, info)
      let encoded = RecordEncoder.encode(record)
      if let held {
        try accept(
          LocalWriteLimits.Size(of: held.record, held.encoded),
          LocalWriteLimits.Size(of: record, encoded))
      }
      try storing {
        try transaction.store(
          id, record, encoded, over: held, atMilliseconds: info.time.milliseconds)
      }
      counter = dot.counter
      return dot
    }
  }

  private func nextWrite() throws -> (Dot, WriteInfo) {
    let dot = try VersionVector(Dot(replica.id, counter)).nextDot(of: replica.id)
    return (dot, WriteInfo(time: nextTime(), author: replica.identity, note: note))
  }

  private func storing<T>(_ body: () throws -> T) throws -> T {
    do { return try body() } catch {
      failure = error
      throw error
    }
  }

  private func requireOffice(for id: RecordID) throws {
    if id.isReserved, replica.identity.role != .office { throw StorageError.officesOnly }
  }

  /// Writes down counter, clock and totals; the last call.
  package func finish() throws {
    if let failure { throw failure }
    if clock.latest != clockBefore { try transaction.tables.save(clock: clock.latest) }
    if counter > counterBefore {
      try transaction.tables.raise(Dot(replica.id, counter))
      try transaction.finish()
    }
  }
}
