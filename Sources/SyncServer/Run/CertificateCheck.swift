import Foundation
import OfficeSyncCommandErrors
import OfficeSyncCommandSupport
import OfficeSyncRecords
import OfficeSyncSecureTransport
import OfficeSyncSyncLink
import SwiftASN1
import X509

/// What an administrator should know of a server's certificate and revocation list before somebody is turned away.
struct CertificateCheck {
  let credentials: ServerCredentials
  let path: String

  /// - Throws: `CommandError` `identity-differs` (64) unless the certificate is the store's own.
  func requireIdentity(_ identity: Identity) throws(CommandError) {
    try identity.requireCertificate(path, naming: credentials.context.certificate.uris)
  }

  /// - Parameter seconds: now, since 1970.
  func warnings(at seconds: Int64) -> [String] {
    terms.findings(at: seconds).filter { $0.grade != .ok }.map(\.line)
  }

  var terms: CertificateTerms {
    CertificateTerms(
      endSeconds: credentials.notAfterSeconds,
      authorityEndSeconds: credentials.authorityNotAfterSeconds,
      listDueSeconds: credentials.revocationListDueSeconds,
      requiresCurrentList: credentials.requiresCurrentList,
      hasHostNames: credentials.hasHostNames, mayServe: mayServe)
  }

  /// A certificate that states its uses must name serving among them, or every client refuses it (RFC 5280, section
  /// 4.2.1.12).
  private var mayServe: Bool {
    guard let bytes = try? SecureFile.readIfPresent(path),
      let document = try? PEMDocument.parseMultiple(
        pemString: String(decoding: bytes, as: UTF8.self)
      ).first,
      let certificate = try? Certificate(pemDocument: document),
      let usages = try? certificate.extensions.extendedKeyUsage
    else { return true }
    return usages.contains(.serverAuth) || usages.contains(.any)
  }
}
