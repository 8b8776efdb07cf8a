import Foundation
import GRDB
import OfficeSyncProtocol
import OfficeSyncRecords
import Synchronization

/// A store in one SQLite file, `store.sqlite` in the store's folder. See `docs/STORAGE.md`.
///
/// Several threads and several processes may have it open at once. Readers never wait; writers wait for each other, up
/// to ten seconds.
public final class SQLiteStore: Sendable {
  /// The folder that the file is in, as an absolute path.
  public let folder: String

  /// What was done when the store was opened, because its file is not where it was: it was moved, copied or put back.
  public let healing: Healing?

  /// Before the writer, so that they are closed before it: the last connection empties the log, if it may write.
  let readers: SnapshotReaders
  let writer: DatabaseQueue
  private let commits: CommitGroup
  let closedOrigins = ClosedOriginsCache()
  let reserve = Mutex(DiskReserve.standard)
  let space: SpaceProbe
  /// What this object put at the tail of the index by ID.
  private let tail = Mutex<IDTail?>(nil)
  /// Batches of so many records leave theirs to the tail.
  private let bulkRecordsMin = Mutex(1_024)

  /// How a store learns how full its disk is, given its folder; nil where the system does not say.
  public typealias SpaceProbe = @Sendable (_ folder: String) -> DiskSpace?

  private init(_ file: StoreFile, in place: StorePlace?, space: @escaping SpaceProbe) throws {
    folder = file.folder
    self.space = space
    readers = SnapshotReaders(file)
    writer = try file.openWriter()
    commits = CommitGroup(writer)
    try Self.migrate(writer)
    try Self.enterTail(writer)
    healing = try Self.settle(writer, in: place ?? StorePlace(ofFile: file.path))
  }

  /// Makes a store, and its folder if that is missing (mode 0700, the file 0600).
  ///
  /// - Parameter replica: who the store is to be, with an ID drawn at random.
  /// - Throws: ``StorageError``; `.exists` if there is a store in the folder.
  public static func create(folder: String, replica: ReplicaInfo) throws -> SQLiteStore {
    try StorageError.translating {
      let file = StoreFile(folder: folder)
      try file.create { db in
        try db.execute(
          sql: """
            INSERT INTO store (single, replica, name, identity, clock, history_days)
            VALUES (1, ?, ?, ?, 0, ?)
            """,
          arguments: [
            Data(replica.id.bytes), replica.name, replica.identity.description,
            Int64(HistoryRetention.standard.days),
          ])
        try Owners(db).note(
          replica.id, OwnerRow(identity: replica.identity, name: replica.name))
      }
      return try SQLiteStore(file, in: nil, space: { DiskSpace(ofFolder: $0) })
    }
  }

  /// Opens the store in a folder. What is not ours, newer or damaged is refused and left as it is.
  ///
  /// - Parameters:
  ///   - place: where the file is; nil to look.
  ///   - space: how full the disk is.
  /// - Throws: ``StorageError``
  public static func open(
    folder: String, in place: StorePlace? = nil,
    space: @escaping SpaceProbe = { DiskSpace(ofFolder: $0) }
  ) throws -> SQLiteStore {
    try StorageError.translating {
      let file = StoreFile(folder: folder)
      try file.check()
      return try SQLiteStore(file, in: place, space: space)
    }
  }

  /// Whether there is a store in a folder, of whatever state.
  public static func exists(inFolder folder: String) -> Bool {
    FileManager.default.fileExists(atPath: StoreFile(folder: folder).path)
  }

  /// Closes the file, as it would be when nobody holds this object any more: for a program that ends, and does not wait for the
  /// last of its threads to let go. Whoever goes on to use it gets errors.
  public func close() {
    readers.close()
    // What fails here is made good by whoever opens the file next.
    try? writer.close()
  }

  /// Brings what the log holds into the file and empties the log: what was erased is then in neither.
  ///
  /// - Returns: false if somebody else is reading or writing, so that the log had to stay.
  public func emptyLog() throws -> Bool {
    do {
      return try StorageError.translating {
        try writer.writeWithoutTransaction { _ = try $0.checkpoint(.truncate) }
        return true
      }
    } catch StorageError.busy {
      return false
    }
  }

  /// A pull that was killed left a tail, or one that goes on fills it: who reads would go through it record by record.
  private static func enterTail(_ writer: DatabaseQueue) throws {
    if try writer.read({ try RecordIDs.tailStart($0) }) == nil { return }
    // Where nothing can be written, that is slow, and no more.
    try? writer.write { try RecordIDs.enterTail($0) }
  }

