import Crypto
import Foundation
import OfficeSyncCommandSupport
import OfficeSyncRecords
import SwiftASN1
import Testing
import X509

@testable import syncserver

@Suite struct PKIFolderTests {
  let now = PKIFixtures.now

  @discardableResult
  private func create(_ path: String, force: Bool = false) throws -> AuthorityFolder {
    let folder = AuthorityFolder(path: path)
    var generator = SystemRandomNumberGenerator()
    try folder.create(
      organisation: "Offices", days: 3650, force: force, at: now, using: &generator)
    return folder
  }

  private func issue(
    _ identity: String, hosts: [HostName] = [], in folder: AuthorityFolder, at time: Date? = nil
  ) throws -> Certificate {
    var generator = SystemRandomNumberGenerator()
    let chain = try folder.issue(
      Identity(identity), hosts: hosts, publicKey: PKIFixtures.publicKey(), days: nil,
      at: time ?? now, using: &generator)
    #expect(chain.count == 1)
    return try #require(chain.first)
  }

  @Test func secretsAreForTheirOwnerAlone() throws {
    try PKIFixtures.withFolder { root in
      let folder = try create(root + "/deep/authority")
      #expect(try PKIFixtures.mode(of: folder.path) == 0o700)
      #expect(try PKIFixtures.mode(of: folder.keyPath) == 0o600)
      #expect(try PKIFixtures.mode(of: folder.ledgerPath) == 0o600)
      #expect(try PKIFixtures.text(of: folder.keyPath).hasPrefix("-----BEGIN PRIVATE KEY-----\n"))
      let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
      #expect(names == ["ca.key", "ca.pem", "crl.pem", "issued.ndjson"])
    }
  }

  @Test func anAuthorityIsReplacedOnlyByForce() throws {
    try PKIFixtures.withFolder { root in
      let folder = try create(root)
      _ = try issue("field/amina", in: folder)
      let key = try PKIFixtures.text(of: folder.keyPath)
      expectRefusal("file-exists") { try create(root) }
      #expect(try PKIFixtures.text(of: folder.keyPath) == key)
      try create(root, force: true)
      #expect(try PKIFixtures.text(of: folder.keyPath) != key)
      expectRefusal("unknown-identity") { try folder.revoke(Identity("field/amina"), at: now) }
    }
  }

  @Test(arguments: ["ca.key", "ca.pem", "crl.pem", "issued.ndjson"])
  func anyOneFileIsEnoughToRefuse(_ name: String) throws {
    try PKIFixtures.withFolder { root in
      try Data("mine".utf8).write(to: URL(fileURLWithPath: root + "/" + name))
      expectRefusal("file-exists") { try create(root) }
      #expect(try FileManager.default.contentsOfDirectory(atPath: root) == [name])
    }
  }

  @Test func aFolderWithoutAuthorityIsNamed() throws {
    try PKIFixtures.withFolder { root in
      for folder in [AuthorityFolder(path: root), AuthorityFolder(path: root + "/none")] {
        expectRefusal("no-authority", .usage) { try issue("field/amina", in: folder) }
        expectRefusal("no-authority", .usage) { try folder.renewRevocationList(at: now) }
      }
    }
  }

  @Test func aKeyThatOthersCanReadIsNotUsed() throws {
    try PKIFixtures.withFolder { root in
      let folder = try create(root)
      try FileManager.default.setAttributes(
        [.posixPermissions: 0o640], ofItemAtPath: folder.keyPath)
      expectRefusal("key-readable-by-others", .notAllowed) { try issue("field/amina", in: folder) }
    }
  }

  @Test func damageIsNamedAndLeftAlone() throws {
    try PKIFixtures.withFolder { root in
      let folder = try create(root)
      for line in ["{", #"{"issued":"field/a","notAfter":"2026-03-01T08:00:00Z","serial":"0x"}"#] {
        let before = try PKIFixtures.text(of: folder.ledgerPath)
        let damaged = before + line + "\n"
        try Data(damaged.utf8).write(to: URL(fileURLWithPath: folder.ledgerPath))
        expectRefusal("authority-damaged", .storage) { try issue("field/amina", in: folder) }
        #expect(try PKIFixtures.text(of: folder.ledgerPath) == damaged)
        try Data(before.utf8).write(to: URL(fileURLWithPath: folder.ledgerPath))
      }
      try Data("x".utf8).write(to: URL(fileURLWithPath: folder.keyPath))
      expectRefusal("authority-damaged", .storage) { try issue("field/amina", in: folder) }
    }
  }

  @Test func revokingCountsWhatWasUsable() throws {
    try PKIFixtures.withFolder { root in
      let folder = try create(root)
      let amina = try Identity("field/amina")
      expectRefusal("unknown-identity") { try folder.revoke(amina, at: now) }
      _ = try issue("field/amina", in: folder, at: now - 31 * 86_400)
      _ = try issue("field/amina", in: folder)
      _ = try issue("field/amina", in: folder)
      _ = try issue("field/aminata", in: folder)
      #expect(try folder.revoke(amina, at: now) == 2)
      #expect(try folder.revoke(amina, at: now) == 0)
      _ = try issue("field/amina", in: folder)
      #expect(try folder.revoke(amina, at: now) == 1)
    }
  }

  @Test func issuingAtTheSameTimeLosesNothing() async throws {
    let root = FileManager.default.temporaryDirectory.path + "/pki-tests-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: root) }
    let folder = try create(root)
    try await withThrowingTaskGroup { group in
      for _ in 0..<8 { group.addTask { _ = try issue("field/amina", in: folder) } }
      try await group.waitForAll()
    }
    #expect(try folder.revoke(Identity("field/amina"), at: now) == 8)
  }

  @Test func issuedFilesKeepTheKeySecretAndAreNotReplaced() throws {
    try PKIFixtures.withFolder { root in
      let folder = try create(root + "/ca")
      let files = IssuedFiles(prefix: root + "/field-amina")
      let certificate = try issue("field/amina", in: folder)
      try files.refuseExisting(withKey: true)
      try files.write([certificate], key: Array("a key".utf8))
      #expect(try PKIFixtures.mode(of: files.keyPath) == 0o600)
      #expect(
        try Certificate(pemEncoded: PKIFixtures.text(of: files.certificatePath)) == certificate)
      expectRefusal("file-exists") { try files.refuseExisting(withKey: true) }
      expectRefusal("file-exists") { try files.refuseExisting(withKey: false) }
      try FileManager.default.removeItem(atPath: files.certificatePath)
      expectRefusal("file-exists") { try files.refuseExisting(withKey: true) }
      try files.refuseExisting(withKey: false)
      try files.write([certificate], key: nil)
    }
  }
}
