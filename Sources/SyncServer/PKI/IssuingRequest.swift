import Crypto
import Foundation
import OfficeSyncCommandSupport
import OfficeSyncRecords
import SwiftASN1
import X509

extension CertificateSigningRequest {
  /// Reads a request (PKCS#10, RFC 2986, in PEM) and checks that it may become a certificate for `identity`.
  ///
  /// Its other wishes are not looked at: what a certificate says is decided where it is issued.
  ///
  /// - Throws: `CommandError` (65): `bad-request` when it is no request, was not signed with its own key, or the key is
  ///   neither P-256 nor P-384; `request-identity` when it asks for somebody else's certificate.
  static func checked(_ pem: Data, for identity: Identity) throws -> CertificateSigningRequest {
    guard
      let request = try? CertificateSigningRequest(
        pemEncoded: String(decoding: pem, as: UTF8.self))
    else { throw CommandError.badRequest("cannot be read: it is not PKCS#10 in PEM") }
    guard request.publicKey.isCertifiable else {
      throw CommandError.badRequest("has a key that is neither P-256 nor P-384")
    }
    guard request.publicKey.isValidSignature(request.signature, for: request) else {
      throw CommandError.badRequest("was not signed with its own key")
    }
    guard let uris = try? request.uris else {
      throw CommandError.badRequest("has names that cannot be read")
    }
    if let other = uris.first(where: { $0 != identity.uri }) {
      throw CommandError.requestOfOther(other, not: identity)
    }
    return request
  }

  private var uris: [String] {
    get throws {
      let names = try attributes.extensionRequest?.extensions.subjectAlternativeNames ?? .init()
      return names.compactMap { name in
        if case .uniformResourceIdentifier(let uri) = name { uri } else { nil }
      }
    }
  }
}

extension Certificate.PublicKey {
  /// Whether it is of a kind that gets certificates.
  var isCertifiable: Bool {
    P256.Signing.PublicKey(self) != nil || P384.Signing.PublicKey(self) != nil
  }
}
