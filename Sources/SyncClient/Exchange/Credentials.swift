import OfficeSyncCommandErrors
import OfficeSyncCommandSupport
import OfficeSyncRecords
import OfficeSyncSecureTransport

/// What this store shows a server, and whom it trusts.
enum Credentials {
  /// - Throws: `CommandError`: `identity-differs` (64) for a certificate that is not this store's; 77 for what cannot be
  ///   used.
  static func context(_ settings: NetworkSettings, for identity: Identity) throws -> TLSContext {
    let context: TLSContext
    do {
      context = try TLSContext(
        TLSConfiguration(
          role: .client, certificateChain: .file(path: settings.certificate),
          privateKey: .file(path: settings.key), authorities: .file(path: settings.authority),
          revocationLists: .file(path: settings.revocationList),
          acceptsPeerURI: { uri in (try? Identity(uri: uri))?.role == .office }))
    } catch {
      throw CommandError(error)
    }
    try identity.requireCertificate(settings.certificate, naming: context.certificate.uris)
    return context
  }
}
