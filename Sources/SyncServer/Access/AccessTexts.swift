import OfficeSyncCommandSupport
import OfficeSyncRecords
import OfficeSyncStorage

/// The words of `syncserver access` that people read.
enum AccessTexts {
  static func stands(_ grant: Grant) -> Prose {
    switch (grant.access, grant.scope) {
    case (.none, .collection(let name)): "\(grant.subject) has no grant for \(name)."
    case (.none, .allCollections): "\(grant.subject) has no grant for all collections."
    case (.read, .collection(let name)): "\(grant.subject) may read \(name)."
    case (.read, .allCollections): "\(grant.subject) may read all collections."
    case (.write, .collection(let name)): "\(grant.subject) may read and write \(name)."
    case (.write, .allCollections): "\(grant.subject) may read and write all collections."
    }
  }

  static func access(_ access: Access) -> String {
    switch access {
    case .none: ""
    case .read: "read"
    case .write: "read write"
    }
  }

  static let nothingGranted: Prose = "Nothing is granted: nobody may read or write anything."
  static let columnIdentity = "Identity"
  static let columnCollection = "Collection"
  static let columnAccess = "Access"
}

/// The failures of `syncserver access`; `docs/ERRORS.md` lists their names.
extension CommandError {
  static func badSubject(_ text: String) -> CommandError {
    CommandError(
      .badData, "bad-identity", "'\(text)' is no identity.",
      remedy: "Write office/NAME or field/NAME, or 'office/*' or 'field/*' for a whole role.")
  }
}
