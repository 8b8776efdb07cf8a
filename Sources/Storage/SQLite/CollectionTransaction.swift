import GRDB
import OfficeSyncProtocol
import OfficeSyncRecords

import struct OfficeSyncRecords.Record

/// A collection inside one write transaction: every way in which its records change goes through here, so that index,
/// fingerprint and counts always go with them.
final class CollectionTransaction {
  let db: Database
  let name: CollectionName
  let number: Int64
  let numbers: ReplicaNumbers
  private(set) var totals: CollectionTotals
  /// Open conflicts that were not open before this transaction.
  private(set) var newConflicts: UInt64 = 0

  private let records: RecordTable
  private let entries: ClockEntryTable
  private var loadedSchema: Schema?
  private var schemaChanged = false

  /// Opens a collection; a new one is made.
  init(_ db: Database, _ name: CollectionName) throws {
    self.db = db
    self.name = name
    number = try CollectionTotals.number(of: name, in: db)
    totals = try CollectionTotals(db, number: number)
    numbers = ReplicaNumbers(db)
    records = try RecordTable(db, collection: number)
    entries = try ClockEntryTable(db, collection: number)
  }

  func schema() throws -> Schema {
    if let loadedSchema { return loadedSchema }
    let schema = try held(.schema).map { Schema(record: $0.record) } ?? .none
    loadedSchema = schema
    return schema
  }

  func held(_ id: RecordID) throws -> HeldRecord? {
    try records.find(id)
  }

  func held(inRow row: Int64) throws -> (RecordID, HeldRecord)? {
    guard let id = try records.id(inRow: row), let held = try held(id) else { return nil }
    return (id, held)
  }

  /// - Throws: ``StorageError`` `.namesChanged` if the collection's names changed since `epoch`.
  func require(epoch: UInt64?) throws {
    try NameEpoch(db, collection: number).require(epoch)
  }

  /// Keeps a record that is not there yet.
  /// - Returns: false, having changed nothing, if it is there already.
  func insert(_ id: RecordID, _ record: Record, _ encoded: EncodedRecord) throws -> Bool {
    let traits = try traits(of: record, id: id)
    guard let row = try records.insert(id, traits, encoded) else { return false }
    for entry in record.clock.entries {
      try entries.insert(origin: numbers.number(of: entry.replica), entry.counter, record: row)
    }
    totals.add(Fingerprint(collection: name, id: id, record: encoded), traits)
    newConflicts += UInt64(traits.openConflicts)
    noteChange(of: id)
    return true
  }

  /// Puts a newer state in the place of what is held.
  func replace(
    _ held: HeldRecord, _ id: RecordID, with record: Record, _ encoded: EncodedRecord
  ) throws {
    let traits = try traits(of: record, id: id)
    if traits.openConflicts > 0 {
      let before = try openPaths(of: held.record)
      newConflicts += UInt64(try openPaths(of: record).subtracting(before).count)
    }
    try records.update(held.row, traits, encoded)
    for entry in held.record.clock.entries where record.clock[entry.replica] == 0 {
      let origin = try numbers.number(of: entry.replica)
      try entries.delete(origin: origin, entry.counter, record: held.row)
    }
    for entry in record.clock.entries {
      let old = held.record.clock[entry.replica]
      guard old != entry.counter else { continue }
      let origin = try numbers.number(of: entry.replica)
      if old > 0 { try entries.delete(origin: origin, old, record: held.row) }
      try entries.insert(origin: origin, entry.counter, record: held.row)
    }
    totals.remove(Fingerprint(collection: name, id: id, record: held.encoded), held.traits)
    totals.add(Fingerprint(collection: name, id: id, record: encoded), traits)
    noteChange(of: id)
  }

  /// Writes down what has been added up; the last call.
  func finish() throws {
    if schemaChanged { try recountConflicts() }
    try totals.save(db, number: number)
  }

  private func noteChange(of id: RecordID) {
    guard id == .schema else { return }
    loadedSchema = nil
    schemaChanged = true
  }

  private func traits(of record: Record, id: RecordID) throws -> RecordTraits {
    let contested = record.fields.contains { $0.siblings.count > 1 }
    let maybeDeleted = !record.siblings(at: .deleted).isEmpty
    guard contested || maybeDeleted else {
      return RecordTraits(isLive: !id.isReserved, isContested: false, openConflicts: 0)
    }
    let view = RecordView(record, schema: try schema())
    return RecordTraits(
      isLive: !id.isReserved && !view.isDeleted, isContested: contested,
      openConflicts: view.openConflictCount)
  }

  private func openPaths(of record: Record) throws -> Set<FieldPath> {
    Set(RecordView(record, schema: try schema()).conflicts.filter(\.isOpen).map(\.path))
  }

  /// A new schema may open and settle conflicts wherever a field has several siblings.
  private func recountConflicts() throws {
    let schema = try schema()
    for change in try records.recount({ RecordView($0, schema: schema).openConflictCount }) {
      try records.setOpenConflicts(change.row, to: change.after)
      totals.conflicts = totals.conflicts &+ UInt64(change.after) &- UInt64(change.before)
      newConflicts += UInt64(max(0, change.after - change.before))
    }
  }
}
