import GRDB
import OfficeSyncProtocol
import OfficeSyncRecords

import struct OfficeSyncRecords.Record

/// The offices' own collection (DESIGN.md §4), inside one transaction: what all offices agree on.
struct Register {
  private let db: Database
  private let collection: Int64?

  init(_ db: Database) throws {
    self.db = db
    collection = try CollectionTotals.findNumber(of: .office, in: db)
  }

  /// - Returns: an empty record if there is none.
  func record(_ id: RecordID) throws -> Record {
    guard let collection else { return Record() }
    return try RecordTable(db, collection: collection).find(id)?.record ?? Record()
  }

  /// What `body` makes of each record whose ID is `prefix`, a slash and more; in the order of IDs.
  private func all<T>(_ prefix: String, _ body: (RecordID, Record) -> T?) throws -> [T] {
    guard let collection else { return [] }
    let records = try RecordTable(db, collection: collection)
    let start = Array("\(prefix)/".utf8)
    return try RecordIDs(db, collection: collection)
      .list(after: start, through: start + [0xFF], limit: .max)
      .compactMap { id, row in try records.held(at: row, id).flatMap { body(id, $0.record) } }
  }

  /// What everybody is granted, by subject.
  func grantSheets() throws -> [GrantSheet] { try all(GrantSheet.kind, GrantSheet.init) }

  /// All replicas that offices told of, by ID.
  func entries() throws -> [ReplicaEntry] { try all(ReplicaEntry.kind, ReplicaEntry.init) }

  /// The revocation lists of all authorities.
  func revocations() throws -> [RevocationEntry] {
    try all(RevocationEntry.kind, RevocationEntry.init)
  }

  func grants(to subject: Grant.Subject) throws -> GrantSheet {
    GrantSheet(of: subject, try record(GrantSheet.id(of: subject)))
  }

  func entry(of replica: ReplicaID) throws -> ReplicaEntry {
    ReplicaEntry(of: replica, try record(ReplicaEntry.id(of: replica)))
  }

  /// One write under this office's name.
  /// - Returns: whether there was anything to write.
  @discardableResult
  func write(
    _ changes: [Record.Change], to id: RecordID, note: String = "", wallMilliseconds: UInt64
  ) throws -> Bool {
    if changes.isEmpty { return false }
    let writer = try LocalWriter(
      SQLiteTables(db, .office), wallMilliseconds: wallMilliseconds, note: note)
    _ = try writer.put(id, changes: changes, context: nil)
    try writer.finish()
    return true
  }
}

extension SQLiteStore {
  /// Of the offices' own collection: another one whenever anything in it has changed.
  public func registerFingerprint() throws -> Fingerprint {
    try read { db in
      guard let number = try CollectionTotals.findNumber(of: .office, in: db) else { return .zero }
      return try CollectionTotals(db, number: number).fingerprint
    }
  }
}
