import ArgumentParser
import Foundation
import OfficeSyncCommandSupport
import OfficeSyncRecords
import SwiftASN1
import Testing
import X509

@testable import syncserver

/// The commands as they are typed, up to what they print.
@Suite struct PKICommandTests {
  private func withAuthority(_ body: (String, String) async throws -> Void) async throws {
    let root = FileManager.default.temporaryDirectory.path + "/pki-tests-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: root) }
    let folder = root + "/authority"
    _ = try await typed("pki", "init", "--dir", folder, "--organisation", "Offices")
    try await body(folder, root + "/made")
  }

  @Test func everyCommandNamesTheNext() async throws {
    try await withAuthority { folder, prefix in
      let again = try await typed(
        "pki", "init", "--dir", folder, "--organisation", "Offices", "--force")
      #expect(again.errors.contains("syncserver pki issue --dir \(folder) office/NAME --host"))
      let office = try await typed(
        "pki", "issue", "--dir", folder, "office/rabat", "--host", "localhost", "--out", prefix)
      #expect(
        office.errors.contains(
          "syncserver init --name rabat --cert \(prefix).pem --key \(prefix).key --ca"
            + " \(folder)/ca.pem --crl \(folder)/crl.pem\n"))
      let field = try await typed(
        "pki", "issue", "--dir", folder, "field/amina", "--out", prefix, "--force")
      #expect(field.errors.contains("syncclient init --name amina --server HOST:7443 --cert"))
      let revoked = try await typed("pki", "revoke", "--dir", folder, "field/amina")
      #expect(revoked.output.contains("Revoked the certificate of field/amina."))
      #expect(revoked.errors.contains("kill -HUP"))
    }
  }

  @Test func issueAnswersInJSON() async throws {
    try await withAuthority { folder, prefix in
      let text = try await typed(
        "pki", "issue", "--dir", folder, "field/amina", "--out", prefix, "--days", "7", "--json"
      ).output
      let certificate = try Certificate(pemEncoded: PKIFixtures.text(of: prefix + ".pem"))
      let end = certificate.notValidAfter.formatted(.iso8601)
      #expect(
        text == #"{"ok":true,"identity":"field/amina","certificate":"\#(prefix).pem","#
          + #""key":"\#(prefix).key","serial":"\#(certificate.serialNumber.hex)","#
          + #""notAfter":"\#(end)"}"# + "\n")
      #expect(
        certificate.notValidAfter.timeIntervalSince(certificate.notValidBefore)
          == 7 * 86_400 + Validity.clockSkew)
    }
  }

  @Test func aFileInTheWayStopsBeforeAnythingIsSigned() async throws {
    try await withAuthority { folder, prefix in
      _ = try await typed("pki", "issue", "--dir", folder, "field/amina", "--out", prefix)
      let ledger = try PKIFixtures.text(of: folder + "/issued.ndjson")
      let key = try PKIFixtures.text(of: prefix + ".key")
      let error = await #expect(throws: CommandError.self) {
        _ = try await typed("pki", "issue", "--dir", folder, "field/amina", "--out", prefix)
      }
      #expect(error?.name == "file-exists")
      #expect(try PKIFixtures.text(of: folder + "/issued.ndjson") == ledger)
      #expect(try PKIFixtures.text(of: prefix + ".key") == key)
    }
  }

  @Test func aRequestsKeyStaysWhereItWasMade() async throws {
    try await withAuthority { folder, prefix in
      let made = try PKIFixtures.request(for: "field/amina")
      let file = URL(fileURLWithPath: folder + "/request.csr")
      try Data(made.serializeAsPEM().pemString.utf8).write(to: file)
      let said = try await typed(
        "pki", "issue", "--dir", folder, "field/amina", "--request", file.path, "--out", prefix)
      #expect(!FileManager.default.fileExists(atPath: prefix + ".key"))
      #expect(said.errors.contains("\n  syncserver access grant field/amina COLLECTION\n"))
      #expect(said.errors.hasSuffix("\n  syncclient pull\n"))
      let certificate = try Certificate(pemEncoded: PKIFixtures.text(of: prefix + ".pem"))
      #expect(certificate.publicKey == made.publicKey)
      let error = await #expect(throws: CommandError.self) {
        _ = try await typed(
          "pki", "issue", "--dir", folder, "field/amina", "--request", folder + "/none")
      }
      #expect(error?.name == "bad-request")
    }
  }

  @Test(arguments: ["amina", "field/Amina", "field/", "office/*", "field/-a", "field/a/b", ""])
  func refusesWhatIsNoIdentity(_ text: String) {
    expectRefusal("bad-identity") { try Identity(argument: text) }
  }

  @Test(arguments: ["0", "-1", "36501"])
  func refusesDays(_ days: String) {
    #expect(throws: (any Error).self) {
      try SyncServer.parseAsRoot(
        ["pki", "init", "--dir", "d", "--organisation", "o", "--days", days])
    }
  }
}
