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

  static func madeEnrolment(
    _ folder: AuthorityFolder, for office: Identity, until end: Date
  ) -> Prose {
    "Made an authority that lets \(office) enrol field devices, in \(folder.path), good until \(end.formatted(.iso8601))."
  }

  static func enrolsDevices(_ folder: AuthorityFolder) -> Prose {
    "Whoever reads \(folder.keyPath) can pretend to be any field device, but no office."
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
}
