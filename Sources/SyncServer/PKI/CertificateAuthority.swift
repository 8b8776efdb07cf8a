import Crypto
import Foundation
import OfficeSyncCommandSupport
import OfficeSyncRecords
import SwiftASN1
import X509

/// An organisation's certificate authority: one P-256 key and its self-signed certificate (RFC 5280).
///
/// A value without files, clock or randomness of its own: times and serial numbers are arguments.
struct CertificateAuthority {
  let certificate: Certificate
  let key: P256.Signing.PrivateKey

  /// Makes a new authority, valid from `now` for `days`.
  ///
  /// - Throws: `CommandError` `bad-organisation` (65) when the name does not fit a certificate.
  static func make(
    organisation: String, days: Int, at now: Date, serial: Certificate.SerialNumber,
    key: P256.Signing.PrivateKey
  ) throws -> CertificateAuthority {
    // RFC 5280 appendix A: ub-organization-name is 64 characters.
    guard
      (1...64).contains(organisation.unicodeScalars.count),
      organisation == organisation.trimmingCharacters(in: .whitespacesAndNewlines),
      !organisation.unicodeScalars.contains(where: { $0.properties.generalCategory == .control })
    else {
      throw CommandError.badOrganisation(organisation)
    }
    let name = try DistinguishedName {
      OrganizationName(organisation)
      CommonName("OfficeSync CA")
    }
    let publicKey = Certificate.PublicKey(key.publicKey)
    let validity = Validity(days: days, at: now)
    let certificate = try Certificate(
      version: .v3, serialNumber: serial, publicKey: publicKey,
      notValidBefore: validity.notBefore, notValidAfter: validity.notAfter,
      issuer: name, subject: name, signatureAlgorithm: .ecdsaWithSHA256,
      extensions: Certificate.Extensions {
        Critical(BasicConstraints.isCertificateAuthority(maxPathLength: nil))
        Critical(KeyUsage(keyCertSign: true, cRLSign: true))
        SubjectKeyIdentifier(hash: publicKey)
      },
      issuerPrivateKey: Certificate.PrivateKey(key))
    return CertificateAuthority(certificate: certificate, key: key)
  }

  /// Whether its own key signed it, so that peers know it.
  var isRoot: Bool { certificate.issuer == certificate.subject }

  /// Makes an authority below this one. Whoever gets hold of its key can make no office and no server: its names are confined
  /// to `officesync://field/…` (RFC 5280 §4.2.1.10), and its use to clients.
  ///
  /// - Throws: `CommandError` `host-needed` (64) for a field device, which holds no authority; `authority-expired` (65).
  func enrolmentAuthority(
    for office: Identity, days: Int, at now: Date, serial: Certificate.SerialNumber,
    key: P256.Signing.PrivateKey
  ) throws -> CertificateAuthority {
    guard office.role == .office else { throw CommandError.officesEnrol(office) }
    guard now < certificate.notValidAfter else {
      throw CommandError.authorityExpired(certificate.notValidAfter)
    }
    let publicKey = Certificate.PublicKey(key.publicKey)
    let validity = Validity(days: days, at: now)
    let name = try DistinguishedName(
      subject(of: office).map(\.self) + DistinguishedName { CommonName("OfficeSync enrolment") })
    let below = try Certificate(
      version: .v3, serialNumber: serial, publicKey: publicKey,
      notValidBefore: max(validity.notBefore, certificate.notValidBefore),
      notValidAfter: min(validity.notAfter, certificate.notValidAfter),
      issuer: certificate.subject, subject: name, signatureAlgorithm: .ecdsaWithSHA256,
      extensions: Certificate.Extensions {
        Critical(BasicConstraints.isCertificateAuthority(maxPathLength: 0))
        Critical(KeyUsage(keyCertSign: true, cRLSign: true))
        try ExtendedKeyUsage([.clientAuth])
        Critical(NameConstraints(permittedURIDomains: [Role.field.rawValue]))
        SubjectKeyIdentifier(hash: publicKey)
        AuthorityKeyIdentifier(keyIdentifier: try keyIdentifier)
      },
      issuerPrivateKey: Certificate.PrivateKey(self.key))
    return CertificateAuthority(certificate: below, key: key)
  }

  init(certificate: Certificate, key: P256.Signing.PrivateKey) {
    self.certificate = certificate
    self.key = key
  }

  /// Reads an authority back; nil when the two texts are not a P-256 key and the certificate made of it.
  init?(certificatePEM: String, keyPEM: String) {
    guard
      let certificate = try? Certificate(pemEncoded: certificatePEM),
      let key = try? P256.Signing.PrivateKey(pemRepresentation: keyPEM),
      certificate.publicKey == Certificate.PublicKey(key.publicKey)
    else { return nil }
    self.init(certificate: certificate, key: key)
  }

