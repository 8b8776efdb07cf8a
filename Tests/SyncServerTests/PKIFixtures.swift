import Crypto
import Foundation
import OfficeSyncCommandSupport
import OfficeSyncRecords
import OfficeSyncTestSupport
import Testing
import X509

@testable import syncserver

/// What the pki tests share: an authority made at a fixed time, and the OpenSSL program as the second opinion.
enum PKIFixtures {
  /// 2026-03-01T08:00:00Z
  static let now = Date(timeIntervalSince1970: 1_772_352_000)

  static func authority(
    organisation: String = "Offices", days: Int = 3650, at now: Date = now
  ) throws -> CertificateAuthority {
    try CertificateAuthority.make(
      organisation: organisation, days: days, at: now, serial: .init(bytes: [1]),
      key: P256.Signing.PrivateKey())
  }

  static func publicKey() -> Certificate.PublicKey {
    Certificate.PublicKey(P256.Signing.PrivateKey().publicKey)
  }

  static func request(
    key: Certificate.PrivateKey = .init(P256.Signing.PrivateKey()), names: [GeneralName]
  ) throws -> CertificateSigningRequest {
    try CertificateSigningRequest(
      version: .v1, subject: DistinguishedName(), privateKey: key,
      attributes: .init([
        .init(
          ExtensionRequest(extensions: Certificate.Extensions { SubjectAlternativeNames(names) }))
      ]))
  }

  static func request(for identity: String) throws -> CertificateSigningRequest {
    try request(names: [.uniformResourceIdentifier(Identity(identity).uri)])
  }

  /// Runs `body` with the path of a new folder, which is gone afterwards.
  static func withFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("pki-tests-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try body(folder.path)
  }

  static func mode(of path: String) throws -> Int? {
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    return (attributes[.posixPermissions] as? NSNumber)?.intValue
  }

  static func text(of path: String) throws -> String {
    try String(contentsOfFile: path, encoding: .utf8)
  }
}

/// The `openssl` program: it shares no code with swift-certificates.
enum OpenSSL {
  static let path = ["/usr/bin/openssl", "/opt/homebrew/bin/openssl"]
    .first { FileManager.default.isExecutableFile(atPath: $0) }

  static var isPresent: Bool { path != nil }

  static func run(_ arguments: String...) throws -> (status: Int32, output: String) {
    try run(arguments)
  }

  /// - Returns: the exit status, and both outputs, one after the other.
  static func run(_ arguments: [String]) throws -> (status: Int32, output: String) {
    let run = try ChildProcess.run([path ?? "openssl"] + arguments)
    return (run.status, run.text + run.errorText)
  }
}

/// Expects a `CommandError` by what scripts see of it.
func expectRefusal<Result>(
  _ name: String, _ status: OfficeSyncCommandSupport.ExitStatus = .badData,
  sourceLocation: SourceLocation = #_sourceLocation,
  _ body: () throws -> Result
) {
  let error = #expect(throws: CommandError.self, sourceLocation: sourceLocation) { _ = try body() }
  #expect(error?.name == name, sourceLocation: sourceLocation)
  #expect(error?.status == status, sourceLocation: sourceLocation)
}
