import OfficeSyncCommandSupport
import OfficeSyncRecords

/// What one look at an office came to.
struct Finding: Hashable, Sendable {
  enum Grade: String, Sendable {
    case ok
    /// Nothing fails yet, or only a little does.
    case warning
    /// Something fails, or soon will.
    case problem
  }

  /// What was looked at; the names are part of the contract (`docs/CLI.md`).
  enum Check: String, CaseIterable, Sendable {
    case settings
    case certificate
    case authority
    case revocationList = "revocation-list"
    case enrolment
    case clock
    case disk
    case database
    case permissions
    case audit
    case listening
    case peers
    case recovery
  }

  var check: Check
  var grade: Grade
  /// A clause, which may hold outside text.
  var message: String
  /// What to do; nil where nothing is.
  var remedy: String?

  static func ok(_ check: Check, _ message: String) -> Finding {
    Finding(check: check, grade: .ok, message: message)
  }

  static func warning(_ check: Check, _ message: String, _ remedy: String) -> Finding {
    Finding(check: check, grade: .warning, message: message, remedy: remedy)
  }

  static func problem(_ check: Check, _ message: String, _ remedy: String) -> Finding {
    Finding(check: check, grade: .problem, message: message, remedy: remedy)
  }

  /// What failed, as the command that needs it would say it.
  static func failure(_ check: Check, _ error: CommandError) -> Finding {
    problem(check, error.message.clause, error.remedy.clause)
  }

  /// For a log.
  var line: String { remedy.map { "\(message): \($0)" } ?? message }

  var json: JSONValue {
    .object([
      JSONMember("check", .string(check.rawValue)), JSONMember("grade", .string(grade.rawValue)),
      JSONMember("message", .string(message)),
      JSONMember("remedy", remedy.map { .string($0) } ?? .null),
    ])
  }
}

extension String {
  /// A sentence without its full stop.
  fileprivate var clause: String { hasSuffix(".") ? String(dropLast()) : self }
}
