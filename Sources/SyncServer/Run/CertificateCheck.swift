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
  /// So long before the end of a certificate or a list it is time to renew it.
  static let noticeSeconds: Int64 = 14 * 86_400

  let credentials: ServerCredentials
  let path: String

  /// - Throws: `CommandError` `identity-differs` (64) unless the certificate is the store's own.
  func requireIdentity(_ identity: Identity) throws(CommandError) {
    try identity.requireCertificate(path, naming: credentials.context.certificate.uris)
  }

  /// - Parameter seconds: now, since 1970.
  func warnings(at seconds: Int64) -> [String] {
    var warnings: [String] = []
    if !credentials.hasHostNames { warnings.append(RunTexts.noHostNames) }
    if !mayServe { warnings.append(RunTexts.notForServers) }
    if credentials.notAfterSeconds - seconds < Self.noticeSeconds {
      warnings.append(RunTexts.certificateEnds(text(of: credentials.notAfterSeconds)))
    }
    if let due = credentials.revocationListDueSeconds {
      if due < seconds {
        warnings.append(RunTexts.revocationListEnded(text(of: due)))
      } else if due - seconds < Self.noticeSeconds {
        warnings.append(RunTexts.revocationListEnds(text(of: due)))
      }
    } else {
      warnings.append(RunTexts.noRevocationList)
    }
    return warnings
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

  private func text(of seconds: Int64) -> String {
    Date(timeIntervalSince1970: TimeInterval(seconds)).formatted(.iso8601)
  }
}
