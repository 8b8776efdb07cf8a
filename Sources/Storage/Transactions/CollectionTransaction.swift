import OfficeSyncProtocol
import OfficeSyncRecords

/// A collection inside one write transaction: every way in which its records change goes through here, so that index,
/// fingerprint and counts always go with them.
final class CollectionTransaction {
  let tables: any CollectionTables
  private(set) var totals: CollectionTotals
  /// Open conflicts that were not open before this transaction.
  private(set) var newConflicts: UInt64 = 0

  let keepsHistory: Bool
  private var loadedSchema: Schema?
  private var schemaChanged = false

  init(_ tables: any CollectionTables) throws {
    self.tables = tables
    totals = try tables.totals()
    keepsHistory = try tables.store().retention.isOn
  }

  func schema() throws -> Schema {
    if let loadedSchema { return loadedSchema }
    let schema = try Schema.inForce(in: tables.name, record: held(.schema)?.record)
    loadedSchema = schema
    return schema
  }

  func held(_ id: RecordID) throws -> HeldRecord? {
    try tables.held(id)
  }

  /// Keeps a record that is not there yet.
  ///
  /// - Parameter part: its part of the fingerprint, if somebody worked that out already.
  /// - Returns: false, having changed nothing, if it is there already.
  func insert(
    _ id: RecordID, _ record: CheckedRecord, part: Fingerprint? = nil
  ) throws -> Bool {
    let part = part ?? Fingerprint(collection: tables.name, id: id, record: record.encoded)
    let traits = try RecordTraits(of: record, id: id, part: part, schema: schema)
    guard let row = try tables.insert(id, record.encoded, traits) else { return false }
    for entry in record.clock.entries { try tables.insertEntry(entry, record: row) }
    totals.add(part, traits)
    newConflicts += UInt64(traits.openConflicts)
    noteChange(of: id)
    return true
  }

  /// Keeps a state that a write or a merge made; what it overtook becomes history.
  func store(
    _ id: RecordID, _ record: Record, _ encoded: EncodedRecord, over held: HeldRecord?,
    atMilliseconds milliseconds: UInt64
  ) throws {
    guard let held else {
      guard try insert(id, .whole(record, encoded)) else {
        throw StorageError.damaged(detail: "the record \(id) is in the index alone")
      }
      return
    }
    try replace(held, id, with: record, encoded)
    try keepOvertaken(
      in: held.row, from: held.record, to: record, atMilliseconds: milliseconds)
  }

  /// Gives a record's writes other names or times: none of them is overtaken.
  ///
  /// - Parameter change: nil leaves the record as it is.
  /// - Returns: the record's row, nil if nothing was changed.
  @discardableResult
  func rewrite(_ id: RecordID, _ change: (Record) throws -> Record?) throws -> Int64? {
    guard let held = try held(id) else { return nil }
    let rewritten: Record?
    do { rewritten = try change(held.record) } catch {
      throw StorageError.damaged(detail: "the stored record \(id) breaks its own rules: \(error)")
    }
    guard let rewritten else { return nil }
    try replace(held, id, with: rewritten, RecordEncoder.encode(rewritten))
    return held.row
  }

  private func replace(
    _ held: HeldRecord, _ id: RecordID, with record: Record, _ encoded: EncodedRecord
  ) throws {
    let part = Fingerprint(collection: tables.name, id: id, record: encoded)
    let former = Fingerprint(collection: tables.name, id: id, record: held.encoded)
    var traits = try RecordTraits(
      of: .whole(record, encoded), id: id, part: part, schema: schema)
    // What is made of a damaged record is no better: the checksum is as wrong afterwards as it was before.
    traits.checksum ^= held.traits.checksum ^ RecordChecksum.of(held.encoded, part: former)
    if traits.openConflicts > 0 {
      let before = try openPaths(of: held.record)
      newConflicts += UInt64(try openPaths(of: record).subtracting(before).count)
    }
    try tables.update(held.row, encoded, traits)
    for entry in held.record.clock.entries where record.clock[entry.replica] == 0 {
      try tables.deleteEntry(entry, record: held.row)
    }
    for entry in record.clock.entries {
      let old = held.record.clock[entry.replica]
      guard old != entry.counter else { continue }
      if old > 0 { try tables.deleteEntry(Dot(entry.replica, old), record: held.row) }
      try tables.insertEntry(entry, record: held.row)
    }
    totals.remove(former, held.traits)
    totals.add(part, traits)
    noteChange(of: id)
  }

  /// Own writes that others may have, up to this counter: a copy of this store may have sent what this one never did.
  func shown(of own: ReplicaID) throws -> UInt64 {
    max(totals.shown, try tables.confirmed(of: own))
  }

  /// Somebody else has this own write, and so the stamp that covers it.
  func noteShown(_ write: Dot) throws {
    if write.counter <= totals.shown { return }
    let own = try tables.stamps(
      of: write.replica, after: write.counter - 1, through: Dot.counterMax)
    if let stamp = own.first { totals.shown = stamp.counter }
  }

  /// Names changed.
  func advanceEpoch() { totals.epoch &+= 1 }

  /// Of the store's next ID nobody was shown anything yet.
  func beginOwnID() { totals.shown = 0 }

  /// Writes down what has been added up; the last call.
  func finish() throws {
    if schemaChanged { try recountConflicts() }
    try tables.save(totals)
  }

  private func noteChange(of id: RecordID) {
    guard id == .schema else { return }
    loadedSchema = nil
    schemaChanged = true
  }

  private func openPaths(of record: Record) throws -> Set<FieldPath> {
    Set(RecordView(record, schema: try schema()).conflicts.filter(\.isOpen).map(\.path))
  }

  /// A new schema may open and settle conflicts wherever a field has several siblings.
  private func recountConflicts() throws {
    let schema = try schema()
    for change in try tables.recount({ RecordView($0, schema: schema).openConflictCount }) {
      try tables.setOpenConflicts(change.row, to: change.after)
      totals.conflicts =
        totals.conflicts &+ UInt64(change.after) &- UInt64(truncatingIfNeeded: change.before)
      newConflicts += UInt64(max(0, change.after - change.before))
    }
  }
}
