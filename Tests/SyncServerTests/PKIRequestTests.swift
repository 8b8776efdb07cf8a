import Crypto
import Foundation
import OfficeSyncRecords
import SwiftASN1
import Testing
import X509

@testable import syncserver

@Suite struct PKIRequestTests {
  private func check(_ request: CertificateSigningRequest, for identity: String = "field/amina")
    throws -> CertificateSigningRequest
  {
    try .checked(Data(request.serializeAsPEM().pemString.utf8), for: Identity(identity))
  }

  private let amina = GeneralName.uniformResourceIdentifier("officesync://field/amina")

  @Test func takesARequestOfTheSameIdentity() throws {
    let made = try PKIFixtures.request(names: [amina])
    #expect(try check(made).publicKey == made.publicKey)
    let withP384 = try PKIFixtures.request(key: .init(P384.Signing.PrivateKey()), names: [amina])
    #expect(try check(withP384).publicKey == withP384.publicKey)
  }

  @Test func takesARequestWithoutURI() throws {
    let plain = try CertificateSigningRequest(
      version: .v1, subject: DistinguishedName { CommonName("whoever") },
      privateKey: .init(P256.Signing.PrivateKey()), attributes: .init())
    #expect(try check(plain).publicKey == plain.publicKey)
    #expect(throws: Never.self) {
      try check(PKIFixtures.request(names: [.dnsName("rabat.example.ma")]))
    }
  }

  @Test func refusesAnotherIdentity() throws {
    let other = GeneralName.uniformResourceIdentifier("officesync://office/amina")
    expectRefusal("request-identity") { try check(PKIFixtures.request(names: [other])) }
    expectRefusal("request-identity") { try check(PKIFixtures.request(names: [amina, other])) }
    expectRefusal("request-identity") {
      try check(PKIFixtures.request(names: [amina]), for: "field/aminata")
    }
  }

  @Test func refusesOtherKeys() throws {
    expectRefusal("bad-request") {
      try check(PKIFixtures.request(key: .init(P521.Signing.PrivateKey()), names: [amina]))
    }
    expectRefusal("bad-request") {
      try check(PKIFixtures.request(key: .init(Curve25519.Signing.PrivateKey()), names: [amina]))
    }
  }

  /// The name lies under the signature: changing one letter of it must not pass.
  @Test func refusesAChangedRequest() throws {
    var der = try PKIFixtures.request(names: [amina]).serializeAsPEM().derBytes
    let letter = try #require(der.firstRange(of: Array("amina".utf8))).lowerBound
    der[letter] = UInt8(ascii: "o")
    let changed = PEMDocument(type: "CERTIFICATE REQUEST", derBytes: der).pemString
    expectRefusal("bad-request") {
      try CertificateSigningRequest.checked(Data(changed.utf8), for: Identity("field/omina"))
    }
  }

  @Test(arguments: ["", "-----BEGIN CERTIFICATE REQUEST-----\n", "\u{0}\u{1}"])
  func refusesJunk(_ text: String) {
    expectRefusal("bad-request") {
      try CertificateSigningRequest.checked(Data(text.utf8), for: Identity("field/amina"))
    }
  }

  @Test(.enabled(if: OpenSSL.isPresent)) func takesARequestMadeByOpenSSL() throws {
    try PKIFixtures.withFolder { root in
      let made = try OpenSSL.run(
        "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
        "-keyout", root + "/key.pem", "-out", root + "/request.csr", "-subj", "/CN=amina",
        "-addext", "subjectAltName=URI:officesync://field/amina")
      #expect(made.status == 0)
      let pem = try Data(PKIFixtures.text(of: root + "/request.csr").utf8)
      let request = try CertificateSigningRequest.checked(pem, for: Identity("field/amina"))
      let key = try Certificate.PrivateKey(
        pemEncoded: PKIFixtures.text(of: root + "/key.pem"))
      #expect(request.publicKey == key.publicKey)
    }
  }
}
