/// Paths of PEM files. A revocation list that does not exist revokes nobody.
public struct CredentialFiles: Hashable, Sendable {
  public var certificate: String
  public var key: String
  public var authority: String
  public var revocationList: String

  public init(certificate: String, key: String, authority: String, revocationList: String) {
    self.certificate = certificate
    self.key = key
    self.authority = authority
    self.revocationList = revocationList
  }
}
