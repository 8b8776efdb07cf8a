import Crypto
import Foundation
import OfficeSyncCommandErrors
import OfficeSyncCommandSupport
import OfficeSyncRecords
import OfficeSyncSecureTransport
import OfficeSyncStorage
import SwiftASN1
import X509

/// A certificate authority on disk: `ca.key` (0600), `ca.pem`, `crl.pem` and `issued.ndjson` in a folder (0700).
///
/// Commands that run at the same time wait for each other. Every file is replaced whole, so a kill leaves the old or the
/// new one. The ledger is written first: a certificate or a list that is out is always known here.
struct AuthorityFolder {
  let path: String
  /// What opens `ca.key`, and protects it when it is made; nil for a key in the clear.
  var passphrase: Passphrase?

  var keyPath: String { path + "/ca.key" }
  var certificatePath: String { path + "/ca.pem" }
  var revocationListPath: String { path + "/crl.pem" }
  var ledgerPath: String { path + "/issued.ndjson" }

  /// Whether it is the authority with which an office enrols devices, in that office's store.
  var isInStore: Bool {
    SQLiteStore.exists(inFolder: URL(fileURLWithPath: path).deletingLastPathComponent().path)
  }

  var exists: Bool { FileManager.default.fileExists(atPath: certificatePath) }

  /// Makes an authority below this one, in a folder of its own, that can certify field devices and nothing else.
  ///
  /// - Parameter office: which is going to hold it: revoking the office revokes what it has certified as well.
  /// - Returns: when it ends.
  /// - Throws: `CommandError`, `file-exists` (65) unless `force` is set.
  func createEnrolment(
    for office: Identity, in folder: AuthorityFolder, days: Int, force: Bool, at now: Date,
    using generator: inout some RandomNumberGenerator
  ) throws -> Date {
    let authority = try locked {
      let authority = try readAuthority().enrolmentAuthority(
        for: office, days: days, at: now, serial: .random(using: &generator),
        key: P256.Signing.PrivateKey())
      var ledger = try readLedger()
      ledger.record(authority.certificate, for: office)
      try write(ledger)
      return authority
    }
    try folder.write(authority, force: force, at: now)
    return authority.certificate.notValidAfter
  }

  /// Makes a new authority with an empty revocation list.
  ///
  /// - Throws: `CommandError`, `file-exists` (65) unless `force` is set.
  func create(
    organisation: String, days: Int, force: Bool, at now: Date,
    using generator: inout some RandomNumberGenerator
  ) throws {
    let authority = try CertificateAuthority.make(
      organisation: organisation, days: days, at: now, serial: .random(using: &generator),
      key: P256.Signing.PrivateKey())
    try write(authority, force: force, at: now)
  }

  private func write(_ authority: CertificateAuthority, force: Bool, at now: Date) throws {
    try SecureFile.createFolder(path)
    try locked {
      if !force {
        try [keyPath, certificatePath, revocationListPath, ledgerPath].forEach(
          CommandError.refuseExisting)
      }
      try SecureFile.replace(keyPath, with: authority.key.fileText(protectedWith: passphrase))
      try SecureFile.replace(
        certificatePath, with: authority.certificate.serializeAsPEM().fileText.utf8,
        mode: SecureFile.worldReadable)
      var ledger = IssuanceLedger()
      try publish(&ledger, revoking: [], by: authority, at: now)
    }
  }

  /// That the authority can be used.
  ///
  /// - Throws: `CommandError`
  func checkKey() throws { _ = try readAuthority() }

  /// Signs a certificate and notes it in the ledger; the result is not written anywhere else.
  ///
  /// - Returns: the certificate, and after it this authority's own if peers do not have it.
  /// - Throws: `CommandError`, those of ``CertificateAuthority/issue(_:hosts:publicKey:days:at:serial:)`` among them.
  func issue(
    _ identity: Identity, hosts: [HostName], publicKey: Certificate.PublicKey, days: Int?,
    at now: Date, using generator: inout some RandomNumberGenerator
  ) throws -> [Certificate] {
    try locked {
      let authority = try readAuthority()
      let certificate = try authority.issue(
        identity, hosts: hosts, publicKey: publicKey, days: days, at: now,
        serial: .random(using: &generator))
      var ledger = try readLedger()
      ledger.record(certificate, for: identity)
      try write(ledger)
      return authority.isRoot ? [certificate] : [certificate, authority.certificate]
    }
  }

