import GRDB
import OfficeSyncProtocol
import OfficeSyncRecords

import struct OfficeSyncRecords.Record

extension SQLiteStore {
  /// Holds the store against itself, in one snapshot; nothing is written. Memory stays bounded, whatever its size.
  ///
  /// - Parameter progress: how many records are done, of how many; what it throws ends the check.
  public func audit(
    progress: (_ done: UInt64, _ total: UInt64) throws -> Void
  ) throws -> StoreAudit {
    try read { db in
      var audit = try SQLiteAudit(db)
      try audit.run(progress)
      return audit.result
    }
  }
}

/// Reads everything in a store's file for the check of it, and goes on where pages are damaged.
private struct SQLiteAudit {
  /// SQLite's own check gives no more lines than this.
  private static let fileProblemsMax = 100
  private static let columns = "collection, number, id, live, contested, conflicts, checksum, state"

  private(set) var result = StoreAudit()
  private let db: Database
  private let index: EntryIndex
  private var collections: [Int64: CollectionAudit] = [:]
  private var ids: [Int64: RecordIDs] = [:]
  /// Records from here on are not in the index by ID yet.
  private let tailStart: Int64
  private var tailRecords: [Int64: Int] = [:]
  private let total: UInt64

  init(_ db: Database) throws {
    self.db = db
    index = try EntryIndex(db)
    tailStart = try RecordIDs.tailStart(db) ?? .max
    total = try UInt64(
      clamping: Int64.fetchOne(db, sql: "SELECT sum(records) FROM collection") ?? 0)
    let own = try StoreRow(in: db).replica.id
    for row in try Row.fetchAll(db, sql: "SELECT number, name FROM collection") {
      let number: Int64 = try row.decode(forColumn: "number")
      let name = try CollectionName(stored: row.decode(forColumn: "name"))
      let records = try RecordTable(db, collection: number)
      ids[number] = try RecordIDs(db, collection: number)
      let counter = try index.numbers[own].map {
        try KnowledgeTable(db, collection: number).counter(of: $0)
      }
      // Without the schema that is in force nothing can be said of conflicts.
      let schema = try? Schema.inForce(in: name, record: records.find(.schema)?.record)
      collections[number] = CollectionAudit(
        name, own: own, ownCounter: counter ?? 0, schema: schema)
    }
  }

  mutating func run(_ progress: (UInt64, UInt64) throws -> Void) throws {
    checkFile()
    try checkRecords(progress)
    for (number, collection) in collections.sorted(by: { $0.key < $1.key }) {
      let kept = try CollectionTotals(db, number: number)
      let damage = collection.finish(
        kept, entryRows: rows(of: "clock_entry", number),
        idRows: rows(of: "record_id", number) + tailRecords[number, default: 0])
      for found in damage { result.note(found) }
    }
  }

  /// Those of one collection; none if they cannot be counted.
  private func rows(of table: String, _ collection: Int64) -> Int {
    let count = try? Int.fetchOne(
      db, sql: "SELECT count(*) FROM \(table) WHERE collection = ?", arguments: [collection])
    return count ?? 0
  }

  /// Whether the index by ID leads to a record. A page of it that cannot be read holds no row.
  private mutating func isFound(_ id: RecordID, _ collection: Int64, _ number: Int64) -> Bool {
    if number < tailStart { return (try? ids[collection]?.entered(id)) == number }
    tailRecords[collection, default: 0] += 1
    return true
  }

  private mutating func checkFile() {
    do {
      let lines = try String.fetchAll(db, sql: "PRAGMA integrity_check(\(Self.fileProblemsMax))")
      for line in lines.flatMap({ $0.split(separator: "\n") }) where line != "ok" {
        result.note(StoreDamage(.file, nil, nil, String(line)))
      }
    } catch {
      result.note(StoreDamage(.file, nil, nil, "SQLite's own check cannot be made: \(error)"))
    }
  }

  /// In the order of the file, which is the quickest; behind a damaged page one by one.
  private mutating func checkRecords(_ progress: (UInt64, UInt64) throws -> Void) throws {
    let select = try RawStatement(
      db, "SELECT \(Self.columns) FROM record WHERE number > 0 ORDER BY number")
    var last: Int64 = 0
    do {
      try select.forEach({ _ in }) { row in
        try take(row)
        last = row.int(1)
        if result.records.isMultiple(of: 1_024) { try progress(result.records, total) }
        return true
      }
    } catch let error as DatabaseError where error.resultCode == .SQLITE_CORRUPT {
      try checkRecordsByID(after: last, progress)
    }
    try progress(result.records, total)
  }

  private mutating func checkRecordsByID(
    after last: Int64, _ progress: (UInt64, UInt64) throws -> Void
  ) throws {
    let select = try RawStatement(
      db,
      """
      SELECT collection, record, id FROM record_id WHERE collection > 0 ORDER BY collection, id
      """)
    let find = try RawStatement(db, "SELECT \(Self.columns) FROM record WHERE number = ?")
    do {
      try select.forEach({ _ in }) { row in
        let number = row.int(1)
        if number <= last { return true }
        do {
          _ = try find.first({ $0.int(number) }) { try take($0) }
        } catch is DatabaseError {
          let id = try RecordID(stored: row.bytes(2))
          if let found = collections[row.int(0)]?.miss(id) { result.note(found) }
        }
        if result.records.isMultiple(of: 1_024) { try progress(result.records, total) }
        return true
      }
    } catch is DatabaseError {
      result.note(StoreDamage(.file, nil, nil, "some records cannot even be listed"))
    }
  }

  private mutating func take(_ row: RawRow) throws {
    let collection = row.int(0)
    result.records += 1
    guard let id = try? RecordID(stored: row.bytes(2)), collections[collection] != nil else {
      result.note(StoreDamage(.record, nil, nil, "a record's ID or collection is malformed"))
      return
    }
    let number = row.int(1)
    let traits = RecordTraits(
      isLive: row.flag(3), isContested: row.flag(4), openConflicts: Int(row.int(5)),
      checksum: row.counter(6))
    let isFound = isFound(id, collection, number)
    let found = collections[collection]?.take(id, traits, row.bytes(7), isFound: isFound) {
      [index] entry in index.has(entry, collection: collection, record: number)
    }
    for damage in found ?? [] { result.note(damage) }
  }
}

/// Looks single rows up in the index by origin.
private struct EntryIndex {
  let numbers: [ReplicaID: Int64]
  private let find: RawStatement

  init(_ db: Database) throws {
    let replicas = try RawStatement(db, "SELECT id, number FROM replica")
      .all({ _ in }) { (try $0.replica(0), $0.int(1)) }
    numbers = Dictionary(replicas) { first, _ in first }
    find = try RawStatement(
      db,
      "SELECT 1 FROM clock_entry WHERE collection = ? AND origin = ? AND counter = ? AND record = ?"
    )
  }

  func has(_ entry: Dot, collection: Int64, record: Int64) -> Bool {
    guard let origin = numbers[entry.replica] else { return false }
    let found = try? find.first({
      $0.int(collection)
      $0.int(origin)
      $0.counter(entry.counter)
      $0.int(record)
    }) { $0.int(0) }
    // A page of the index that cannot be read holds no entry.
    return found != nil
  }
}
