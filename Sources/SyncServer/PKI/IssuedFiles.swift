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

  /// - Parameter key: as its file holds it; nil if it is elsewhere.
  /// - Throws: `CommandError`
  func write(_ chain: [Certificate], key: [UInt8]?) throws {
    if let key { try SecureFile.replace(keyPath, with: key) }
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