  /// Puts every certificate of `identity` that is still usable on a new revocation list.
  ///
  /// - Returns: how many there were.
  /// - Throws: `CommandError`, `unknown-identity` (65) when none was ever made for it.
  func revoke(_ identity: Identity, at now: Date) throws -> Int {
    try locked {
      let authority = try readAuthority()
      var ledger = try readLedger()
      guard ledger.knows(identity) else {
        throw CommandError.unknownIdentity(identity, ledger: ledgerPath)
      }
      let serials = ledger.usableSerials(of: identity, at: now)
      try publish(&ledger, revoking: serials, by: authority, at: now)
      return serials.count
    }
  }

  /// Writes the revocation list anew, with the same entries, valid for a year from `now`.
  func renewRevocationList(at now: Date) throws {
    try locked {
      let authority = try readAuthority()
      var ledger = try readLedger()
      try publish(&ledger, revoking: [], by: authority, at: now)
    }
  }

  private func publish(
    _ ledger: inout IssuanceLedger, revoking serials: [String],
    by authority: CertificateAuthority, at now: Date
  ) throws {
    let list = try ledger.publish(revoking: serials, at: now).signed(by: authority)
    try write(ledger)
    try SecureFile.replace(
      revocationListPath, with: list.fileText.utf8, mode: SecureFile.worldReadable)
  }
}

// MARK: - Files

extension AuthorityFolder {
  private func readAuthority() throws -> CertificateAuthority {
    guard
      FileManager.default.fileExists(atPath: keyPath),
      let certificate = try SecureFile.readIfPresent(certificatePath)
    else { throw CommandError.noAuthority(at: path) }
    let stored = try SecureFile.readSecret(keyPath)
    let key: [UInt8]
    do {
      key = try KeyPEM.opened(stored, with: passphrase, called: "the key \(keyPath)")
    } catch {
      throw CommandError(error)
    }
    guard
      let authority = CertificateAuthority(
        certificatePEM: String(decoding: certificate, as: UTF8.self),
        keyPEM: String(decoding: key, as: UTF8.self))
    else { throw CommandError.authorityKeyMismatch(keyPath, certificatePath) }
    return authority
  }

  private func readLedger() throws -> IssuanceLedger {
    guard let bytes = try SecureFile.readIfPresent(ledgerPath) else {
      throw CommandError.ledgerMissing(ledgerPath)
    }
    do {
      return try IssuanceLedger(parsing: Data(bytes))
    } catch let error as IssuanceLedger.DamagedLine {
      throw CommandError.ledgerDamaged(ledgerPath, line: error.line)
    }
  }

  private func write(_ ledger: IssuanceLedger) throws {
    try SecureFile.replace(ledgerPath, with: ledger.serialized())
  }

  private func locked<Result>(_ body: () throws -> Result) throws -> Result {
    let folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard folder >= 0 else {
      throw errno == ENOENT
        ? CommandError.noAuthority(at: path) : .file(.read, path, errno: errno)
    }
    defer { close(folder) }  // which also unlocks
    guard flock(folder, LOCK_EX) == 0 else {
      throw CommandError.file(.locked, path, errno: errno)
    }
    return try body()
  }
}

extension P256.Signing.PrivateKey {
  /// The text as a file holds it: PKCS#8 in PEM.
  ///
  /// - Throws: `TLSError` for a passphrase that cannot be read.
  func fileText(protectedWith passphrase: Passphrase?) throws(TLSError) -> [UInt8] {
    try KeyPEM.protected(Array((pemRepresentation + "\n").utf8), with: passphrase)
  }
}

extension PEMDocument {
  /// The text as a file holds it.
  var fileText: String { pemString + "\n" }
}
