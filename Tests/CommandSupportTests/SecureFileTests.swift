import Foundation
import OfficeSyncCommandSupport
import Testing

@Suite struct SecureFileTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func text(_ path: String) throws -> String? {
    try SecureFile.readIfPresent(path).map { String(decoding: $0, as: UTF8.self) }
  }

  @Test func aNewFileIsPrivateAndNeverOverwritesOne() throws {
    let path = folder("key")
    try SecureFile.create(path, with: "first".utf8)
    #expect(mode(of: path) == 0o600)
    let error = #expect(throws: CommandError.self) {
      try SecureFile.create(path, with: "second".utf8)
    }
    #expect(error?.name == "file-exists")
    #expect(error?.status == .badData)
    #expect(try text(path) == "first")
  }

  @Test func replacingLeavesNothingBehind() throws {
    let path = folder("key")
    try SecureFile.replace(path, with: "first".utf8)
    #expect(chmod(path, 0o644) == 0)
    try SecureFile.replace(path, with: "second".utf8)
    #expect(try text(path) == "second")
    #expect(mode(of: path) == 0o600)
    try SecureFile.replace(path, with: "third".utf8, mode: SecureFile.worldReadable)
    #expect(mode(of: path) == 0o644)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["key"])
  }

  @Test func replacingALinkLeavesItsTargetAlone() throws {
    try SecureFile.create(folder("target"), with: "kept".utf8)
    #expect(symlink(folder("target"), folder("link")) == 0)
    try SecureFile.replace(folder("link"), with: "new".utf8)
    #expect(try text(folder("target")) == "kept")
    #expect(try text(folder("link")) == "new")
  }

  @Test func aSecretThatOthersCanReadIsRefused() throws {
    let path = folder("key")
    try SecureFile.create(path, with: "secret".utf8)
    #expect(try SecureFile.readSecret(path) == Array("secret".utf8))
    for mode: mode_t in [0o640, 0o604, 0o602] {
      #expect(chmod(path, mode) == 0)
      let error = #expect(throws: CommandError.self) { try SecureFile.readSecret(path) }
      #expect(error?.name == "key-readable-by-others")
      #expect(error?.message.contains("secret") == true)
    }
  }

  @Test func whatCannotBeDoneNamesThePath() {
    let path = folder("missing/file")
    let create = #expect(throws: CommandError.self) { try SecureFile.create(path, with: []) }
    #expect(create?.name == "file-not-found")
    #expect(create?.status == .storage)
    #expect(create?.message.hasPrefix(path) == true)
    #expect(throws: CommandError.self) { try SecureFile.replace(path, with: []) }
    #expect(throws: CommandError.self) { try SecureFile.readSecret(path) }
    #expect(throws: CommandError.self) { try SecureFile.readIfPresent(folder.path) }
    #expect(throws: Never.self) { try SecureFile.readIfPresent(path) }
  }

  @Test func aFullDiskSaysSo() {
    let error = CommandError.file(.written, "/store", errno: ENOSPC)
    #expect(error.name == "disk-full")
    #expect(error.status == .storage)
  }

  @Test func foldersAreMadePrivateAndExistingOnesLeftAlone() throws {
    #expect(chmod(folder.path, 0o755) == 0)
    try SecureFile.createFolder(folder("a/b/c"))
    #expect(mode(of: folder("a/b/c")) == 0o700)
    #expect(mode(of: folder("a")) == 0o700)
    try SecureFile.createFolder(folder("a/b/c"))
    #expect(mode(of: folder.path) == 0o755)
    try SecureFile.create(folder("file"), with: [])
    #expect(throws: CommandError.self) { try SecureFile.createFolder(folder("file")) }
    #expect(throws: CommandError.self) { try SecureFile.createFolder(folder("file/below")) }
  }
}
