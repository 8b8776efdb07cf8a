import Crypto
import Foundation
import OfficeSyncRecords
import OfficeSyncSecureTransport
import OfficeSyncStorage
import SwiftASN1
import X509

/// A certificate request as `pki issue --request` reads it; one that passes is made a certificate.
///
/// The first byte says what the rest is: the file; the DER that stands in it; or a request's attributes, for which a request is
/// made and signed, since no fuzzer finds a signature.
func fuzzRequests(_ bytes: [UInt8]) {
  guard let kind = bytes.first else { return }
  let content = Array(bytes.dropFirst())
  do {
    let pem: Data
    switch kind % 3 {
    case 0: pem = Data(content)
    case 1: pem = PEM.text("CERTIFICATE REQUEST", content)
    default: pem = PEM.text("CERTIFICATE REQUEST", try Signing.request(attributes: content))
    }
    let identity = Scene.device.identity
    guard let request = try? CertificateSigningRequest.checked(pem, for: identity) else { return }
    let certificate = try Signing.authority.issue(
      identity, hosts: [], publicKey: request.publicKey, at: Signing.now,
      serial: .init(bytes: [2]))
    let names = try certificate.extensions.subjectAlternativeNames ?? .init()
    require(
      Array(names) == [.uniformResourceIdentifier(identity.uri)],
      "a certificate says more than whom it is for: \(names)")
    require(
      try Certificate(pemEncoded: certificate.serializeAsPEM().pemString) == certificate,
      "a certificate changed by being written")
  } catch {
    require(false, "a request brought about \(error)")
  }
}

/// Revocation lists as a server reads them: from its file, in DER from another office, and for its handshakes.
///
/// The first byte says what the rest is: the file; a list's DER; the DER that stands in the file; or what the authority signs,
/// for which a signature is made.
func fuzzRevocations(_ bytes: [UInt8]) {
  guard let kind = bytes.first else { return }
  let content = Array(bytes.dropFirst())
  do {
    let pem: [UInt8]
    switch kind % 4 {
    case 0: pem = content
    case 1:
      check(Signing.authorities.list(der: content))
      return
    case 2: pem = Array(PEM.text("X509 CRL", content))
    default: pem = Array(PEM.text("X509 CRL", try Signing.signed(content)))
    }
    let lists = (try? Signing.authorities.lists(in: .bytes(pem))) ?? []
    for list in lists { check(list) }
    let context = try? TLSContext(
      TLSConfiguration(
        role: .server, certificateChain: .bytes(Signing.authorityPEM),
        privateKey: .bytes(Signing.keyPEM),
        authorities: .bytes(Signing.authorityPEM), revocationLists: .bytes(pem),
        acceptsPeerURI: { _ in true }))
    if let context { _ = (context.revocationListDueSeconds, context.isRevocationListExpired) }
  } catch {
    require(false, "a revocation list brought about \(error)")
  }
}

/// A list that the authority signed comes back from both of its forms.
private func check(_ list: SignedRevocationList?) {
  guard let list else { return }
  require(Signing.authorities.list(der: list.der) == list, "a list changed by being sent")
  require(
    (try? Signing.authorities.lists(in: .bytes(list.pem))) == [list],
    "a list changed by being written")
  require(!list.isNewer(than: list), "a list is newer than itself")
}

private enum PEM {
  static func text(_ type: String, _ der: [UInt8]) -> Data {
    Data(PEMDocument(type: type, derBytes: der).pemString.utf8)
  }
}

/// An authority whose key everybody knows.
private enum Signing {
  static let now = Date()
  static let key: P256.Signing.PrivateKey = {
    do {
      return try P256.Signing.PrivateKey(rawRepresentation: Array(repeating: 7, count: 32))
    } catch { fatalError("no key can be made: \(error)") }
  }()
  static let authority: CertificateAuthority = {
    do {
      return try CertificateAuthority.make(
        organisation: "Fuzz", days: 3_650, at: now, serial: .init(bytes: [1]), key: key)
    } catch { fatalError("no authority can be made: \(error)") }
  }()
  static let keyPEM = Array(key.pemRepresentation.utf8)
  static let authorityPEM: [UInt8] = {
    do { return Array(try authority.certificate.serializeAsPEM().pemString.utf8) } catch {
      fatalError("a certificate cannot be written: \(error)")
    }
  }()
  /// One thread alone fuzzes.
  nonisolated(unsafe) static let authorities: RevocationAuthorities = {
    do { return try RevocationAuthorities(.bytes(authorityPEM)) } catch {
      fatalError("an authority cannot be read: \(error)")
    }
  }()

  /// `ecdsa-with-SHA256` (RFC 5758 §3.2) over what is given, in the form that requests, lists and certificates share.
  static func signed(_ content: [UInt8]) throws -> [UInt8] {
    let algorithm: ASN1ObjectIdentifier = [1, 2, 840, 10_045, 4, 3, 2]
    var coder = DER.Serializer()
    let signature = try key.signature(for: content)
    try coder.appendConstructedNode(identifier: .sequence) { coder in
      coder.serializeRawBytes(content)
      try coder.appendConstructedNode(identifier: .sequence) { try $0.serialize(algorithm) }
      try coder.serialize(ASN1BitString(bytes: ArraySlice(signature.derRepresentation)))
    }
    return coder.serializedBytes
  }

  /// `CertificationRequestInfo` (RFC 2986 §4.1).
  static func request(attributes: [UInt8]) throws -> [UInt8] {
    var coder = DER.Serializer()
    try coder.appendConstructedNode(identifier: .sequence) { coder in
      try coder.serialize(0)
      try coder.serialize(DistinguishedName())
      coder.serializeRawBytes(key.publicKey.derRepresentation)
      coder.appendConstructedNode(
        identifier: .init(tagWithNumber: 0, tagClass: .contextSpecific)
      ) { $0.serializeRawBytes(attributes) }
    }
    return try signed(coder.serializedBytes)
  }
}
