/// Certificates as files hold them.
public enum CertificatePEM {
  /// The certificates one after the other.
  ///
  /// - Parameter ders: each in DER.
  /// - Throws: `TLSError(.certificateUnreadable)` for bytes that are no certificate.
  public static func text(of ders: [[UInt8]]) throws(TLSError) -> [UInt8] {
    var text: [UInt8] = []
    for der in ders {
      guard let pem = OpenSSLCertificate(der: der)?.pem else {
        throw TLSError(.certificateUnreadable, "what was sent is no certificate")
      }
      text += pem
    }
    return text
  }

  /// SHA-256 of a certificate: 32 bytes.
  ///
  /// - Throws: `TLSError(.certificateUnreadable)` for bytes that are no certificate.
  public static func fingerprint(of der: [UInt8]) throws(TLSError) -> [UInt8] {
    guard let certificate = OpenSSLCertificate(der: der) else {
      throw TLSError(.certificateUnreadable, "what was sent is no certificate")
    }
    return certificate.fingerprint
  }

  /// Which of the authorities a certificate comes from.
  ///
  /// - Parameters:
  ///   - certificate: with those between it and the authority, the next one first.
  ///   - authorities: to choose from.
  /// - Returns: the authority in DER; nil if none of them signed it, or the last of those between.
  /// - Throws: `TLSError` `.certificateUnreadable`, `.authorityUnreadable`
  public static func root(
    of certificate: PEMSource, among authorities: PEMSource
  ) throws(TLSError) -> [UInt8]? {
    let chain = try OpenSSLCertificate.all(
      inPEM: certificate.load(
        as: .certificateUnreadable, bytesMax: TLSLimits.pemFileBytesMax),
      failingWith: .certificateUnreadable, "certificate")
    let roots = try OpenSSLCertificate.all(
      inPEM: authorities.load(as: .authorityUnreadable, bytesMax: TLSLimits.pemFileBytesMax),
      failingWith: .authorityUnreadable, "authority's certificate")
    return chain.last.flatMap { last in roots.first { last.isSigned(by: $0) } }?.der
  }

  /// The certificates of a text, each in DER.
  ///
  /// - Throws: `TLSError(.certificateUnreadable)`
  public static func ders(of source: PEMSource) throws(TLSError) -> [[UInt8]] {
    try OpenSSLCertificate.all(
      inPEM: source.load(as: .certificateUnreadable, bytesMax: TLSLimits.pemFileBytesMax),
      failingWith: .certificateUnreadable, "certificate"
    ).map(\.der)
  }
}
