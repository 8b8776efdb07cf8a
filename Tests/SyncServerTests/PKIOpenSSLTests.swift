import Foundation
import OfficeSyncRecords
import SwiftASN1
import Testing
import X509

@testable import syncserver

/// What we make, judged by another implementation. Times are real here: OpenSSL compares with the machine's clock.
@Suite(.enabled(if: OpenSSL.isPresent)) struct PKIOpenSSLTests {
  private struct Made {
    var folder: AuthorityFolder
    var office: String
    var field: String
  }

  private func withAuthority(_ body: (Made) throws -> Void) throws {
    try PKIFixtures.withFolder { root in
      let folder = AuthorityFolder(path: root)
      var generator = SystemRandomNumberGenerator()
      try folder.create(
        organisation: "المراكز الجهوية", days: 3650, force: false, at: Date(), using: &generator)
      func make(_ identity: String, _ hosts: [HostName]) throws -> String {
        let certificate = try folder.issue(
          Identity(identity), hosts: hosts, publicKey: PKIFixtures.publicKey(), days: nil,
          at: Date(), using: &generator)
        let files = IssuedFiles(prefix: root + "/" + identity.replacing("/", with: "-"))
        try files.write(certificate, key: nil)
        return files.certificatePath
      }
      try body(
        Made(
          folder: folder,
          office: make("office/rabat", [.name("rabat.example.ma"), .address([127, 0, 0, 1])]),
          field: make("field/amina", [])))
    }
  }

  private func verify(_ certificate: String, in folder: AuthorityFolder, _ options: [String] = [])
    throws
    -> Bool
  {
    try OpenSSL.run(
      ["verify", "-x509_strict", "-CAfile", folder.certificatePath, "-crl_check", "-CRLfile"]
        + [folder.revocationListPath] + options + [certificate]
    ).status == 0
  }

  @Test func certificatesServeTheirPurposeAlone() throws {
    try withAuthority { made throws in
      #expect(try verify(made.office, in: made.folder, ["-purpose", "sslserver"]))
      #expect(try verify(made.office, in: made.folder, ["-purpose", "sslclient"]))
      #expect(try verify(made.field, in: made.folder, ["-purpose", "sslclient"]))
      #expect(try !verify(made.field, in: made.folder, ["-purpose", "sslserver"]))
    }
  }

  @Test func hostNamesAreTheGivenOnesAlone() throws {
    try withAuthority { made throws in
      #expect(try verify(made.office, in: made.folder, ["-verify_hostname", "rabat.example.ma"]))
      #expect(try verify(made.office, in: made.folder, ["-verify_ip", "127.0.0.1"]))
      #expect(try !verify(made.office, in: made.folder, ["-verify_hostname", "rabat"]))
      #expect(try !verify(made.field, in: made.folder, ["-verify_hostname", "amina"]))
    }
  }

  @Test func revocationStopsOneIdentityAndNoOther() throws {
    try withAuthority { made throws in
      #expect(try made.folder.revoke(Identity("field/amina"), at: Date()) == 1)
      #expect(try !verify(made.field, in: made.folder))
      #expect(try verify(made.office, in: made.folder))
      try made.folder.renewRevocationList(at: Date())
      #expect(try !verify(made.field, in: made.folder))
      #expect(try verify(made.office, in: made.folder))
    }
  }

  @Test func listsAreSignedAndCounted() throws {
    try withAuthority { made throws in
      for number in 1...3 {
        let list = try OpenSSL.run(
          "crl", "-in", made.folder.revocationListPath, "-CAfile", made.folder.certificatePath,
          "-noout", "-crlnumber", "-text")
        #expect(list.status == 0)
        #expect(list.output.contains("verify OK"))
        #expect(list.output.contains("crlNumber=0x0\(number)\n"))
        #expect(list.output.contains("Version 2"))
        #expect(list.output.contains("Authority Key Identifier"))
        #expect(list.output.contains("No Revoked Certificates") == (number == 1))
        _ = try made.folder.revoke(
          Identity(number == 1 ? "field/amina" : "office/rabat"), at: Date())
      }
    }
  }

  @Test func aListOfAnotherAuthorityIsNotBelieved() throws {
    try withAuthority { made throws in
      try withAuthority { other throws in
        let list = try OpenSSL.run(
          "crl", "-in", other.folder.revocationListPath, "-CAfile", made.folder.certificatePath,
          "-noout")
        #expect(!list.output.contains("verify OK"))
      }
    }
  }

  /// UTCTime ends with 2049 (RFC 5280 §5.1.2.4); OpenSSL's own parser is strict about the form.
  @Test(
    arguments: [
      (2_524_607_999, "Next Update: Dec 31 23:59:59 2049 GMT"),
      (2_524_608_000, "Next Update: Jan  1 00:00:00 2050 GMT"),
    ] as [(TimeInterval, String)])
  func listsOutliveTheShortCalendar(_ end: TimeInterval, _ expected: String) throws {
    let authority = try PKIFixtures.authority()
    var ledger = IssuanceLedger()
    let start = Date(timeIntervalSince1970: end) - TimeInterval(RevocationList.days) * 86_400
    let list = try ledger.publish(at: start).signed(by: authority)
    try PKIFixtures.withFolder { root in
      try Data(list.pemString.utf8).write(to: URL(fileURLWithPath: root + "/crl.pem"))
      let text = try OpenSSL.run("crl", "-in", root + "/crl.pem", "-noout", "-text").output
      #expect(text.contains(expected))
    }
  }

  @Test func listsTakeNoPartOfASecond() throws {
    let authority = try PKIFixtures.authority()
    var ledger = IssuanceLedger()
    let list = ledger.publish(revoking: ["40"], at: PKIFixtures.now + 0.9)
    #expect(list.validity.notBefore == PKIFixtures.now - Validity.clockSkew)
    #expect(list.entries.map(\.serial) == [Certificate.SerialNumber(bytes: [0x40])])
    #expect(try list.signed(by: authority).discriminator == "X509 CRL")
  }
}
