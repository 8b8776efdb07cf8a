import Foundation
import GRDB
import OfficeSyncProtocol
import OfficeSyncRecords

/// Makes a store anew from what can be read of one whose file SQLite cannot walk through any more: pages that a disk has
/// damaged take with them what stood on them, and nothing else.
///
/// The new store goes on under a new replica ID, since own writes may be missing that others know, and knows nothing of the
/// writes of collections that are not whole: so the next sync brings what was lost, from whoever has it. An office is in
/// recovery. The old file is kept under another name.
public struct StoreSalvage: Sendable {
  /// Who the store is now.
  public private(set) var replica: ReplicaInfo
  /// What the old file is called now.
  public private(set) var replaced: String
  /// How many records could not be read, by collection; an office may have them.
  public private(set) var lost: [CollectionName: UInt64]
  /// Whether parts of the history, or of who was met and when, are missing.
  public private(set) var hasGaps: Bool

  private static let numbered = [
    "store", "replica", "former_replica", "collection", "record", "history", "arrival", "owner",
  ]
  private static let keyed = [
    "knowledge", "confirmed", "ending", "stamp", "refusal", "peer_knowledge", "peer", "contact",
    "enrolment",
  ]
  /// Without a part of these nobody can say what is known of a collection.
  private static let causal: Set = ["replica", "knowledge", "confirmed", "ending", "stamp"]

  /// - Parameters:
  ///   - folder: the store's. No program may have it open.
  ///   - nowMilliseconds: the wall clock, for the old file's name.
  /// - Throws: ``StorageError``; `.damaged` if not even whose store it is, or which collections it has, can be read: then nothing
  ///   was done.
  public init(ofFolder folder: String, nowMilliseconds: UInt64) throws {
    let file = StoreFile(folder: folder)
    (replica, replaced, lost, hasGaps) = try StorageError.translating {
      let draft = try DraftFile(for: file.path)
      let found = try Self.fill(draft, from: file)
      let aside = file.path + ".damaged-\(nowMilliseconds)"
      try file.putAside(as: aside)
      try draft.install()
      return (found.replica, aside, found.lost, found.hasGaps)
    }
  }

  private struct Found {
    var replica: ReplicaInfo
    var lost: [CollectionName: UInt64] = [:]
    var hasGaps = false
  }

  private static func fill(_ draft: borrowing DraftFile, from file: StoreFile) throws -> Found {
    let place = StorePlace(ofFile: draft.path)
    let source = try file.openReader()
    var found: Found?
    try draft.write { queue in
      try queue.writeWithoutTransaction { db in
        try db.execute(sql: "PRAGMA application_id = \(Migrations.applicationID)")
        // Rows may be missing that others point to.
        try db.execute(sql: "PRAGMA foreign_keys = OFF")
        try db.inTransaction {
          _ = try Migrations.run(db)
          let gaps = try source.unsafeRead { try copyAll($0, to: db) }
          found = try settle(db, gaps, place)
          return .commit
        }
      }
      try queue.writeWithoutTransaction { try SQLiteStore.check($0) }
      try StoreFile.keepLog(queue)
    }
    guard let found else { throw StorageError.damaged(detail: "nothing could be read") }
    return found
  }

  // MARK: Copying

  /// - Returns: the tables of which something could not be read.
  private static func copyAll(_ source: Database, to target: Database) throws -> Set<String> {
    var gaps: Set<String> = []
    for table in numbered {
      // The index stands on other pages.
      let highest =
        table == "record" ? "SELECT max(record) FROM record_id" : nil
      let salvage = TableSalvage(source: source, target: target, table: table)
      if try !salvage.copyByNumber(highest: highest) { gaps.insert(table) }
    }
    guard (try? StoreRow(in: target)) != nil else {
      throw StorageError.damaged(detail: "it cannot be read whose store it is")
    }
    // Records of a collection without a name would be nobody's.
    if gaps.contains("collection") {
      throw StorageError.damaged(detail: "it cannot be read which collections there are")
    }
    for table in keyed {
      let salvage = TableSalvage(source: source, target: target, table: table)
      if try !salvage.copyFromBothEnds() { gaps.insert(table) }
    }
    return gaps
  }

  // MARK: Making it a store

  private static func settle(
    _ db: Database, _ gaps: Set<String>, _ place: StorePlace
  ) throws -> Found {
    try removeOrphans(db)
    try RecordIDs.rebuild(db)
    let names = try String.fetchAll(db, sql: "SELECT name FROM collection ORDER BY name")
      .map(CollectionName.init(stored:))
    var lost: [CollectionName: UInt64] = [:]
    for name in names {
      let tables = try SQLiteTables(db, name)
      let counted = try CollectionTotals(db, number: tables.number).records
      let there = try UInt64(
        Int64.fetchOne(
          db, sql: "SELECT count(*) FROM record WHERE collection = ?", arguments: [tables.number])
          ?? 0)
      if there < counted { lost[name] = counted - there }
      _ = try tables.rebuild()
    }
    var generator = SystemRandomNumberGenerator()
    _ = try SQLiteStore.renew(db, isRestored: true) { .random(using: &generator) }
    try place.save(in: db)
    let replica = try StoreRow(in: db).replica
    for name in names where lost[name] != nil || !gaps.isDisjoint(with: causal) {
      try SQLiteTables(db, name).forgetKnowledge(but: replica.id)
    }
    return Found(
      replica: replica, lost: lost,
      hasGaps: !gaps.isDisjoint(with: ["history", "arrival", "owner", "contact"]))
  }

  /// What points to a collection or a replica that could not be read.
  private static func removeOrphans(_ db: Database) throws {
    for (table, column, parent) in [
      ("record", "collection", "collection"), ("knowledge", "origin", "replica"),
      ("confirmed", "origin", "replica"), ("ending", "origin", "replica"),
      ("stamp", "origin", "replica"), ("arrival", "origin", "replica"),
      ("arrival", "peer", "replica"), ("owner", "replica", "replica"),
      ("owner", "successor", "replica"), ("former_replica", "replica", "replica"),
      ("peer_knowledge", "replica", "replica"),
    ] {
      try db.execute(
        sql: """
          DELETE FROM \(table)
          WHERE \(column) IS NOT NULL AND \(column) NOT IN (SELECT number FROM \(parent))
          """)
    }
    for table in [
      "knowledge", "confirmed", "ending", "stamp", "refusal", "arrival", "peer_knowledge",
    ] {
      try db.execute(
        sql: "DELETE FROM \(table) WHERE collection NOT IN (SELECT number FROM collection)")
    }
    try db.execute(sql: "DELETE FROM history WHERE record NOT IN (SELECT number FROM record)")
  }
}

extension SQLiteTables {
  /// From now on nothing counts as known whole but what was written under one ID: records that are here stay, and whoever is
  /// synced with sends what may be missing.
  fileprivate func forgetKnowledge(but own: ReplicaID) throws {
    let numbers = ReplicaNumbers(db)
    let closed = ClosedTable(db, collection: number)
    let knowledge = KnowledgeTable(db, collection: number)
    for ending in try closed.all() where ending.origin != own { try reopen(ending.origin) }
    for entry in try knowledge.vector().entries where entry.replica != own {
      guard let origin = try numbers.find(entry.replica) else { continue }
      try knowledge.lower(origin: origin, to: 0)
    }
    try forgetStreams()
  }
}
