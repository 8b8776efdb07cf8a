import Crypto
import Foundation
import OfficeSyncRecords
import SwiftASN1
import X509

/// A key made on the device and the request to certify it (PKCS#10, RFC 2986). The key never leaves the device; an office
/// answers with `syncserver pki issue --request`.
struct SigningRequest: Sendable {
  /// P-256, PKCS#8 in PEM, in the clear. A secret: write it with mode 0600.
  let privateKeyPEM: [UInt8]
  /// The request in PEM; its only name is the URI of the identity.
  let requestPEM: String

  init(for identity: Identity) throws {
    let key = P256.Signing.PrivateKey()
    let names = SubjectAlternativeNames([.uniformResourceIdentifier(identity.uri)])
    let extensions = try Certificate.Extensions { names }
    // The subject stays empty: the authority writes its own.
    let request = try CertificateSigningRequest(
      version: .v1, subject: DistinguishedName(), privateKey: Certificate.PrivateKey(key),
      attributes: CertificateSigningRequest.Attributes(
        [.init(ExtensionRequest(extensions: extensions))]),
      signatureAlgorithm: .ecdsaWithSHA256)
    privateKeyPEM = Array((key.pemRepresentation + "\n").utf8)
    requestPEM = try request.serializeAsPEM().pemString + "\n"
  }
}