  /// Signs a certificate that says: who holds `publicKey` is `identity`, reached under `hosts`.
  ///
  /// It ends after `days` (by default what `Role.certificateDays` says), but never later than the authority itself.
  ///
  /// - Throws: `CommandError`: `host-needed` or `host-refused` (64) where hosts do not suit the role,
  ///   `authority-expired` (65).
  func issue(
    _ identity: Identity, hosts: [HostName], publicKey: Certificate.PublicKey, days: Int? = nil,
    at now: Date, serial: Certificate.SerialNumber
  ) throws -> Certificate {
    try checkHosts(hosts, of: identity)
    guard now < certificate.notValidAfter else {
      throw CommandError.authorityExpired(certificate.notValidAfter)
    }
    let validity = Validity(days: days ?? identity.role.certificateDays, at: now)
    return try Certificate(
      version: .v3, serialNumber: serial, publicKey: publicKey,
      notValidBefore: max(validity.notBefore, certificate.notValidBefore),
      notValidAfter: min(validity.notAfter, certificate.notValidAfter),
      issuer: certificate.subject, subject: subject(of: identity),
      signatureAlgorithm: .ecdsaWithSHA256,
      extensions: Certificate.Extensions {
        Critical(BasicConstraints.notCertificateAuthority)
        Critical(KeyUsage(digitalSignature: true))
        try ExtendedKeyUsage(identity.role.keyUsages)
        SubjectAlternativeNames(
          [.uniformResourceIdentifier(identity.uri)] + hosts.map(\.generalName))
        SubjectKeyIdentifier(hash: publicKey)
        AuthorityKeyIdentifier(keyIdentifier: try keyIdentifier)
      },
      issuerPrivateKey: Certificate.PrivateKey(key))
  }

  /// The authority's subject key identifier, by which certificates and lists name the key that signed them.
  var keyIdentifier: ArraySlice<UInt8> {
    get throws {
      try certificate.extensions.subjectKeyIdentifier?.keyIdentifier
        ?? SubjectKeyIdentifier(hash: certificate.publicKey).keyIdentifier
    }
  }

  /// The organisation, the role and the name, and no common name: some TLS libraries take that for a host name.
  private func subject(of identity: Identity) throws -> DistinguishedName {
    let organisation = certificate.subject.lazy.flatMap(\.self)
      .filter { $0.type == .RDNAttributeType.organizationName }
    let userID: ASN1ObjectIdentifier = [0, 9, 2342, 19_200_300, 100, 1, 1]  // RFC 4519, 2.39
    return try DistinguishedName(
      organisation + [
        .init(
          type: .RDNAttributeType.organizationalUnitName, utf8String: identity.role.rawValue),
        .init(type: userID, utf8String: identity.name),
      ])
  }

  private func checkHosts(_ hosts: [HostName], of identity: Identity) throws {
    switch identity.role {
    case .office where hosts.isEmpty: throw CommandError.hostNeeded(identity)
    case .field where !hosts.isEmpty: throw CommandError.hostRefused(identity)
    case .office, .field: break
    }
  }
}

extension Role {
  /// How long a certificate lasts unless told otherwise: a laptop is lost more easily than a server.
  var certificateDays: Int {
    switch self {
    case .office: 90
    case .field: 30
    }
  }

  /// Offices answer calls and also call other offices; field devices only call.
  fileprivate var keyUsages: [ExtendedKeyUsage.Usage] {
    switch self {
    case .office: [.serverAuth, .clientAuth]
    case .field: [.clientAuth]
    }
  }
}

/// A span of time for a certificate or a list, in whole seconds (X.509 knows no smaller unit), begun a little early for
/// clocks that are slow.
struct Validity {
  static let clockSkew: TimeInterval = 5 * 60

  let notBefore: Date
  let notAfter: Date

  init(days: Int, at now: Date) {
    let start = Date(timeIntervalSince1970: now.timeIntervalSince1970.rounded(.down))
    notBefore = start - Self.clockSkew
    notAfter = start + TimeInterval(days) * 86_400
  }
}

extension Certificate.SerialNumber {
  /// A positive number of 128 bits, 126 of them random: the first octet begins with 01, so that the length is always 16.
  static func random(using generator: inout some RandomNumberGenerator) -> Self {
    var bytes = (0..<16).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    bytes[0] = bytes[0] & 0x3f | 0x40
    return Self(bytes: bytes)
  }
}
