/// What a certificate says about its owner, read without judging it.
public struct CertificateFacts: Hashable, Sendable {
  /// The subject, for people, in the form of RFC 2253.
  public let subject: String
  /// Its URIs, as written there.
  public let uris: [String]
  /// Its host names, as written there.
  public let hostNames: [String]
  /// Its IP addresses, 4 or 16 bytes each.
  public let addresses: [[UInt8]]
  /// Seconds since 1970 at which it begins.
  public let notBeforeSeconds: Int64
  /// Seconds since 1970 at which it ends.
  public let notAfterSeconds: Int64
  /// SHA-256 of its DER form: 32 bytes in lower-case hexadecimal.
  public let fingerprint: String

  /// Reads the first certificate of a PEM text.
  ///
  /// - Throws: `TLSError(.certificateUnreadable)` when it cannot be read.
  public init(of source: PEMSource) throws(TLSError) {
    try self.init(of: Self.chain(of: source)[0])
  }

  /// Reads all certificates of a PEM text, of which there is one at least.
  ///
  /// - Throws: `TLSError(.certificateUnreadable)` when one cannot be read.
  public static func all(of source: PEMSource) throws(TLSError) -> [CertificateFacts] {
    var all: [CertificateFacts] = []
    for certificate in try chain(of: source) { all.append(try CertificateFacts(of: certificate)) }
    return all
  }

  private static func chain(of source: PEMSource) throws(TLSError) -> [OpenSSLCertificate] {
    try OpenSSLCertificate.all(
      inPEM: source.load(as: .certificateUnreadable, bytesMax: TLSLimits.pemFileBytesMax),
      failingWith: .certificateUnreadable, "certificate")
  }

  init(of certificate: OpenSSLCertificate) throws(TLSError) {
    guard let names = certificate.alternativeNames else {
      throw TLSError(.certificateUnreadable, "the certificate's names cannot be read")
    }
    var uris: [String] = []
    var hostNames: [String] = []
    var addresses: [[UInt8]] = []
    for name in names {
      switch name {
      case .uri(let bytes): uris.append(String(decoding: bytes, as: UTF8.self))
      case .dns(let bytes): hostNames.append(String(decoding: bytes, as: UTF8.self))
      case .address(let bytes): addresses.append(bytes)
      case .other: continue
      }
    }
    self.uris = uris
    self.hostNames = hostNames
    self.addresses = addresses
    subject = certificate.subject
    notBeforeSeconds = certificate.notBefore.seconds
    notAfterSeconds = certificate.notAfter.seconds
    fingerprint = Self.hexadecimal(certificate.fingerprint)
  }

  static func hexadecimal(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(
      decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
}
