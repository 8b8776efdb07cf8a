import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncSecureTransport

/// A server's certificate, key, authorities and revocation list, read from files and ready for connections.
public struct ServerCredentials: Sendable {
  public let context: TLSContext
  /// The certificate's only URI as an identity; nil if it has none, or several, or another one.
  public let identity: Identity?
  /// Whether the certificate names a host or an address that clients could check.
  public let hasHostNames: Bool
  /// Seconds since 1970 at which the certificate ends.
  public let notAfterSeconds: Int64
  /// Seconds since 1970 at which the last of the authorities ends.
  public let authorityNotAfterSeconds: Int64
  /// Seconds since 1970 at which the revocation list falls due; nil without one.
  public let revocationListDueSeconds: Int64?
  /// Whether nobody is let in without a list that is within its time.
  public let requiresCurrentList: Bool

  /// - Parameters:
  ///   - sessions: where to keep what lets clients come back without certificates; nil for nowhere.
  ///   - enrols: whether devices that are not known yet may ask for their first certificate.
  /// - Throws: ``LinkError`` `.security`
  public init(
    _ files: CredentialFiles, sessions: TLSSessionCache? = nil, enrols: Bool = false
  ) throws(LinkError) {
    do {
      context = try TLSContext(
        TLSConfiguration(
          .server, files, sessions: sessions,
          strangerProtocol: enrols ? Limits.enrolmentProtocol : nil,
          acceptsPeerURI: { (try? Identity(uri: $0)) != nil }))
    } catch {
      throw LinkError(error)
    }
    requiresCurrentList = files.requiresCurrentList
    let facts = context.certificate
    identity = facts.uris.count == 1 ? try? Identity(uri: facts.uris[0]) : nil
    hasHostNames = !facts.hostNames.isEmpty || !facts.addresses.isEmpty
    notAfterSeconds = facts.notAfterSeconds
    authorityNotAfterSeconds = context.authoritiesNotAfterSeconds.max() ?? 0
    revocationListDueSeconds = context.revocationListDueSeconds
  }
}
