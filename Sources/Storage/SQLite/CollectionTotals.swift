import GRDB
import OfficeSyncProtocol
import OfficeSyncRecords

/// What is kept added up over a collection's records.
struct CollectionTotals {
  private(set) var fingerprint = Fingerprint.zero
  private(set) var records: UInt64 = 0
  private(set) var live: UInt64 = 0
  var conflicts: UInt64 = 0

  init() {}

  init(_ db: Database, number: Int64) throws {
    let select = try RawStatement(
      db, "SELECT fingerprint, records, live, conflicts FROM collection WHERE number = ?")
    let found: Void? = try select.first({ $0.int(number) }) { row in
      guard let fingerprint = Fingerprint(bytes: row.bytes(0)) else {
        throw StorageError.damaged(detail: "a fingerprint has the wrong length")
      }
      self.fingerprint = fingerprint
      records = row.counter(1)
      live = row.counter(2)
      conflicts = row.counter(3)
    }
    if found == nil { throw StorageError.damaged(detail: "a collection has no row") }
  }

  mutating func add(_ part: Fingerprint, _ traits: RecordTraits) {
    fingerprint = fingerprint + part
    records += 1
    live += traits.isLive ? 1 : 0
    conflicts += UInt64(traits.openConflicts)
  }

  mutating func remove(_ part: Fingerprint, _ traits: RecordTraits) {
    fingerprint = fingerprint - part
    // Wrapping: a damaged count is for `verify` to report, and must not stop the program.
    records &-= 1
    live &-= traits.isLive ? 1 : 0
    conflicts &-= UInt64(traits.openConflicts)
  }

  func save(_ db: Database, number: Int64) throws {
    let update = try RawStatement(
      db,
      """
      UPDATE collection SET fingerprint = ?, records = ?, live = ?, conflicts = ? WHERE number = ?
      """)
    try update.run {
      $0.bytes(fingerprint.bytes)
      $0.counter(records)
      $0.counter(live)
      $0.counter(conflicts)
      $0.int(number)
    }
  }

  /// The number of a collection; a new one is made.
  static func number(of name: CollectionName, in db: Database) throws -> Int64 {
    if let number = try findNumber(of: name, in: db) { return number }
    try db.execute(
      sql: "INSERT INTO collection (name, fingerprint) VALUES (?, zeroblob(32))",
      arguments: [name.text])
    return db.lastInsertedRowID
  }

  static func findNumber(of name: CollectionName, in db: Database) throws -> Int64? {
    try Int64.fetchOne(
      db, sql: "SELECT number FROM collection WHERE name = ?", arguments: [name.text])
  }
}
