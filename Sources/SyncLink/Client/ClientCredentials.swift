import OfficeSyncRecords
import OfficeSyncSecureTransport

extension TLSContext {
  /// For connecting to offices with these certificates.
  ///
  /// - Parameter strangerProtocol: see `TLSConfiguration`.
  /// - Throws: `TLSError`
  public convenience init(
    dialling files: CredentialFiles, strangerProtocol: String? = nil
  ) throws(TLSError) {
    try self.init(
      TLSConfiguration(
        .client, files, strangerProtocol: strangerProtocol,
        acceptsPeerURI: { uri in (try? Identity(uri: uri))?.role == .office }))
  }
}
