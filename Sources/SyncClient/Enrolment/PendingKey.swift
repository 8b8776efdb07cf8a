import Crypto
import Foundation
import OfficeSyncCommandSupport
import OfficeSyncRecords
import SwiftASN1
import X509

/// The key of an enrolment that is under way. It is kept until its certificate is here: when the office's answer is lost, the
/// same key gets it with the same token.
struct PendingKey {
  let path: String
  private let key: P256.Signing.PrivateKey

  /// Takes up the key of an attempt before, or makes one.
  ///
  /// - Throws: `CommandError` `file-failed`, `disk-full` (74), `key-readable-by-others` (77)
  init(in folder: StoreFolder) throws {
    path = "\(folder.path)/enrolment.key"
    if FileManager.default.fileExists(atPath: path) {
      let text = String(decoding: try SecureFile.readSecret(path), as: UTF8.self)
      if let kept = try? P256.Signing.PrivateKey(pemRepresentation: text) {
        key = kept
        return
      }
    }
    key = P256.Signing.PrivateKey()
    try SecureFile.replace(path, with: pem)
  }

  /// PKCS#8. A secret.
  var pem: [UInt8] { Array((key.pemRepresentation + "\n").utf8) }

  /// A certificate that nobody else signed, to show that the key is here (PEM).
  ///
  /// - Parameter now: it is good for a day around this.
  func certificate(for identity: Identity, at now: Date) throws -> [UInt8] {
    let name = try DistinguishedName { CommonName("OfficeSync enrolment") }
    var generator = SystemRandomNumberGenerator()
    let serial = (0..<16).map { _ in UInt8.random(in: 1...0x7F, using: &generator) }
    let certificate = try Certificate(
      version: .v3, serialNumber: Certificate.SerialNumber(bytes: serial),
      publicKey: Certificate.PublicKey(key.publicKey),
      notValidBefore: now.addingTimeInterval(-86_400),
      notValidAfter: now.addingTimeInterval(86_400),
      issuer: name, subject: name, signatureAlgorithm: .ecdsaWithSHA256,
      extensions: try Certificate.Extensions {
        SubjectAlternativeNames([.uniformResourceIdentifier(identity.uri)])
      }, issuerPrivateKey: Certificate.PrivateKey(key))
    return Array((try certificate.serializeAsPEM().pemString + "\n").utf8)
  }

  /// It is in its place, with its certificate.
  func forget() { unlink(path) }
}
