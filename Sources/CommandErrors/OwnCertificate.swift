import OfficeSyncCommandSupport
import OfficeSyncRecords

extension Identity {
  /// Checks that a certificate is made out to this identity, the store's own, and to nobody else.
  ///
  /// - Parameters:
  ///   - path: the certificate's file, for the error.
  ///   - uris: those that the certificate names.
  /// - Throws: `CommandError` `identity-differs` (64)
  public func requireCertificate(_ path: String, naming uris: [String]) throws(CommandError) {
    if uris == [uri] { return }
    let owners = uris.map { (try? Identity(uri: $0))?.description ?? $0 }
    let whose = owners.isEmpty ? "nobody" : owners.joined(separator: " and ")
    throw CommandError(
      .usage, "identity-differs",
      "The certificate \(path) is made out to \(whose), and the store is \(self)'s.",
      remedy: "Name the store's own certificate with `--cert` and `--key`, or another `--data`.")
  }
}
