import Crypto
import Foundation
import OfficeSyncCommandSupport
import OfficeSyncRecords
import OfficeSyncSecureTransport
import Testing
import X509

@testable import syncserver

/// The authority with which an office enrols devices: what it can and cannot make others believe.
@Suite struct PKIEnrolmentTests {
  private func below(_ root: CertificateAuthority, days: Int = 730) throws -> CertificateAuthority {
    try root.enrolmentAuthority(
      for: Identity("office/rabat"), days: days, at: PKIFixtures.now, serial: .init(bytes: [2]),
      key: P256.Signing.PrivateKey())
  }

  @Test func itSaysWhatItIsFor() throws {
    let root = try PKIFixtures.authority()
    let authority = try below(root)
    let certificate = authority.certificate
    #expect(!authority.isRoot && root.isRoot)
    #expect(certificate.issuer == root.certificate.subject)
    #expect(root.certificate.publicKey.isValidSignature(certificate.signature, for: certificate))
    #expect(
      try certificate.extensions.basicConstraints
        == .isCertificateAuthority(maxPathLength: 0))
    #expect(
      try certificate.extensions.nameConstraints.map { Array($0.permittedURIDomains) }
        == ["field"])
    #expect(try certificate.extensions.extendedKeyUsage.map(Array.init) == [.clientAuth])
    #expect(try certificate.extensions.keyUsage == KeyUsage(keyCertSign: true, cRLSign: true))
  }

  @Test func itEndsWithTheRootAtTheLatest() throws {
    let root = try PKIFixtures.authority(days: 10)
    #expect(try below(root).certificate.notValidAfter == root.certificate.notValidAfter)
    #expect(throws: CommandError.self) {
      try root.enrolmentAuthority(
        for: Identity("office/rabat"), days: 1, at: root.certificate.notValidAfter,
        serial: .init(bytes: [2]), key: P256.Signing.PrivateKey())
    }
    #expect(throws: CommandError.self) {
      try root.enrolmentAuthority(
        for: Identity("field/amina"), days: 1, at: PKIFixtures.now, serial: .init(bytes: [2]),
        key: P256.Signing.PrivateKey())
    }
  }

  /// Its folder is an authority's like any other; what it issues comes with its own certificate, and revoking the office in the
  /// root's folder revokes it.
  @Test func itsFolderIssuesAndTheRootRevokes() throws {
    try PKIFixtures.withFolder { path in
      var generator = SystemRandomNumberGenerator()
      let root = AuthorityFolder(path: path + "/ca")
      let folder = AuthorityFolder(path: path + "/enrolment")
      try root.create(
        organisation: "Offices", days: 3650, force: false, at: PKIFixtures.now, using: &generator)
      #expect(!folder.exists)
      _ = try root.createEnrolment(
        for: Identity("office/rabat"), in: folder, days: 730, force: false, at: PKIFixtures.now,
        using: &generator)
      #expect(folder.exists)
      #expect(try PKIFixtures.mode(of: folder.keyPath) == 0o600)
      #expect(throws: CommandError.self) {
        try root.createEnrolment(
          for: Identity("office/rabat"), in: folder, days: 730, force: false,
          at: PKIFixtures.now, using: &generator)
      }
      let chain = try folder.issue(
        Identity("field/amina"), hosts: [], publicKey: PKIFixtures.publicKey(), days: nil,
        at: PKIFixtures.now, using: &generator)
      #expect(chain.count == 2)
      #expect(chain.first?.issuer == chain.last?.subject)
      #expect(try folder.revoke(Identity("field/amina"), at: PKIFixtures.now) == 1)
      // Twice: the second attempt above was noted, though its folder was not written.
      #expect(try root.revoke(Identity("office/rabat"), at: PKIFixtures.now) == 2)

      // Whose lists are believed: the root's, and those of an authority that the root signed.
      let intermediate = try CertificatePEM.ders(of: .file(path: folder.certificatePath))
      let lists = PEMSource.file(path: folder.revocationListPath)
      let known = try RevocationAuthorities(
        .file(path: root.certificatePath), intermediates: intermediate)
      #expect(try known.lists(in: lists).map(\.intermediate) == intermediate)
      #expect(
        try RevocationAuthorities(.file(path: root.certificatePath)).lists(in: lists).isEmpty)
      let other = AuthorityFolder(path: path + "/other")
      try other.create(
        organisation: "Offices", days: 3650, force: false, at: PKIFixtures.now, using: &generator)
      let foreign = try RevocationAuthorities(
        .file(path: other.certificatePath), intermediates: intermediate + [[1, 2, 3]])
      #expect(try foreign.lists(in: lists).isEmpty)
    }
  }
}
