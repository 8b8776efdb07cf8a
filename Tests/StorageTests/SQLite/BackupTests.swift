import Foundation
import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncStorage
import OfficeSyncTestSupport
import Testing

@Suite struct BackupTests {
  private let folder: TestFolder
  private let store: SQLiteStore
  private var file: String { folder.path + "/backup.sqlite" }
  private var target: String { folder.path + "/target" }

  init() throws {
    folder = try TestFolder()
    store = try SQLiteStore.create(folder: folder.path + "/office", replica: .rabat())
    try store.put("a", ["x": "1"])
    try store.delete("b")
  }

  private func restore(replacing: Bool = false) throws -> StoreRestore {
    try StoreRestore(
      from: file, into: target, replacing: replacing, nowMilliseconds: 7, accept: { _ in })
  }

  private func names(in path: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: path).sorted()
  }

  @Test func aBackupIsOneFileAndHoldsOneMoment() throws {
    try store.backUp(to: file, replacing: false)
    try store.put("c", ["x": "later"])
    #expect(try names(in: folder.path) == ["backup.sqlite", "office"])
    let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
    #expect(mode == 0o600)

    let restored = try restore()
    let back = try SQLiteStore.open(folder: target)
    #expect(try back.replica() == restored.replica)
    #expect(try back.text("a", "x") == ["1"])
    #expect(try back.snapshot(of: .projects).record(RecordID("c")) == nil)
    #expect(
      try back.snapshot(of: .projects).condition
        != store.snapshot(of: .projects).condition)
  }

  @Test func theRestoredStoreIsAnotherReplicaInRecovery() throws {
    let before = try store.replica()
    try store.backUp(to: file, replacing: false)
    let restored = try restore()
    #expect(restored.replica.id != before.id)
    #expect(restored.replica.identity == before.identity)
    #expect(restored.replica.formerIDs == [before.id])
    #expect(restored.replaced == nil)
    let back = try SQLiteStore.open(folder: target)
    #expect(back.healing == nil, "it has its new ID already")
    #expect(try back.isRecovering)
    #expect(try back.replica() == restored.replica)
    // Twice from one file: two replicas.
    let again = try restore(replacing: true)
    #expect(again.replica.id != restored.replica.id)
  }

  @Test func nothingIsOverwrittenUnasked() throws {
    try store.backUp(to: file, replacing: false)
    #expect(throws: StorageError.exists(path: file)) {
      try store.backUp(to: file, replacing: false)
    }
    try store.put("c", ["x": "later"])
    try store.backUp(to: file, replacing: true)
    _ = try restore()
    #expect(throws: StorageError.exists(path: target + "/store.sqlite")) { try restore() }

    let old = try SQLiteStore.open(folder: target)
    try old.put("only-here", ["x": "1"])
    let replaced = try #require(try restore(replacing: true).replaced)
    #expect(replaced == target + "/store.sqlite.replaced-7")
    let back = try SQLiteStore.open(folder: target)
    #expect(try back.text("c", "x") == ["later"])
    #expect(try back.snapshot(of: .projects).record(RecordID("only-here")) == nil)
    // What was put aside is a whole store still, with what was in its log.
    let aside = folder.path + "/aside"
    try FileManager.default.createDirectory(atPath: aside, withIntermediateDirectories: true)
    for name in try names(in: target) where name.hasPrefix("store.sqlite.replaced-7") {
      let suffix = name.dropFirst("store.sqlite.replaced-7".count)
      try FileManager.default.copyItem(
        atPath: "\(target)/\(name)", toPath: "\(aside)/store.sqlite\(suffix)")
    }
    #expect(try SQLiteStore.open(folder: aside).text("only-here", "x") == ["1"])
  }

  /// A log that a cut between the two left behind would be taken for the new database's.
  @Test func aLogWithoutItsDatabaseIsPutAside() throws {
    try store.backUp(to: file, replacing: false)
    try FileManager.default.createDirectory(atPath: target, withIntermediateDirectories: true)
    let log = folder.path + "/office/store.sqlite-wal"
    try #require(FileManager.default.fileExists(atPath: log))
    try FileManager.default.copyItem(atPath: log, toPath: target + "/store.sqlite-wal")
    #expect(throws: StorageError.exists(path: target + "/store.sqlite-wal")) {
      try SQLiteStore.create(folder: target, replica: .rabat())
    }
    _ = try restore()
    #expect(try names(in: target).contains("store.sqlite.replaced-7-wal"))
    #expect(try SQLiteStore.open(folder: target).text("a", "x") == ["1"])
  }

  @Test func whatIsNoBackupIsRefusedAndNothingIsDone() throws {
    #expect(throws: StorageError.noStore(path: file)) { try restore() }
    try Data("no database at all, but long enough to be one".utf8).write(to: URL(filePath: file))
    #expect(throws: StorageError.notOurs(path: file)) { try restore() }

    try FileManager.default.removeItem(atPath: file)
    for number in 0..<200 { try store.put("r\(number)", ["x": String(repeating: "y", count: 500)]) }
    try store.backUp(to: file, replacing: false)
    var bytes = try Data(contentsOf: URL(filePath: file))
    for offset in stride(from: 8_192, to: bytes.count, by: 4_096) {
      bytes.replaceSubrange(offset..<offset + 64, with: Data(repeating: 0xA5, count: 64))
    }
    try bytes.write(to: URL(filePath: file))
    #expect(throws: (any Error).self) { try restore() }
    #expect(!SQLiteStore.exists(inFolder: target))
    #expect(try names(in: target) == [])
    // Who refuses, refuses before anything is put aside.
    try FileManager.default.removeItem(atPath: file)
    try store.backUp(to: file, replacing: false)
    _ = try restore()
    struct No: Error {}
    #expect(throws: No.self) {
      try StoreRestore(
        from: file, into: target, replacing: true, nowMilliseconds: 8,
        accept: { _ in throw No() })
    }
    #expect(try names(in: target).filter { $0.contains("replaced") || $0.contains("new") } == [])
  }

  /// Writers go on while a copy is made, and each copy is one moment.
  @Test func backupsBesideWriters() async throws {
    let (store, file) = (store, file)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        for number in 0..<200 {
          try store.put("w\(number)", ["x": "\(number)"])
        }
      }
      for _ in 0..<5 {
        try store.backUp(to: file, replacing: true)
        let restored = try restore(replacing: SQLiteStore.exists(inFolder: target))
        let back = try SQLiteStore.open(folder: target)
        #expect(try back.audit { _, _ in }.isSound)
        #expect(try back.replica() == restored.replica)
      }
      try await group.waitForAll()
    }
  }
}
