import OfficeSyncSecureTransport

/// Paths of PEM files. A revocation list that does not exist revokes nobody.
public struct CredentialFiles: Hashable, Sendable {
  public var certificate: String
  public var key: String
  /// What opens the key if it is protected.
  public var passphrase: Passphrase?
  public var authority: String
  public var revocationList: String
  /// Whether nobody is trusted without a revocation list that is within its time.
  public var requiresCurrentList: Bool

  public init(
    certificate: String, key: String, passphrase: Passphrase? = nil, authority: String,
    revocationList: String, requiresCurrentList: Bool = false
  ) {
    self.certificate = certificate
    self.key = key
    self.passphrase = passphrase
    self.authority = authority
    self.revocationList = revocationList
    self.requiresCurrentList = requiresCurrentList
  }
}

extension TLSConfiguration {
  init(
    _ role: Role, _ files: CredentialFiles, sessions: TLSSessionCache? = nil,
    strangerProtocol: String? = nil, acceptsPeerURI: @escaping @Sendable (_ uri: String) -> Bool
  ) {
    self.init(
      role: role, certificateChain: .file(path: files.certificate),
      privateKey: .file(path: files.key), authorities: .file(path: files.authority),
      revocationLists: .file(path: files.revocationList), sessions: sessions,
      strangerProtocol: strangerProtocol, acceptsPeerURI: acceptsPeerURI)
    passphrase = files.passphrase
    requiresCurrentLists = files.requiresCurrentList
  }
}
