/// Certificates, key, authorities and revocation lists, ready for connections.
///
/// Costly to make and cheap to use: one for all connections. To reload, make a new one and give it to new
/// connections; those that are open keep theirs.
public final class TLSContext: Sendable {
  public let role: TLSConfiguration.Role

  /// What this side's own certificate says.
  public let certificate: CertificateFacts

  /// Whether the key takes a passphrase to open: then nothing that stands for it may lie about.
  public let isKeyProtected: Bool

  /// Seconds since 1970 at which each of the trusted authorities ends.
  public let authoritiesNotAfterSeconds: [Int64]

  /// Seconds since 1970 at which the first of the revocation lists falls due; `nil` without one.
  public let revocationListDueSeconds: Int64?

  /// Whether one of the revocation lists was past its time when the context was made.
  public let isRevocationListExpired: Bool

  let openSSL: OpenSSLContext

  /// - Throws: `TLSError`, with a code for each thing that can be wrong: `.certificateUnreadable`, `.keyUnreadable`,
  ///   `.keyExposed`, `.keyMismatch`, `.keyLocked`, `.passphraseWrong`, `.passphraseUnreadable`, `.authorityUnreadable`,
  ///   `.revocationListUnreadable`, `.ownCertificateExpired`, `.ownCertificateNotYetValid`, `.configuration`.
  public convenience init(_ configuration: TLSConfiguration) throws(TLSError) {
    try self.init(configuration, checksOwnValidity: true)
  }

  /// - Parameter checksOwnValidity: tests play the client whose clock is wrong, and switch this off.
  init(_ configuration: TLSConfiguration, checksOwnValidity: Bool) throws(TLSError) {
    role = configuration.role
    let applicationProtocol = Array(configuration.applicationProtocol.utf8)
    let strangerProtocol = configuration.strangerProtocol.map { Array($0.utf8) }
    for name in [applicationProtocol] + (strangerProtocol.map { [$0] } ?? [])
    where !(1...255).contains(name.count) {
      throw TLSError(.configuration, "an application protocol's name is 1 to 255 bytes long")
    }
    openSSL = try OpenSSLContext(
      isServer: configuration.role == .server, applicationProtocol: applicationProtocol,
      strangerProtocol: strangerProtocol,
      sessions: configuration.role == .server ? configuration.sessions : nil,
      requiresCurrentLists: configuration.requiresCurrentLists,
      acceptsPeerURI: configuration.acceptsPeerURI)

    let certificatePEM = try configuration.certificateChain.load(
      as: .certificateUnreadable, bytesMax: TLSLimits.pemFileBytesMax)
    let chain = try OpenSSLCertificate.all(
      inPEM: certificatePEM, failingWith: .certificateUnreadable, "certificate")
    certificate = try CertificateFacts(of: chain[0])
    if checksOwnValidity { try Self.checkValidity(of: chain) }
    try openSSL.use(chain: chain)
    isKeyProtected = try openSSL.use(
      privateKeyPEM: configuration.privateKey.loadSecret(
        as: .keyUnreadable, bytesMax: TLSLimits.pemFileBytesMax),
      passphrase: configuration.passphrase, called: configuration.privateKey.keyName)
    let authorities =
      try configuration.authorities.map { source throws(TLSError) in
        try OpenSSLCertificate.all(
          inPEM: source.load(as: .authorityUnreadable, bytesMax: TLSLimits.pemFileBytesMax),
          failingWith: .authorityUnreadable, "authority's certificate")
      } ?? []
    try openSSL.trust(authorities)
    authoritiesNotAfterSeconds = authorities.map(\.notAfter.seconds)

    let revocationPEM = try configuration.revocationLists?.loadUnlessMissing(
      as: .revocationListUnreadable, bytesMax: TLSLimits.revocationListFileBytesMax)
    let lists = try revocationPEM.map { pem throws(TLSError) in
      try OpenSSLRevocationList.all(inPEM: pem)
    }
    if let lists { try openSSL.refuse(lists) }
    let due = (lists ?? []).compactMap(\.nextUpdate)
    revocationListDueSeconds = due.map(\.seconds).min()
    isRevocationListExpired = due.contains { $0.isPast == true }
  }

  private static func checkValidity(of chain: [OpenSSLCertificate]) throws(TLSError) {
    let clock = "this machine's clock says \(CertificateTime.now.text)"
    for certificate in chain {
      if certificate.notBefore.isPast == false {
        throw TLSError(
          .ownCertificateNotYetValid,
          "this side's certificate begins on \(certificate.notBefore.text); \(clock)")
      }
      if certificate.notAfter.isPast == true {
        throw TLSError(
          .ownCertificateExpired,
          "this side's certificate expired on \(certificate.notAfter.text); \(clock)")
      }
    }
  }
}
