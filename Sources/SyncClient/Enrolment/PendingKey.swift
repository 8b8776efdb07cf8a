import Crypto
import Foundation
import OfficeSyncCommandSupport
import OfficeSyncRecords
import OfficeSyncSecureTransport
import SwiftASN1
import X509

/// The key of an enrolment that is under way. It is kept until its certificate is here: when the office's answer is lost, the
/// same key gets it with the same token.
struct PendingKey {
  let path: String
  /// What protects the file, here and where the key is going to lie; nil for nothing.
  private let passphrase: Passphrase?
  private let key: P256.Signing.PrivateKey

  /// Takes up the key of an attempt before, or makes one.
  ///
  /// - Throws: `CommandError` `file-failed`, `disk-full` (74), `key-readable-by-others` (77); `TLSError` for a passphrase that
  ///   does not open the key of an attempt before, or cannot be read.
  init(in folder: StoreFolder, protectedWith passphrase: Passphrase?) throws {
    self.passphrase = passphrase
    path = "\(folder.path)/enrolment.key"
    if FileManager.default.fileExists(atPath: path) {
      let kept = try KeyPEM.opened(
        SecureFile.readSecret(path), with: passphrase, called: "the key \(path)")
      if let kept = try? P256.Signing.PrivateKey(
        pemRepresentation: String(decoding: kept, as: UTF8.self))
      {
        key = kept
        return
      }
    }
    key = P256.Signing.PrivateKey()
    try SecureFile.replace(path, with: fileText())
  }

  /// The key as its file holds it.
  ///
  /// - Throws: `TLSError` for a passphrase that cannot be read.
  func fileText() throws -> [UInt8] {
    try KeyPEM.protected(pem, with: passphrase)
  }

  /// PKCS#8, in the clear. A secret.
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
