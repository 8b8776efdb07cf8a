/// A list of revoked certificates (RFC 5280 §5) that an authority which is trusted here has signed.
public struct SignedRevocationList: Hashable, Sendable {
  /// SHA-256 of the public key of the authority that made it: 32 bytes.
  public let authority: [UInt8]
  /// The certificate of that authority, in DER, if it is one below those that are trusted; nil for one of these.
  public let intermediate: [UInt8]?
  public let der: [UInt8]
  /// With its line end, so that several may follow each other in a file.
  public let pem: [UInt8]
  /// Grows with each list of an authority; 0 if it has none.
  public let number: UInt64
  /// Seconds since 1970 at which it was made.
  public let madeSeconds: Int64

  /// When the first of a file's lists falls due, whoever signed them, in seconds since 1970; nil without one.
  ///
  /// - Throws: `TLSError(.revocationListUnreadable)`
  public static func dueSeconds(of source: PEMSource) throws(TLSError) -> Int64? {
    try source.loadUnlessMissing(
      as: .revocationListUnreadable, bytesMax: TLSLimits.revocationListFileBytesMax
    ).flatMap { pem throws(TLSError) in
      try OpenSSLRevocationList.all(inPEM: pem).compactMap(\.nextUpdate?.seconds).min()
    }
  }

  fileprivate init?(
    _ list: OpenSSLRevocationList, _ roots: [OpenSSLCertificate],
    _ intermediates: [OpenSSLCertificate]
  ) {
    let root = roots.first(where: list.isIssued)
    guard let signer = root ?? intermediates.first(where: list.isIssued) else { return nil }
    authority = signer.keyFingerprint
    intermediate = root == nil ? signer.der : nil
    der = list.der
    pem = list.pem
    number = list.number ?? 0
    madeSeconds = list.lastUpdate.seconds
  }

  /// Whether it says more than another list of the same authority.
  public func isNewer(than other: SignedRevocationList) -> Bool {
    (number, madeSeconds) > (other.number, other.madeSeconds)
  }
}

/// The authorities whose lists are believed: those that are trusted, and those whose certificate one of these signed.
public struct RevocationAuthorities {
  private let roots: [OpenSSLCertificate]
  private let intermediates: [OpenSSLCertificate]

  /// - Parameters:
  ///   - source: the trusted ones.
  ///   - intermediates: in DER, from anybody; those that no trusted one signed are left out.
  /// - Throws: `TLSError(.authorityUnreadable)`
  public init(_ source: PEMSource, intermediates: [[UInt8]] = []) throws(TLSError) {
    let roots = try OpenSSLCertificate.all(
      inPEM: source.load(as: .authorityUnreadable, bytesMax: TLSLimits.pemFileBytesMax),
      failingWith: .authorityUnreadable, "authority's certificate")
    self.roots = roots
    self.intermediates = intermediates.compactMap(OpenSSLCertificate.init(der:)).filter { below in
      below.isAuthority && roots.contains { below.isSigned(by: $0) }
    }
  }

  /// The lists of a file, one after the other; none if there is no file. What no authority signed is left out.
  ///
  /// - Throws: `TLSError(.revocationListUnreadable)`
  public func lists(in source: PEMSource) throws(TLSError) -> [SignedRevocationList] {
    let pem = try source.loadUnlessMissing(
      as: .revocationListUnreadable, bytesMax: TLSLimits.revocationListFileBytesMax)
    guard let pem else { return [] }
    return try OpenSSLRevocationList.all(inPEM: pem).compactMap {
      SignedRevocationList($0, roots, intermediates)
    }
  }

  /// - Returns: `nil` for bytes that are no list, or one that no authority signed.
  public func list(der: [UInt8]) -> SignedRevocationList? {
    OpenSSLRevocationList(der: der).flatMap { SignedRevocationList($0, roots, intermediates) }
  }
}
