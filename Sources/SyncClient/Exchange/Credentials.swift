import OfficeSyncCommandErrors
import OfficeSyncCommandSupport
import OfficeSyncRecords
import OfficeSyncSecureTransport
import OfficeSyncSyncLink

/// What this store shows a server, and whom it trusts.
enum Credentials {
  /// - Throws: `CommandError`: `identity-differs` (64) for a certificate that is not this store's; 77 for what cannot be
  ///   used.
  static func context(_ settings: NetworkSettings, for identity: Identity) throws -> TLSContext {
    let context = try context(settings)
    try require(context, settings, toName: identity)
    return context
  }

  /// - Throws: `CommandError` `identity-differs` (64) for a certificate that is not this store's.
  static func require(
    _ context: TLSContext, _ settings: NetworkSettings, toName identity: Identity
  ) throws {
    try identity.requireCertificate(settings.certificate, naming: context.certificate.uris)
  }

  /// For a program without a store, which is who its certificate says: an office.
  /// - Throws: `CommandError`: `offices-only` (77); 77 for what cannot be used.
  static func officeContext(_ settings: NetworkSettings) throws -> (TLSContext, Identity) {
    let context = try context(settings)
    let uris = context.certificate.uris
    guard uris.count == 1, let identity = try? Identity(uri: uris[0]), identity.role == .office
    else { throw CommandError.couriersAreOffices(settings.certificate) }
    return (context, identity)
  }

  /// Without knowing yet whose store it is for.
  /// - Throws: `CommandError`: 77 for what cannot be used.
  static func context(_ settings: NetworkSettings) throws -> TLSContext {
    do {
      return try TLSContext(dialling: settings.files)
    } catch {
      throw CommandError(error)
    }
  }
}

extension NetworkSettings {
  /// The settings with the passphrase of the key, if somebody has to be asked for it.
  ///
  /// - Throws: `CancellationError`
  func opened(on console: Console) throws -> NetworkSettings {
    var opened = self
    opened.passphrase = try passphrase.asked(toOpen: [key], on: console)
    return opened
  }

  /// What this store shows, and whom it trusts.
  var files: CredentialFiles {
    CredentialFiles(
      certificate: certificate, key: key, passphrase: passphrase.passphrase, authority: authority,
      revocationList: revocationList)
  }
}
