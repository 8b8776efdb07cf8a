import Foundation
import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncStorage
import OfficeSyncTestSupport
import Testing

/// What a purge leaves of the history in a store's files: nothing.
@Suite struct HistoryFileTests {
  private static let secret = "0600-112233-personal"
  private let folder: TestFolder

  init() throws {
    folder = try TestFolder()
    for name in ["rabat", "fes"] {
      _ = try SQLiteStore.create(
        folder: "\(folder.path)/\(name)",
        replica: ReplicaInfo(
          id: ReplicaID(short: name), name: name, identity: try Identity("office/\(name)")))
    }
  }

  /// Opens a store, and closes it again: the last to close it brings the log into the file.
  private func with<T>(_ name: String, _ body: (SQLiteStore) throws -> T) throws -> T {
    try body(try SQLiteStore.open(folder: "\(folder.path)/\(name)"))
  }

  private func carry() throws {
    let records = try with("rabat") { try allRecords($0.snapshot(of: .projects)) }
    _ = try with("fes") { store in
      try store.apply(
        IncomingBatch(
          collection: .projects, sender: ReplicaID(short: "rabat"), rule: .relayed,
          records: records.map { IncomingRecord(id: $0.id, CheckedRecord($0.record)) },
          progress: nil, wallMilliseconds: 1_000))
    }
  }

  private func holdsSecret(_ name: String) throws -> Bool {
    try ["store.sqlite", "store.sqlite-wal"].contains { file in
      let path = "\(folder.path)/\(name)/\(file)"
      guard FileManager.default.fileExists(atPath: path) else { return false }
      return try Data(contentsOf: URL(filePath: path)).range(of: Data(Self.secret.utf8)) != nil
    }
  }

  @Test func overtakenValuesAreErasedFromTheFileWhereverThePurgeComes() throws {
    let long = String(repeating: Self.secret + " ", count: 2_000)
    for text in ["first", Self.secret, long, "harmless"] {
      try with("rabat") { store in
        _ = try store.put("a", ["x": text])
        _ = try store.put("b", ["x": "stays \(text.utf8.count)"])
      }
      try carry()
    }
    for name in ["rabat", "fes"] {
      #expect(
        try with(name) { try $0.snapshot(of: .projects).history(of: RecordID("a")).count } == 3)
      #expect(try holdsSecret(name))
    }
    try with("rabat") { store in
      try store.write(to: .projects, wallMilliseconds: 2_000, note: "") { writer in
        _ = try writer.purge(RecordID("a"))
      }
    }
    try carry()
    for name in ["rabat", "fes"] {
      #expect(try with(name) { try $0.snapshot(of: .projects).history(of: RecordID("a")).isEmpty })
      #expect(
        try with(name) { try $0.snapshot(of: .projects).history(of: RecordID("b")).count } == 3)
      #expect(try !holdsSecret(name), "in \(name)")
    }
  }

  /// What is pruned goes from the file as well.
  @Test func prunedValuesAreErasedFromTheFile() throws {
    try with("rabat") { store in
      _ = try store.put("a", ["x": Self.secret], at: 1_000)
      _ = try store.put("a", ["x": "harmless"], at: 2_000)
    }
    #expect(try holdsSecret("rabat"))
    try with("rabat") { store in
      _ = try store.sessionSnapshot(
        of: .projects, wallMilliseconds: 91 * 86_400_000, token: randomToken)
    }
    #expect(try !holdsSecret("rabat"))
  }
}