  private static func migrate(_ writer: DatabaseQueue) throws {
    let found = try writer.read { try Migrations.format(of: $0) }
    if found > Migrations.currentFormat {
      throw StorageError.newer(path: writer.path, format: found)
    }
    if found == Migrations.currentFormat { return }
    if try writer.write({ try Migrations.run($0) }) {
      // So that the file's own header shows the new format, and an older program refuses it without opening it.
      try writer.writeWithoutTransaction { _ = try $0.checkpoint(.truncate) }
    }
  }
}

extension SQLiteStore {
  /// Whether this is an office that was put back from a copy: it takes from field devices what it may have lost.
  public var isRecovering: Bool {
    get throws { try read { try StoreRow(in: $0).isRecovering } }
  }

  /// Begins or ends an office's recovery.
  public func setRecovering(_ isRecovering: Bool) throws {
    try write { try StoreRow.save(isRecovering: isRecovering, in: $0) }
  }
}

extension SQLiteStore: RecordStore {
  public func replica() throws -> ReplicaInfo {
    try read { try StoreRow(in: $0).replica }
  }

  public func collections() throws -> [CollectionName] {
    try read { db in
      let select = try db.cachedStatement(
        sql: "SELECT name FROM collection WHERE records > 0 ORDER BY name")
      return try String.fetchAll(select)
        .map { try CollectionName(stored: $0) }
    }
  }

  public func write<T>(
    to collection: CollectionName, wallMilliseconds: UInt64, note: String, moreFollow: Bool,
    _ body: (any RecordWriter) throws -> T
  ) throws -> T {
    try write(to: collection, inBulk: moreFollow || hasTail, isLast: !moreFollow) { tables in
      let writer = try LocalWriter(tables, wallMilliseconds: wallMilliseconds, note: note)
      let result = try body(writer)
      try writer.finish()
      return result
    }
  }

  public func apply(_ batch: IncomingBatch) throws -> BatchOutcome {
    // Who is revoked must be so here, too, and that is little.
    if batch.collection != .office { try requireRoom() }
    let isBulk = batch.records.count >= bulkRecordsMin.withLock { $0 } || hasTail
    return try write(to: batch.collection, inBulk: isBulk, isLast: false) { tables in
      let receiver = try BatchReceiver(tables, batch)
      for incoming in batch.records { try receiver.take(incoming) }
      return try receiver.finish()
    }
  }

  /// From now on batches of so many records leave theirs to the tail of the index by ID. Smaller ones come from links that are
  /// slower than the disk.
  package func fillTail(withBatchesOf records: Int) {
    bulkRecordsMin.withLock { $0 = records }
  }

  public func repair(_ records: [IncomingRecord], in collection: CollectionName) throws {
    try write { try SQLiteTables($0, collection).repair(records) }
  }

  @discardableResult
  public func rebuild(_ collection: CollectionName) throws -> [RecordID] {
    try write { db in
      // Numbers may be given anew.
      tail.withLock { $0 = nil }
      try RecordIDs.rebuild(db)
      try db.execute(sql: "REINDEX")
      let tables = try SQLiteTables(db, collection)
      let strays = try tables.rebuild()
      for stray in strays { try tables.remove(stray.id, stray.row) }
      return strays.map(\.id)
    }
  }

  // MARK: Transactions

  func read<T>(_ body: (Database) throws -> T) throws -> T {
    try StorageError.translating { try readers.begin().read(body) }
  }

  /// - Parameter body: may be run again after a rollback.
  func write<T>(_ body: (Database) throws -> T) throws -> T {
    try StorageError.translating { try commits.write(body) }
  }

  /// - Parameters:
  ///   - isBulk: what is new is left to the tail of the index by ID.
  ///   - isLast: and the tail is entered with it.
  private func write<T>(
    to collection: CollectionName, inBulk isBulk: Bool, isLast: Bool,
    _ body: (SQLiteTables) throws -> T
  ) throws -> T {
    guard isBulk else { return try write { try body(SQLiteTables($0, collection)) } }
    var filled: IDTail?
    // Large enough for a commit of its own, and the next one needs to know the tail that this one has committed.
    let result = try StorageError.translating {
      try writer.write { db in
        let tables = try SQLiteTables(
          db, collection, entering: .late(tail.withLock { $0.take() }))
        let result = try body(tables)
        filled = try tables.finishBulk(entering: isLast)
        return result
      }
    }
    tail.withLock { $0 = filled }
    return result
  }

  /// Whether this object has left something to the tail that nobody entered yet, as far as it knows.
  private var hasTail: Bool { tail.withLock { $0?.isEmpty == false } }
}

extension CollectionName {
  init(stored text: String) throws {
    do {
      try self.init(text)
    } catch {
      throw StorageError.damaged(detail: "a collection's name is malformed")
    }
  }
}
