import Foundation
import OfficeSyncCommandSupport
import OfficeSyncRecords

/// The words of `syncserver pki` that people read.
enum PKITexts {
  static func made(_ folder: AuthorityFolder, for organisation: String) -> Prose {
    "Made the certificate authority of \(organisation) in \(folder.path)."
  }

  static func keepSecret(_ folder: AuthorityFolder) -> Prose {
    "Keep \(folder.keyPath) secret and back it up: whoever reads it can pretend to be anybody."
  }

  static func issued(_ identity: Identity, until end: Date, _ files: IssuedFiles) -> Prose {
    "Wrote \(files.certificatePath) for \(identity), good until \(end.formatted(.iso8601))."
  }

  static func wroteKey(_ files: IssuedFiles) -> Prose {
    "Wrote its key \(files.keyPath): keep it secret."
  }

  static func revoked(_ count: Int, of identity: Identity) -> Prose {
    switch count {
    case 0: "\(identity) had no certificate left that could be used."
    case 1: "Revoked the certificate of \(identity)."
    default: "Revoked \(count) certificates of \(identity)."
    }
  }

  static func wroteList(_ folder: AuthorityFolder) -> Prose {
    "Wrote \(folder.revocationListPath), good for \(RevocationList.days) days."
  }

  // MARK: What to do next

  static func nextIssue(_ folder: AuthorityFolder) -> Prose {
    """
    Next, a certificate for the first office:
      syncserver pki issue --dir \(folder.path.shellWord) office/NAME --host NAME-OR-ADDRESS
    """
  }

  static func nextInit(_ identity: Identity, _ files: IssuedFiles, _ folder: AuthorityFolder)
    -> Prose
  {
    let cert = files.certificatePath.shellWord
    let key = files.keyPath.shellWord
    let ca = folder.certificatePath.shellWord
    return switch identity.role {
    case .office:
      """
      Next, on the office's machine (copy the files there):
        syncserver init --name \(identity.name) --cert \(cert) --key \(key) --ca \(ca) --crl \
      \(folder.revocationListPath.shellWord)
      """
    case .field:
      """
      Next, on the device (copy the files there):
        syncclient init --name \(identity.name) --server HOST:7443 --cert \(cert) --key \(key) \
      --ca \(ca)
      """
    }
  }

  /// After a request: whoever made it has the key already.
  static func nextCopy(_ identity: Identity, _ files: IssuedFiles, _ folder: AuthorityFolder)
    -> Prose
  {
    switch identity.role {
    case .office:
      """
      Next, copy \(files.certificatePath) into the office's store as identity.pem and \
      \(folder.certificatePath) as ca.pem, then there:
        syncserver run
      """
    case .field:
      """
      Next, copy \(files.certificatePath) into the device's store as identity.pem and \
      \(folder.certificatePath) as ca.pem, then there:
        syncclient sync
      """
    }
  }

  static func nextSpread(_ folder: AuthorityFolder) -> Prose {
    """
    Next, copy \(folder.revocationListPath) to every office, and there let the server read it:
      kill -HUP PROCESS-ID
    """
  }
}
