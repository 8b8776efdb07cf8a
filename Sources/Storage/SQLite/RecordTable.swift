import GRDB
import OfficeSyncProtocol
import OfficeSyncRecords

import struct OfficeSyncRecords.Record

/// The records of one collection, in the order of their arrival.
struct RecordTable {
  private let collection: Int64
  private let selectStatement: RawStatement
  private let insertStatement: RawStatement
  private let updateStatement: RawStatement
  private let recountStatement: RawStatement
  private let contestedStatement: RawStatement
  private let db: Database

  init(_ db: Database, collection: Int64) throws {
    self.db = db
    self.collection = collection
    selectStatement = try RawStatement(
      db,
      """
      SELECT number, live, contested, conflicts, checksum, state FROM record WHERE number = ?
      """)
    insertStatement = try RawStatement(
      db,
      """
      INSERT INTO record (number, collection, id, live, contested, conflicts, checksum, state)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?)
      """)
    updateStatement = try RawStatement(
      db,
      """
      UPDATE record SET live = ?, contested = ?, conflicts = ?, checksum = ?, state = ?
      WHERE number = ?
      """)
    recountStatement = try RawStatement(db, "UPDATE record SET conflicts = ? WHERE number = ?")
    contestedStatement = try RawStatement(
      db, "SELECT number, conflicts, state FROM record WHERE collection = ? AND contested = 1")
  }

  /// For whoever only reads; who writes has an index by ID of its own.
  func find(_ id: RecordID) throws -> HeldRecord? {
    try RecordIDs(db, collection: collection).find(id).flatMap { try held(at: $0, id) }
  }

  func held(at row: Int64, _ id: RecordID) throws -> HeldRecord? {
    guard let stored = try stored(at: row, id) else { return nil }
    return try HeldRecord(row: row, traits: stored.traits, stored.bytes)
  }

  func stored(at row: Int64, _ id: RecordID) throws -> StoredRow? {
    try selectStatement.first({ $0.int(row) }) { $0.stored(id) }
  }

  func forEachStored(_ body: (StoredRow) throws -> Void) throws {
    let select = try RawStatement(
      db,
      """
      SELECT number, live, contested, conflicts, checksum, state, id FROM record
      WHERE number > 0 AND +collection = ? ORDER BY number
      """)
    try select.forEach({ $0.int(collection) }) { row in
      // One whose ID is damaged is found by its index under none.
      if let id = try? RecordID(stored: row.bytes(6)) { try body(row.stored(id)) }
      return true
    }
  }

  func insert(
    _ row: Int64, _ id: RecordID, _ traits: RecordTraits, _ encoded: EncodedRecord
  ) throws {
    try insertStatement.run {
      $0.int(row)
      $0.int(collection)
      $0.bytes(id.key.bytes)
      $0.flag(traits.isLive)
      $0.flag(traits.isContested)
      $0.int(Int64(traits.openConflicts))
      $0.counter(traits.checksum)
      $0.bytes(encoded.bytes)
    }
  }

  func update(_ row: Int64, _ traits: RecordTraits, _ encoded: EncodedRecord) throws {
    try updateStatement.run {
      $0.flag(traits.isLive)
      $0.flag(traits.isContested)
      $0.int(Int64(traits.openConflicts))
      $0.counter(traits.checksum)
      $0.bytes(encoded.bytes)
      $0.int(row)
    }
  }

  func remove(_ row: Int64) throws {
    try RawStatement(db, "DELETE FROM record WHERE number = ?").run { $0.int(row) }
  }

  func setOpenConflicts(_ row: Int64, to count: Int) throws {
    try recountStatement.run {
      $0.int(Int64(count))
      $0.int(row)
    }
  }

  /// Counts anew over all contested records.
  /// - Returns: those whose count differs from what is stored.
  func recount(
    _ count: (Record) -> Int
  ) throws -> [(row: Int64, before: Int, after: Int)] {
    var changes: [(row: Int64, before: Int, after: Int)] = []
    try contestedStatement.forEach({ $0.int(collection) }) { row in
      let (record, _) = try RecordDecoder.decode(row.bytes(2))
      let (before, after) = (Int(row.int(1)), count(record))
      if before != after { changes.append((row.int(0), before, after)) }
      return true
    }
    return changes
  }
}

extension RawRow {
  /// The columns number, live, contested, conflicts, checksum, state.
  fileprivate func stored(_ id: RecordID) -> StoredRow {
    StoredRow(
      row: int(0), id: id,
      traits: RecordTraits(
        isLive: flag(1), isContested: flag(2), openConflicts: Int(int(3)), checksum: counter(4)),
      bytes: bytes(5))
  }
}

/// The index by origin: one row for each entry of each record's clock.
struct ClockEntryTable {
  private let collection: Int64
  private let insertStatement: RawStatement
  private let deleteStatement: RawStatement
  private let db: Database

  init(_ db: Database, collection: Int64) throws {
    self.db = db
    self.collection = collection
    insertStatement = try RawStatement(
      db, "INSERT INTO clock_entry (collection, origin, counter, record) VALUES (?, ?, ?, ?)")
    deleteStatement = try RawStatement(
      db,
      """
      DELETE FROM clock_entry
      WHERE collection = ? AND origin = ? AND counter = ? AND record = ?
      """)
  }

  func insert(origin: Int64, _ counter: UInt64, record: Int64) throws {
    try insertStatement.run {
      $0.int(collection)
      $0.int(origin)
      $0.counter(counter)
      $0.int(record)
    }
  }

  func delete(origin: Int64, _ counter: UInt64, record: Int64) throws {
    try deleteStatement.run {
      $0.int(collection)
      $0.int(origin)
      $0.counter(counter)
      $0.int(record)
    }
  }

  /// Looks through the whole index: rows are not kept in the order of their records.
  func removeAll(ofRecord record: Int64) throws {
    try RawStatement(db, "DELETE FROM clock_entry WHERE collection = ? AND record = ?").run {
      $0.int(collection)
      $0.int(record)
    }
  }

  func removeAll() throws {
    try RawStatement(db, "DELETE FROM clock_entry WHERE collection = ?").run { $0.int(collection) }
  }
}
