import Crypto
import Foundation
import SwiftASN1
import X509

/// A throw-away certificate authority, made at run time: nothing of it is ever committed.
public struct TestPKI: Sendable {
  /// A certificate with its key, both in PEM.
  public struct Issued: Sendable {
    /// The certificate, followed by the authorities between it and the root.
    public let chainPEM: String
    public let keyPEM: String
    fileprivate let serial: Int
  }

  public enum Usage: Sendable {
    case client, server
  }

  /// The authority's own certificate, PEM.
  public let authorityPEM: String

  private let key: P256.Signing.PrivateKey
  private let name: DistinguishedName
  private let intermediatesPEM: String

  /// A root.
  public init(named name: String = "Test authority", validity: ClosedRange<Date> = Self.now())
    throws
  {
    let key = P256.Signing.PrivateKey()
    let subject = try DistinguishedName { CommonName(name) }
    let certificate = try Self.authority(
      subject: subject, key: key, issuer: subject, issuerKey: key, validity: validity,
      permittedURIs: [])
    self.init(key: key, name: subject, authorityPEM: certificate, intermediatesPEM: "")
  }

  private init(
    key: P256.Signing.PrivateKey, name: DistinguishedName, authorityPEM: String,
    intermediatesPEM: String
  ) {
    self.key = key
    self.name = name
    self.authorityPEM = authorityPEM
    self.intermediatesPEM = intermediatesPEM
  }

  /// An authority under this one, whose certificates may be confined to URIs of some hosts (`field` permits
  /// `officesync://field/…`).
  public func subordinate(named name: String, permittedURIs: [String] = []) throws -> TestPKI {
    let key = P256.Signing.PrivateKey()
    let subject = try DistinguishedName { CommonName(name) }
    let certificate = try Self.authority(
      subject: subject, key: key, issuer: self.name, issuerKey: self.key, validity: Self.now(),
      permittedURIs: permittedURIs)
    return TestPKI(
      key: key, name: subject, authorityPEM: certificate,
      intermediatesPEM: certificate + intermediatesPEM)
  }

  /// From one day before now to one day after, moved by a number of days.
  public static func now(plusDays days: Double = 0) -> ClosedRange<Date> {
    let middle = Date().addingTimeInterval(days * 86_400)
    return middle.addingTimeInterval(-86_400)...middle.addingTimeInterval(86_400)
  }

  /// A certificate for any URIs, DNS names and IPv4 addresses that a test wants; no usages means none is stated.
  public func issue(
    uris: [String], hostNames: [String] = [], addresses: [[UInt8]] = [],
    usages: [Usage] = [.client, .server], validity: ClosedRange<Date> = Self.now()
  ) throws -> Issued {
    let names: [GeneralName] =
      uris.map { .uniformResourceIdentifier($0) } + hostNames.map { .dnsName($0) }
      + addresses.map { .ipAddress(ASN1OctetString(contentBytes: $0[...])) }
    let key = P256.Signing.PrivateKey()
    let serial = Int.random(in: 1...Int(Int32.max))
    let certificate = try Certificate(
      version: .v3, serialNumber: Certificate.SerialNumber(serial),
      publicKey: Certificate.PublicKey(key.publicKey), notValidBefore: validity.lowerBound,
      notValidAfter: validity.upperBound, issuer: name,
      subject: DistinguishedName { CommonName(uris.first ?? "nobody") },
      signatureAlgorithm: .ecdsaWithSHA256,
      extensions: Certificate.Extensions {
        Critical(BasicConstraints.notCertificateAuthority)
        Critical(KeyUsage(digitalSignature: true))
        if !usages.isEmpty {
          try ExtendedKeyUsage(usages.map { $0 == .client ? .clientAuth : .serverAuth })
        }
        if !names.isEmpty { SubjectAlternativeNames(names) }
      },
      issuerPrivateKey: Certificate.PrivateKey(self.key))
    return Issued(
      chainPEM: try certificate.serializeAsPEM().pemString + "\n" + intermediatesPEM,
      keyPEM: key.pemRepresentation, serial: serial)
  }

  /// An intermediate authority that a program made.
  public init(authorityPEM: String, keyPEM: String) throws {
    self.init(
      key: try P256.Signing.PrivateKey(pemRepresentation: keyPEM),
      name: try Certificate(pemEncoded: authorityPEM).subject, authorityPEM: authorityPEM,
      intermediatesPEM: authorityPEM)
  }

