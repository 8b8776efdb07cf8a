import OfficeSyncRecords
import SwiftASN1
import Testing
import X509

@testable import syncclient

@Suite struct SigningRequestTests {
  @Test func namesTheIdentityAndNothingElse() throws {
    let made = try SigningRequest(for: Identity("field/amina"))
    let request = try CertificateSigningRequest(pemEncoded: made.requestPEM)
    let names = try request.attributes.extensionRequest?.extensions.subjectAlternativeNames
    #expect(names.map(Array.init) == [.uniformResourceIdentifier("officesync://field/amina")])
    #expect(request.subject.isEmpty)
  }

  @Test func isSignedWithTheKeyThatItCarries() throws {
    let made = try SigningRequest(for: Identity("field/amina"))
    let request = try CertificateSigningRequest(pemEncoded: made.requestPEM)
    #expect(request.publicKey.isValidSignature(request.signature, for: request))
    let key = try Certificate.PrivateKey(
      pemEncoded: String(decoding: made.privateKeyPEM, as: UTF8.self))
    #expect(key.publicKey == request.publicKey)
    #expect(made.privateKeyPEM.starts(with: "-----BEGIN PRIVATE KEY-----\n".utf8))
  }

  @Test func makesANewKeyEachTime() throws {
    let identity = try Identity("field/amina")
    #expect(
      try SigningRequest(for: identity).privateKeyPEM
        != SigningRequest(for: identity).privateKeyPEM)
  }
}
