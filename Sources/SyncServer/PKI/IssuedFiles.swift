import Crypto
import Foundation
import OfficeSyncCommandSupport
import SwiftASN1
import X509

/// Where `pki issue` puts what it made: `PREFIX.pem`, and `PREFIX.key` (0600) when the key was made here too.
struct IssuedFiles {
  let prefix: String

  var certificatePath: String { prefix + ".pem" }
  var keyPath: String { prefix + ".key" }

  /// - Throws: `CommandError` `file-exists` (65)
  func refuseExisting(withKey: Bool) throws {
    if withKey { try CommandError.refuseExisting(keyPath) }
    try CommandError.refuseExisting(certificatePath)
  }

  /// - Throws: `CommandError`
  func write(_ chain: [Certificate], key: P256.Signing.PrivateKey?) throws {
    if let key {
      try SecureFile.replace(keyPath, with: (key.pemRepresentation + "\n").utf8)
    }
    try SecureFile.replace(
      certificatePath, with: chain.map { try $0.serializeAsPEM().fileText }.joined().utf8,
      mode: SecureFile.worldReadable)
  }
}

extension CommandError {
  static func refuseExisting(_ file: String) throws {
    guard !FileManager.default.fileExists(atPath: file) else {
      throw CommandError.fileExists(file)
    }
  }
}
