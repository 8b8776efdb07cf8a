import OfficeSyncRecords
import OfficeSyncSecureTransport

extension TLSContext {
  /// For connecting to offices with these certificates.
  /// - Throws: `TLSError`
  public convenience init(dialling files: CredentialFiles) throws(TLSError) {
    var configuration = TLSConfiguration(
      role: .client, certificateChain: .file(path: files.certificate),
      privateKey: .file(path: files.key), authorities: .file(path: files.authority),
      revocationLists: .file(path: files.revocationList),
      acceptsPeerURI: { uri in (try? Identity(uri: uri))?.role == .office })
    configuration.passphrase = files.passphrase
    configuration.requiresCurrentLists = files.requiresCurrentList
    try self.init(configuration)
  }
}
