import Foundation
import OfficeSyncCommandErrors
import OfficeSyncCommandSupport
import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncSecureTransport
import OfficeSyncStorage

/// Makes a token for an office's server as its settings describe it.
struct TokenMaker {
  let settings: RunSettings

  /// Where devices reach this office.
  ///
  /// - Parameter text: as somebody gave it; nil for the certificate's first name and the port that the server listens on.
  /// - Throws: `CommandError` `bad-address` (64); `no-address` (64) if the certificate names none.
  func address(_ text: String?) throws -> NetworkAddress {
    if let text { return try NetworkAddress(parsing: text, from: "--address") }
    let facts = try ownCertificate()
    guard let host = facts.hostNames.first ?? facts.addresses.first.map(Self.text) else {
      throw CommandError.noEnrolmentAddress(settings.network.certificate)
    }
    let port = settings.listen.map(\.port).first { $0 != 0 } ?? NetworkAddress.defaultPort
    return NetworkAddress(host: host, port: port)
  }

  /// SHA-256 of the authority, of those trusted here, that this office's own certificate comes from.
  ///
  /// - Throws: `CommandError` `untrusted-certificate` (64) if it comes from none of them.
  func authority() throws -> [UInt8] {
    let (certificate, authorities) = (
      PEMSource.file(path: settings.network.certificate),
      PEMSource.file(path: settings.network.authority)
    )
    do {
      guard let root = try CertificatePEM.root(of: certificate, among: authorities) else {
        throw CommandError.foreignCertificate(
          settings.network.certificate, authorities: settings.network.authority)
      }
      return try CertificatePEM.fingerprint(of: root)
    } catch let error as TLSError {
      throw CommandError(error)
    }
  }

  /// - Parameter pin: the number that is told separately, if one is asked for.
  func make(
    for identity: Identity, at address: NetworkAddress, pin: String?, until end: UInt64,
    using generator: inout some RandomNumberGenerator
  ) throws -> (EnrolmentToken, EnrolmentOffer) {
    let secret = (0..<EnrolmentToken.secretBytes).map { _ in
      UInt8.random(in: .min ... .max, using: &generator)
    }
    guard
      let token = EnrolmentToken(
        identity: identity, host: address.host, port: address.port, authority: try authority(),
        secret: secret, asksForPIN: pin != nil)
    else { throw CommandError.noEnrolmentAddress(settings.network.certificate) }
    return (
      token,
      EnrolmentOffer(
        secretHash: token.secretHash,
        pinHash: pin.map { EnrolmentToken.hash(ofSecret: secret, pin: $0) }, identity: identity,
        expiresMilliseconds: end)
    )
  }

  /// Six digits.
  static func pin(using generator: inout some RandomNumberGenerator) -> String {
    let digits = String(Int.random(in: 0..<1_000_000, using: &generator))
    return String(repeating: "0", count: 6 - digits.count) + digits
  }

  private func ownCertificate() throws -> CertificateFacts {
    do { return try CertificateFacts(of: .file(path: settings.network.certificate)) } catch {
      throw CommandError(error)
    }
  }

  private static func text(of octets: [UInt8]) -> String {
    var text = [CChar](repeating: 0, count: 64)
    let family = octets.count == 4 ? AF_INET : AF_INET6
    guard inet_ntop(family, octets, &text, socklen_t(text.count)) != nil else { return "" }
    return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}
