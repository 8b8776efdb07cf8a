import Foundation
import OfficeSyncRecords
import Testing

/// A file in the store's place that cannot be used is refused and not touched.
@Suite struct BadStoreTests {
  private let mesh: Mesh

  init() throws {
    mesh = try Mesh()
    try mesh.office("rabat")
    try mesh.must("syncclient", "put", "--data", "rabat", "projects", "B1", "title=Kept")
  }

  enum Spoiling: CaseIterable {
    case empty, foreign, cutShort, newer, foreignDatabase
  }

  private static let sentences: [Spoiling: String] = [
    .empty: "not-a-store", .foreign: "not-a-store", .cutShort: "store-damaged",
    .newer: "store-newer", .foreignDatabase: "not-a-store",
  ]

  private func spoil(_ spoiling: Spoiling) throws {
    let file = "\(mesh.path)/rabat/store.sqlite"
    let content = try Data(contentsOf: URL(filePath: file))
    switch spoiling {
    case .empty: try Data().write(to: URL(filePath: file))
    case .foreign: try Data("An address list.\n".utf8).write(to: URL(filePath: file))
    case .cutShort: try content.prefix(20_000).write(to: URL(filePath: file))
    case .newer: try sql("PRAGMA user_version = 999")
    case .foreignDatabase: try sql("PRAGMA application_id = 1")
    }
  }

  private func sql(_ statement: String) throws {
    try mesh.must(
      "python3", "-c",
      "import sqlite3, sys; sqlite3.connect(sys.argv[1]).execute(sys.argv[2]).connection.commit()",
      "rabat/store.sqlite", statement)
    try mesh.must(
      "python3", "-c",
      "import sqlite3, sys; sqlite3.connect(sys.argv[1]).execute('PRAGMA wal_checkpoint(TRUNCATE)')",
      "rabat/store.sqlite")
  }

  /// Every file of the store's folder; the audit log, in a folder of its own, may tell of the attempts.
  private func files() throws -> [String: Data] {
    var files: [String: Data] = [:]
    for name in try FileManager.default.contentsOfDirectory(atPath: "\(mesh.path)/rabat") {
      let path = "\(mesh.path)/rabat/\(name)"
      if name != "audit" { files[name] = try Data(contentsOf: URL(filePath: path)) }
    }
    return files
  }

  @Test(arguments: Spoiling.allCases)
  func itIsRefusedAndNotTouched(_ spoiling: Spoiling) throws {
    try spoil(spoiling)
    let before = try files()
    for command in [
      ["put", "--data", "rabat", "projects", "B1", "title=New", "--json"],
      ["ls", "--data", "rabat", "projects", "--json"],
      ["status", "--data", "rabat", "--json"],
    ] {
      let run = try BuiltPrograms.run("syncclient", command, in: mesh.path)
      #expect(run.status == 74, "\(command) \(run.errors)")
      #expect(try run.json["error"]?["name"]?.text == Self.sentences[spoiling], "\(run.output)")
    }
    let server = try mesh.run(
      "syncserver", "run", "--data", "rabat", "--listen", "127.0.0.1:0")
    #expect(server.status == 74)
    #expect(server.errors.contains("error: "))
    #expect(server.output == "")
    #expect(try mesh.run("syncserver", "init", "--data", "rabat", "--name", "rabat").status == 65)
    #expect(try files() == before)
  }

  @Test func aMissingStoreIsNotMadeSilently() throws {
    let run = try mesh.client("put", "--data", "nowhere", "projects", "B1", "title=New", "--json")
    #expect(run.status == 64)
    #expect(try run.json["error"]?["name"]?.text == "no-store")
    #expect(try run.json["error"]?["remedy"]?.text?.contains("syncclient init") == true)
    let server = try mesh.run("syncserver", "run", "--data", "nowhere")
    #expect(server.status == 64)
    #expect(server.errors.contains("syncserver init"))
    #expect(!FileManager.default.fileExists(atPath: "\(mesh.path)/nowhere"))
  }

  @Test func aKeyThatOthersCanReadIsRefused() throws {
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o644], ofItemAtPath: "\(mesh.path)/rabat/identity.key")
    let run = try mesh.client(
      "sync", "--data", "rabat", "--server", "127.0.0.1:1", "--json")
    #expect(run.status == 77)
    #expect(try run.json["error"]?["name"]?.text == "key-readable-by-others")
    #expect(try run.json["error"]?["message"]?.text?.contains("chmod 600") == true)
    #expect(try mesh.run("syncserver", "run", "--data", "rabat").status == 77)
  }

  @Test(.enabled(if: geteuid() == 0, "only root can give a file away"))
  func aStoreOfSomebodyElseIsRefused() throws {
    chown("\(mesh.path)/rabat/store.sqlite", 65_534, 65_534)
    let run = try mesh.client("ls", "--data", "rabat", "projects", "--json")
    #expect(run.status == 77)
    #expect(try run.json["error"]?["name"]?.text == "store-of-other-user")
  }
}
