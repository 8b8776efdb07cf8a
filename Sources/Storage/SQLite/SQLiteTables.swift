import GRDB
import OfficeSyncProtocol
import OfficeSyncRecords

import struct OfficeSyncProtocol.Progress
import struct OfficeSyncRecords.Record

/// One collection's tables inside one SQLite transaction.
final class SQLiteTables: CollectionTables {
  private static let readBytesGoal = 256 * 1_024

  let name: CollectionName
  let number: Int64

  let db: Database
  private let numbers: ReplicaNumbers
  /// Origins that have their row among those known.
  private var listedOrigins: Set<Int64> = []
  private let ids: RecordIDIndex
  private let records: RecordTable
  private let entries: ClockEntryTable
  private let knowledge: KnowledgeTable
  private let confirmations: KnowledgeTable
  private let progress: ProgressTable
  private let stamps: StampTable
  private let endings: EndingTable
  private let closed: ClosedTable
  private let history: HistoryTable

  /// Opens a collection; a new one is made.
  init(
    _ db: Database, _ name: CollectionName, entering: RecordIDIndex.Entering = .atOnce
  ) throws {
    self.db = db
    self.name = name
    number = try CollectionTotals.number(of: name, in: db)
    numbers = ReplicaNumbers(db)
    ids = try RecordIDIndex(db, collection: number, entering: entering)
    records = try RecordTable(db, collection: number)
    entries = try ClockEntryTable(db, collection: number)
    knowledge = KnowledgeTable(db, collection: number)
    confirmations = KnowledgeTable(db, collection: number, .confirmed)
    progress = ProgressTable(db, collection: number)
    stamps = StampTable(db, collection: number)
    endings = EndingTable(db, collection: number)
    closed = ClosedTable(db, collection: number)
    history = HistoryTable(db, numbers)
  }

  func translating<T>(_ work: () throws -> T) throws -> T {
    try StorageError.translating(work)
  }

  func store() throws -> StoreRow { try StoreRow(in: db) }
  func save(clock: HybridTime) throws { try StoreRow.save(clock: clock, in: db) }

  func totals() throws -> CollectionTotals { try CollectionTotals(db, number: number) }
  func save(_ totals: CollectionTotals) throws { try totals.revised.save(db, number: number) }

  func held(_ id: RecordID) throws -> HeldRecord? {
    try ids.find(id).flatMap { try records.held(at: $0, id) }
  }

  func insert(
    _ id: RecordID, _ encoded: EncodedRecord, _ traits: RecordTraits
  ) throws -> Int64? {
    guard let row = try ids.add(id) else { return nil }
    try records.insert(row, id, traits, encoded)
    return row
  }

  func finishBulk(entering isLast: Bool) throws -> IDTail? {
    try ids.finishBulk(entering: isLast)
  }

  /// Takes a record's row away; its entries in the index by origin stay.
  func remove(_ id: RecordID, _ row: Int64) throws {
    try ids.remove(id, row)
    try records.remove(row)
  }

  func update(_ row: Int64, _ encoded: EncodedRecord, _ traits: RecordTraits) throws {
    try records.update(row, traits, encoded)
  }

  func stored(_ id: RecordID) throws -> StoredRow? {
    try ids.find(id).flatMap { try records.stored(at: $0, id) }
  }

  func forEachStored(_ body: (StoredRow) throws -> Void) throws {
    try records.forEachStored(body)
  }

  func removeEntries(ofRecord row: Int64) throws { try entries.removeAll(ofRecord: row) }
  func removeAllEntries() throws { try entries.removeAll() }

  func recount(_ count: (Record) -> Int) throws -> [(row: Int64, before: Int, after: Int)] {
    try records.recount(count)
  }

  func setOpenConflicts(_ row: Int64, to count: Int) throws {
    try records.setOpenConflicts(row, to: count)
  }

  func insertEntry(_ entry: Dot, record row: Int64) throws {
    try entries.insert(origin: listed(entry.replica), entry.counter, record: row)
  }

  /// The number of an origin, which has its row among those known from now on.
  private func listed(_ origin: ReplicaID) throws -> Int64 {
    let origin = try numbers.number(of: origin)
    if listedOrigins.insert(origin).inserted { try knowledge.list(origin: origin) }
    return origin
  }

  func deleteEntry(_ entry: Dot, record row: Int64) throws {
    try entries.delete(origin: numbers.number(of: entry.replica), entry.counter, record: row)
  }

