import Crypto
import Foundation
import OfficeSyncCommandSupport
import OfficeSyncRecords
import SwiftASN1
import Testing
import X509

@testable import syncserver

@Suite struct PKICertificateTests {
  let now = PKIFixtures.now
  let serial = Certificate.SerialNumber(bytes: [7])

  @Test func authorityMayOnlySignCertificatesAndLists() throws {
    let certificate = try PKIFixtures.authority().certificate
    #expect(
      try certificate.extensions.basicConstraints == .isCertificateAuthority(maxPathLength: nil))
    #expect(try certificate.extensions.keyUsage == KeyUsage(keyCertSign: true, cRLSign: true))
    #expect(certificate.extensions[oid: .X509ExtensionID.basicConstraints]?.critical == true)
    #expect(certificate.extensions[oid: .X509ExtensionID.keyUsage]?.critical == true)
    #expect(
      try certificate.extensions.subjectKeyIdentifier
        == SubjectKeyIdentifier(hash: certificate.publicKey))
    #expect(certificate.subject == certificate.issuer)
    #expect(certificate.publicKey.isValidSignature(certificate.signature, for: certificate))
    #expect(certificate.notValidBefore == now - 300)
    #expect(certificate.notValidAfter == now + 3650 * 86_400)
  }

  @Test func officeCertificateServesAndCalls() throws {
    let authority = try PKIFixtures.authority()
    let key = PKIFixtures.publicKey()
    let certificate = try authority.issue(
      Identity("office/rabat"),
      hosts: [.name("rabat.example.ma"), .address([192, 0, 2, 7])], publicKey: key, at: now,
      serial: serial)
    let extensions = certificate.extensions
    #expect(
      try Array(extensions.subjectAlternativeNames ?? .init()) == [
        .uniformResourceIdentifier("officesync://office/rabat"), .dnsName("rabat.example.ma"),
        .ipAddress(ASN1OctetString(contentBytes: [192, 0, 2, 7])),
      ])
    #expect(try extensions.extendedKeyUsage == ExtendedKeyUsage([.serverAuth, .clientAuth]))
    #expect(try extensions.basicConstraints == .notCertificateAuthority)
    #expect(try extensions.keyUsage == KeyUsage(digitalSignature: true))
    #expect(extensions[oid: .X509ExtensionID.basicConstraints]?.critical == true)
    #expect(extensions[oid: .X509ExtensionID.keyUsage]?.critical == true)
    #expect(
      try extensions.authorityKeyIdentifier?.keyIdentifier
        == authority.certificate.extensions.subjectKeyIdentifier?.keyIdentifier)
    #expect(try extensions.subjectKeyIdentifier == SubjectKeyIdentifier(hash: key))
    #expect(certificate.publicKey == key)
    #expect(certificate.serialNumber == serial)
    #expect(certificate.issuer == authority.certificate.subject)
    #expect(
      authority.certificate.publicKey.isValidSignature(certificate.signature, for: certificate))
    #expect(certificate.notValidBefore == now - 300)
    #expect(certificate.notValidAfter == now + 90 * 86_400)
  }

  @Test func fieldCertificateOnlyCalls() throws {
    let certificate = try PKIFixtures.authority().issue(
      Identity("field/amina"), hosts: [], publicKey: PKIFixtures.publicKey(), at: now,
      serial: serial)
    #expect(
      try Array(certificate.extensions.subjectAlternativeNames ?? .init()) == [
        .uniformResourceIdentifier("officesync://field/amina")
      ])
    #expect(try certificate.extensions.extendedKeyUsage == ExtendedKeyUsage([.clientAuth]))
    #expect(certificate.notValidAfter == now + 30 * 86_400)
  }

  @Test func subjectHasNoCommonName() throws {
    let certificate = try PKIFixtures.authority().issue(
      Identity("field/amina"), hosts: [], publicKey: PKIFixtures.publicKey(), at: now,
      serial: serial)
    let types = certificate.subject.flatMap(\.self).map(\.type)
    #expect(!types.contains(.RDNAttributeType.commonName))
    #expect(types.first == .RDNAttributeType.organizationName)
  }

  @Test func noCertificateOutlivesItsAuthority() throws {
    let authority = try PKIFixtures.authority(days: 10)
    let certificate = try authority.issue(
      Identity("field/amina"), hosts: [], publicKey: PKIFixtures.publicKey(), days: 11, at: now,
      serial: serial)
    #expect(certificate.notValidAfter == authority.certificate.notValidAfter)
    expectRefusal("authority-expired") {
      try authority.issue(
        Identity("field/amina"), hosts: [], publicKey: PKIFixtures.publicKey(),
        at: authority.certificate.notValidAfter, serial: serial)
    }
  }

  @Test func hostsBelongToOfficesAlone() throws {
    let authority = try PKIFixtures.authority()
    expectRefusal("host-needed", .usage) {
      try authority.issue(
        Identity("office/rabat"), hosts: [], publicKey: PKIFixtures.publicKey(), at: now,
        serial: serial)
    }
    expectRefusal("host-refused", .usage) {
      try authority.issue(
        Identity("field/amina"), hosts: [.name("a")], publicKey: PKIFixtures.publicKey(), at: now,
        serial: serial)
    }
  }

  @Test(arguments: ["", " Offices", "Offices\n", "a\u{0}b", String(repeating: "x", count: 65)])
  func refusesOrganisation(_ name: String) {
    expectRefusal("bad-organisation") {
      try PKIFixtures.authority(organisation: name)
    }
  }

  @Test(arguments: ["المراكز الجهوية للاستثمار", "Centres régionaux d’investissement", "x"])
  func takesOrganisation(_ name: String) throws {
    let certificate = try PKIFixtures.authority(organisation: name).certificate
    #expect(certificate.subject.description.contains(name))
  }

  @Test func authorityReadsBackWithItsOwnKeyAlone() throws {
    let authority = try PKIFixtures.authority()
    let pem = try authority.certificate.serializeAsPEM().pemString
    let read = CertificateAuthority(certificatePEM: pem, keyPEM: authority.key.pemRepresentation)
    #expect(read?.certificate == authority.certificate)
    let other = try PKIFixtures.authority().key.pemRepresentation
    #expect(CertificateAuthority(certificatePEM: pem, keyPEM: other) == nil)
    #expect(CertificateAuthority(certificatePEM: "", keyPEM: other) == nil)
  }

  @Test func serialsArePositiveAndHaveSixteenOctets() {
    var high = ConstantGenerator(value: .max)
    var low = ConstantGenerator(value: 0)
    let highest = "7f" + String(repeating: "ff", count: 15)
    let lowest = "40" + String(repeating: "00", count: 15)
    #expect(Certificate.SerialNumber.random(using: &high).hex == highest)
    #expect(Certificate.SerialNumber.random(using: &low).hex == lowest)
  }
}

private struct ConstantGenerator: RandomNumberGenerator {
  var value: UInt64
  mutating func next() -> UInt64 { value }
}
