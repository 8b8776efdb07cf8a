import Foundation
import GRDB
import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncTestSupport
import Testing

@testable import OfficeSyncStorage

/// What is checked of a file before it is touched.
@Suite struct StoreFileTests {
  private let folder: TestFolder
  private let replica: ReplicaInfo

  init() throws {
    folder = try TestFolder()
    replica = try .rabat()
  }

  private var path: String { "\(folder.path)/store.sqlite" }

  private func makeStore() throws {
    let store = try SQLiteStore.create(folder: folder.path, replica: replica)
    try store.put("a", ["x": "1"])
  }

  /// Opening must fail as `error` says and leave every byte in the folder as it is.
  private func expectRefusal(
    sourceLocation: SourceLocation = #_sourceLocation, _ isExpected: (StorageError) -> Bool
  ) throws {
    let before = try contents()
    let error = try #require(
      throws: StorageError.self, sourceLocation: sourceLocation
    ) { try SQLiteStore.open(folder: folder.path) }
    #expect(isExpected(error), "\(error)", sourceLocation: sourceLocation)
    #expect(try contents() == before, sourceLocation: sourceLocation)
  }

  private func contents() throws -> [String: Data] {
    var contents: [String: Data] = [:]
    for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
      contents[name] = try Data(contentsOf: URL(fileURLWithPath: "\(folder.path)/\(name)"))
    }
    return contents
  }

  /// Changes bytes of the closed store's file.
  private func overwrite(at offset: UInt64, with bytes: [UInt8]) throws {
    let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
    try file.seek(toOffset: offset)
    try file.write(contentsOf: Data(bytes))
    try file.close()
  }

  private func permissions(_ path: String) throws -> Int? {
    try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
  }

  @Test func aStoreThatSomebodyStillHoldsIsClosedAllTheSame() throws {
    let store = try SQLiteStore.create(folder: folder.path, replica: replica)
    try store.put("a", ["x": "1"])
    // Its connection is kept.
    _ = try store.snapshot(of: .projects).recordCount
    #expect(try contents().keys.contains("store.sqlite-wal"))
    store.close()
    #expect(try contents().keys.sorted() == ["store.sqlite"])
    #expect(throws: (any Error).self) { try store.put("b", ["x": "2"]) }
    #expect(try SQLiteStore.open(folder: folder.path).snapshot(of: .projects).recordCount == 1)
  }

  @Test func onlyTheOwnerCanReadAStore() throws {
    let inner = "\(folder.path)/new/store"
    let store = try SQLiteStore.create(folder: inner, replica: replica)
    try store.put("a", ["x": "1"])
    #expect(try permissions(inner) == 0o700)
    for name in ["store.sqlite", "store.sqlite-wal", "store.sqlite-shm"] {
      #expect(try permissions("\(inner)/\(name)") == 0o600)
    }
    let names = try FileManager.default.contentsOfDirectory(atPath: inner)
    #expect(names.allSatisfy { !$0.contains("new-") })
  }

  @Test func whatACommitPromisesIsInForce() throws {
    let store = try SQLiteStore.create(folder: folder.path, replica: replica)
    let expected = [
      "synchronous": 2, "foreign_keys": 1, "secure_delete": 1, "temp_store": 2,
      "busy_timeout": 10_000, "application_id": Int(Migrations.applicationID),
      "user_version": Migrations.currentFormat,
    ]
    // On the live writer, not on a connection like it.
    let found = try store.writer.writeWithoutTransaction { db in
      try expected.reduce(into: [String: Int]()) { found, pragma in
        found[pragma.key] = try Int.fetchOne(db, sql: "PRAGMA \(pragma.key)")
      }
    }
    #expect(found == expected)
    let journal = try store.read { try String.fetchOne($0, sql: "PRAGMA journal_mode") }
    #expect(journal == "wal")
  }

  @Test func aMissingStoreIsNotMade() throws {
    #expect(throws: StorageError.noStore(path: path)) { try SQLiteStore.open(folder: folder.path) }
    #expect(try contents().isEmpty)
    #expect(!SQLiteStore.exists(inFolder: folder.path))
  }

  @Test func aStoreIsNotMadeOverAnother() throws {
    try makeStore()
    let before = try contents()
    #expect(throws: StorageError.exists(path: path)) {
      try SQLiteStore.create(folder: folder.path, replica: replica)
    }
    #expect(try contents() == before)
    #expect(SQLiteStore.exists(inFolder: folder.path))
  }

  @Test func anEmptyFileIsRefused() throws {
    try folder.write("", to: "store.sqlite")
    try expectRefusal { $0 == .notOurs(path: path) }
  }

  @Test func aTextIsRefused() throws {
    try folder.write(String(repeating: "not a database\n", count: 500), to: "store.sqlite")
    try expectRefusal { $0 == .notOurs(path: path) }
  }

  @Test(arguments: ["DELETE", "WAL"])
  func anotherProgramsDatabaseIsRefused(journalMode: String) throws {
    let queue = try DatabaseQueue(path: path)
    try queue.writeWithoutTransaction { db in
      _ = try String.fetchOne(db, sql: "PRAGMA journal_mode = \(journalMode)")
      try db.execute(sql: "CREATE TABLE t (x); INSERT INTO t VALUES (1)")
    }
    try queue.close()
    try expectRefusal { $0 == .notOurs(path: path) }
  }

  @Test func aFolderInThePlaceOfTheFileIsRefused() throws {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    #expect(throws: StorageError.notOurs(path: path)) {
      try SQLiteStore.open(folder: folder.path)
    }
  }

  #if os(Linux)
    /// What a disk does not give says nothing of whose it is: nobody is to make another store in its place.
    @Test func aFileThatCannotBeReadIsNotTakenForAnothers() throws {
      // Its first bytes cannot be read by anybody.
      let error = #expect(throws: StorageError.self) {
        try StoreFile.requireHeader(of: "/proc/self/mem")
      }
      guard case .io(let detail) = error else {
        Issue.record("\(String(describing: error))")
        return
      }
      #expect(detail.contains("/mem: "))
    }
  #endif

  @Test func aNewerFileIsRefused() throws {
    try makeStore()
    // The header's user_version.
    try overwrite(at: 60, with: [0, 0, 0, UInt8(Migrations.currentFormat + 1)])
    try expectRefusal { $0 == .newer(path: path, format: Migrations.currentFormat + 1) }
  }

  @Test func aTruncatedFileIsRefused() throws {
    try makeStore()
    let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
    try file.truncate(atOffset: 6_000)
    try file.close()
    try expectRefusal { if case .damaged = $0 { true } else { false } }
  }

  @Test func aFileWithADamagedFirstPageIsRefused() throws {
    try makeStore()
    try overwrite(at: 100, with: [UInt8](repeating: 0xAA, count: 2_000))
    try expectRefusal { if case .damaged = $0 { true } else { false } }
  }

  @Test func damageFurtherInIsNamedAsSuch() throws {
    // Closed by going out of scope: the last connection brings everything into the file.
    func makeLargeStore() throws -> UInt64 {
      let store = try SQLiteStore.create(folder: folder.path, replica: replica)
      for number in 0..<200 {
        try store.put("p\(number)", ["x": String(repeating: "x", count: 300)])
      }
      return try store.read { try UInt64.fetchOne($0, sql: "PRAGMA page_count") ?? 0 }
    }
    for page in 30..<(try makeLargeStore()) {
      try overwrite(at: page * 4_096, with: [UInt8](repeating: 0xAA, count: 4_096))
    }
    let damaged = try SQLiteStore.open(folder: folder.path)
    let error = try #require(throws: StorageError.self) {
      _ = try allRecords(damaged.snapshot(of: .projects))
    }
    guard case .damaged = error else {
      Issue.record("\(error)")
      return
    }
  }

  @Test(.enabled(if: geteuid() == 0, "needs to be root to give a file away"))
  func anotherUsersStoreIsRefused() throws {
    try makeStore()
    #expect(chown(path, 65_534, 65_534) == 0)
    try expectRefusal { $0 == .foreignOwner(path: path, user: "nobody") }
  }

  @Test func aPathWithSpecialCharactersWorks() throws {
    let inner = "\(folder.path)/50% d'été ?#/فاس"
    let store = try SQLiteStore.create(folder: inner, replica: replica)
    try store.put("a", ["x": "1"])
    try store.writer.close()
    #expect(try SQLiteStore.open(folder: inner).text("a", "x") == ["1"])
  }

  @Test func theFileSystemsKindIsReadFromTheMountTable() {
    let mounts = """
      21 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
      36 21 0:45 / /srv/office rw,relatime shared:17 master:3 - nfs4 server:/x rw,vers=4.2
      37 21 0:74565 / /odd rw - cifs //a/b rw
      broken line
      """
    #expect(FileSystem.kind(ofDevice: 8 << 8 | 1, mounts: mounts) == "ext4")
    #expect(FileSystem.kind(ofDevice: 45, mounts: mounts) == "nfs4")
    #expect(FileSystem.kind(ofDevice: 46, mounts: mounts) == nil)
    #expect(FileSystem.kind(ofDevice: 0x45 | 0x123 << 20, mounts: mounts) == "cifs")
    #expect(FileSystem.networkKinds.contains("nfs4"))
    #if os(Linux)
      #expect(FileSystem.kind(ofFolder: folder.path) != nil)
    #endif
  }

  @Test func aFullDiskIsNamedAndLeavesTheStoreAsItWas() throws {
    let store = try SQLiteStore.create(folder: folder.path, replica: replica)
    try store.put("a", ["x": "1"])
    try store.writer.writeWithoutTransaction { db in
      let pages = try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0
      // SQLite reports a file that may not grow as it does a disk without room.
      try db.execute(sql: "PRAGMA max_page_count = \(pages + 2)")
    }
    #expect(throws: StorageError.diskFull) {
      for number in 0..<50 {
        try store.put("p\(number)", ["x": String(repeating: "x", count: 5_000)])
      }
    }
    try store.writer.writeWithoutTransaction {
      try $0.execute(sql: "PRAGMA max_page_count = 99999")
    }
    try store.put("a", ["x": "2"])
    try audit(store.snapshot(of: .projects))
  }

  @Test func aLockedDatabaseIsBusyAndNotAnError() throws {
    #expect(StorageError(DatabaseError(resultCode: .SQLITE_BUSY)) == .busy)
    #expect(StorageError(DatabaseError(resultCode: .SQLITE_BUSY_SNAPSHOT)) == .busy)
    #expect(
      StorageError(DatabaseError(resultCode: .SQLITE_IOERR_FSYNC, message: "x")) == .io(detail: "x")
    )
    #expect(
      StorageError(DatabaseError(resultCode: .SQLITE_READONLY, message: "x")) == .io(detail: "x"))
    #expect(
      StorageError(DatabaseError(resultCode: .SQLITE_NOTADB, message: "x")) == .damaged(detail: "x")
    )
  }
}