  func forEachRecord(
    of origin: ReplicaID, after counter: UInt64, _ body: (RecordID) throws -> Void
  ) throws {
    let index = ClockEntries(db, collection: number)
    let origin = try numbers.number(of: origin)
    var cursor = EntryCursor(counter: counter)
    while true {
      let rows = try index.scan(origin: origin, after: cursor, bytesGoal: Self.readBytesGoal)
      guard let last = rows.last else { return }
      cursor = last.cursor
      for row in rows { try body(row.id) }
    }
  }

  func counter(of origin: ReplicaID) throws -> UInt64 {
    try knowledge.counter(of: numbers.number(of: origin))
  }

  func raise(_ entry: Dot) throws {
    try knowledge.raise(origin: numbers.number(of: entry.replica), to: entry.counter)
  }

  func lower(_ origin: ReplicaID, to counter: UInt64) throws {
    try knowledge.lower(origin: numbers.number(of: origin), to: counter)
  }

  func confirmed(of origin: ReplicaID) throws -> UInt64 {
    try confirmations.counter(of: numbers.number(of: origin))
  }

  func raiseConfirmed(_ entry: Dot) throws {
    try confirmations.raise(origin: numbers.number(of: entry.replica), to: entry.counter)
  }

  func lowerConfirmed(_ origin: ReplicaID, to counter: UInt64) throws {
    try confirmations.lower(origin: numbers.number(of: origin), to: counter)
  }

  func save(_ progress: Progress, from sender: ReplicaID) throws {
    try self.progress.save(progress, from: numbers.number(of: sender))
  }

  func removeProgress(from sender: ReplicaID) throws {
    try progress.remove(from: numbers.number(of: sender))
  }

  func forgetStreams() throws {
    for table in ["progress", "given_token"] {
      try db.execute(sql: "DELETE FROM \(table) WHERE collection = ?", arguments: [number])
    }
  }

  func origins(with stamp: Stamp) throws -> [ReplicaID] { try stamps.origins(with: stamp) }

  func insert(_ ending: Ending) throws {
    try endings.insert(
      ending.stamp, of: numbers.number(of: ending.origin), isRetirement: ending.isRetirement)
  }

  func ending(at stamp: Stamp) throws -> Ending? { try endings.find(stamp) }

  func closed(_ origin: ReplicaID) throws -> Ending? {
    try closed.find(numbers.number(of: origin), origin)
  }

  func close(_ ending: Ending) throws {
    guard let stamp = ending.stamp else { return }
    try closed.close(
      numbers.number(of: ending.origin), with: stamp, isRetirement: ending.isRetirement)
    try endings.removeAll(with: stamp)
  }

  func reopen(_ origin: ReplicaID) throws {
    guard let ending = try closed(origin) else { return }
    try closed.reopen(numbers.number(of: origin))
    try insert(ending)
  }

  func bind(_ name: ReplicaID, toOwnerOf origin: ReplicaID) throws {
    let owners = Owners(db)
    guard let owner = try owners.find(origin) else { return }
    try owners.note(name, owner)
  }

  func addFormer(_ replica: ReplicaID) throws { try StoreRow.addFormer(replica, in: db) }

  func newestStamp(of origin: ReplicaID) throws -> Stamp? {
    try stamps.newest(of: numbers.number(of: origin))
  }

  func stamps(of origin: ReplicaID, after: UInt64, through: UInt64) throws -> [Stamp] {
    try stamps.list(of: numbers.number(of: origin), after: after, through: through)
  }

  func removeStamps(of origin: ReplicaID, after counter: UInt64) throws {
    try stamps.removeAll(of: numbers.number(of: origin), after: counter)
  }

  func append(_ stamp: Stamp, of origin: ReplicaID) throws {
    try stamps.append(stamp, of: listed(origin))
  }

  func keep(_ overtaken: OvertakenSibling, ofRecord row: Int64) throws {
    try history.append(overtaken, ofRecord: row)
  }

  func keep(_ arrival: Arrival) throws {
    try ArrivalTable(db, numbers, collection: number).append(arrival)
  }

  func eraseHistory(ofRecord row: Int64, coveredBy erased: VersionVector) throws {
    try history.erase(ofRecord: row, coveredBy: erased)
  }

  func renameHistory(ofRecord row: Int64, by renaming: Renaming) throws {
    try history.rename(ofRecord: row, by: renaming)
  }

  func renameArrivals(by renaming: Renaming) throws {
    try ArrivalTable(db, numbers, collection: number).rename(by: renaming)
  }
}