  /// Another certificate over the key of one that is there, for a client.
  ///
  /// - Parameter chainPEM: the one that is there, and what may follow it.
  /// - Returns: the new one, followed by the authorities between it and the root, PEM.
  public func reissue(
    _ chainPEM: String, for uri: String, validity: ClosedRange<Date>
  ) throws -> String {
    let end = "-----END CERTIFICATE-----"
    let first = chainPEM.components(separatedBy: end)[0] + end
    let certificate = try Certificate(
      version: .v3, serialNumber: Certificate.SerialNumber(Int.random(in: 1...Int(Int32.max))),
      publicKey: Certificate(pemEncoded: first).publicKey, notValidBefore: validity.lowerBound,
      notValidAfter: validity.upperBound, issuer: name,
      subject: DistinguishedName { CommonName(uri) }, signatureAlgorithm: .ecdsaWithSHA256,
      extensions: Certificate.Extensions {
        Critical(BasicConstraints.notCertificateAuthority)
        Critical(KeyUsage(digitalSignature: true))
        try ExtendedKeyUsage([.clientAuth])
        SubjectAlternativeNames([.uniformResourceIdentifier(uri)])
      },
      issuerPrivateKey: Certificate.PrivateKey(key))
    return try certificate.serializeAsPEM().pemString + "\n" + intermediatesPEM
  }

  /// A list that revokes these certificates, PEM.
  public func revocationList(
    of revoked: [Issued], validity: ClosedRange<Date> = Self.now()
  ) throws -> String {
    let begin = try UTCTime(validity.lowerBound)
    var list = DER.Serializer()
    try list.appendConstructedNode(identifier: .sequence) { list in
      try list.serialize(1)
      try list.appendECDSAWithSHA256()
      try list.serialize(name)
      try list.serialize(begin)
      try list.serialize(UTCTime(validity.upperBound))
      guard !revoked.isEmpty else { return }
      try list.appendConstructedNode(identifier: .sequence) { entries in
        for certificate in revoked {
          try entries.appendConstructedNode(identifier: .sequence) { entry in
            try entry.serialize(certificate.serial)
            try entry.serialize(begin)
          }
        }
      }
    }
    let signature = try key.signature(for: list.serializedBytes).derRepresentation
    var signed = DER.Serializer()
    try signed.appendConstructedNode(identifier: .sequence) { signed in
      signed.serializeRawBytes(list.serializedBytes)
      try signed.appendECDSAWithSHA256()
      try signed.serialize(ASN1BitString(bytes: Array(signature)[...]))
    }
    return PEMDocument(type: "X509 CRL", derBytes: signed.serializedBytes).pemString + "\n"
  }

  private static func authority(
    subject: DistinguishedName, key: P256.Signing.PrivateKey, issuer: DistinguishedName,
    issuerKey: P256.Signing.PrivateKey, validity: ClosedRange<Date>, permittedURIs: [String]
  ) throws -> String {
    let identifier = Array(Insecure.SHA1.hash(data: key.publicKey.x963Representation))[...]
    let certificate = try Certificate(
      version: .v3, serialNumber: Certificate.SerialNumber(Int.random(in: 1...Int(Int32.max))),
      publicKey: Certificate.PublicKey(key.publicKey), notValidBefore: validity.lowerBound,
      notValidAfter: validity.upperBound, issuer: issuer, subject: subject,
      signatureAlgorithm: .ecdsaWithSHA256,
      extensions: Certificate.Extensions {
        Critical(BasicConstraints.isCertificateAuthority(maxPathLength: nil))
        Critical(KeyUsage(keyCertSign: true, cRLSign: true))
        SubjectKeyIdentifier(keyIdentifier: identifier)
        if !permittedURIs.isEmpty {
          Critical(NameConstraints(permittedURIDomains: permittedURIs))
        }
      },
      issuerPrivateKey: Certificate.PrivateKey(issuerKey))
    return try certificate.serializeAsPEM().pemString + "\n"
  }
}

extension UTCTime {
  fileprivate init(_ date: Date) throws {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = .gmt
    let parts = calendar.dateComponents(
      [.year, .month, .day, .hour, .minute, .second], from: date)
    try self.init(
      year: parts.year ?? 0, month: parts.month ?? 0, day: parts.day ?? 0, hours: parts.hour ?? 0,
      minutes: parts.minute ?? 0, seconds: parts.second ?? 0)
  }
}

extension DER.Serializer {
  fileprivate mutating func appendECDSAWithSHA256() throws {
    let algorithm: ASN1ObjectIdentifier = [1, 2, 840, 10045, 4, 3, 2]
    try appendConstructedNode(identifier: .sequence) { try $0.serialize(algorithm) }
  }
}
