import Crypto
import Foundation
import SwiftASN1
import X509

/// A certificate revocation list, version 2 (RFC 5280 §5). swift-certificates has none.
struct RevocationList {
  struct Entry: Hashable, Sendable {
    var serial: Certificate.SerialNumber
    var revokedAt: Date
  }

  /// How long a list is good for. One that ran out still counts for what it lists, and is warned about.
  static let days = 365

  /// Counts the lists of one authority, from 1 up (RFC 5280 §5.2.3).
  var number: Int
  var validity: Validity
  var entries: [Entry]

  /// The signed list.
  func signed(by authority: CertificateAuthority) throws -> PEMDocument {
    let body = try toBeSigned(by: authority)
    let signature = try authority.key.signature(for: body)
    var coder = DER.Serializer()
    try coder.appendConstructedNode(identifier: .sequence) { coder in
      coder.serializeRawBytes(body)
      try Self.serializeAlgorithm(into: &coder)
      try coder.serialize(ASN1BitString(bytes: ArraySlice(signature.derRepresentation)))
    }
    return PEMDocument(type: "X509 CRL", derBytes: coder.serializedBytes)
  }

  /// `TBSCertList`.
  private func toBeSigned(by authority: CertificateAuthority) throws -> [UInt8] {
    let extensions = try Certificate.Extensions {
      AuthorityKeyIdentifier(keyIdentifier: try authority.keyIdentifier)
      try numberExtension
    }
    var coder = DER.Serializer()
    try coder.appendConstructedNode(identifier: .sequence) { coder in
      try coder.serialize(1)  // the value of version 2
      try Self.serializeAlgorithm(into: &coder)
      try coder.serialize(authority.certificate.subject)
      try coder.serializeTime(validity.notBefore)
      try coder.serializeTime(validity.notAfter)
      if !entries.isEmpty {  // RFC 5280 §5.1.2.6: absent, not empty
        try coder.appendConstructedNode(identifier: .sequence) { coder in
          for entry in entries {
            try coder.appendConstructedNode(identifier: .sequence) { coder in
              try coder.serialize(entry.serial.bytes)
              try coder.serializeTime(entry.revokedAt)
            }
          }
        }
      }
      try coder.serialize(explicitlyTaggedWithTagNumber: 0, tagClass: .contextSpecific) { coder in
        try coder.serializeSequenceOf(extensions)
      }
    }
    return coder.serializedBytes
  }

  private var numberExtension: Certificate.Extension {
    get throws {
      var coder = DER.Serializer()
      try coder.serialize(number)
      return Certificate.Extension(
        oid: [2, 5, 29, 20], critical: false, value: coder.serializedBytes[...])
    }
  }

  /// `ecdsa-with-SHA256`, without parameters (RFC 5758 §3.2).
  private static func serializeAlgorithm(into coder: inout DER.Serializer) throws {
    let ecdsaWithSHA256: ASN1ObjectIdentifier = [1, 2, 840, 10_045, 4, 3, 2]
    try coder.appendConstructedNode(identifier: .sequence) { try $0.serialize(ecdsaWithSHA256) }
  }
}

extension DER.Serializer {
  /// `Time`: UTCTime until the end of 2049, GeneralizedTime after (RFC 5280 §5.1.2.4).
  fileprivate mutating func serializeTime(_ date: Date) throws {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = .gmt
    let parts = calendar.dateComponents([.year, .month, .day, .hour, .minute, .second], from: date)
    guard let year = parts.year, let month = parts.month, let day = parts.day,
      let hours = parts.hour, let minutes = parts.minute, let seconds = parts.second
    else { throw ASN1Error.invalidASN1Object(reason: "no calendar date") }
    if year < 2050 {
      try serialize(
        UTCTime(
          year: year, month: month, day: day, hours: hours, minutes: minutes, seconds: seconds))
    } else {
      try serialize(
        GeneralizedTime(
          year: year, month: month, day: day, hours: hours, minutes: minutes, seconds: seconds,
          fractionalSeconds: 0))
    }
  }
}
