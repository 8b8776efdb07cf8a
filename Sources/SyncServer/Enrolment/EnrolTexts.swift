import Foundation
import OfficeSyncCommandSupport
import OfficeSyncRecords
import OfficeSyncStorage

/// The words of `syncserver enrol` and of the server's log that people read.
enum EnrolTexts {
  static func token(for identity: Identity, until end: Date) -> Prose {
    "A token for \(identity), good for one device until \(end.formatted(.iso8601)); give it to nobody else:"
  }

  static func pin(_ pin: String) -> Prose {
    "Tell this number on another way, by telephone for instance: \(pin)"
  }

  static func withdrawn(_ count: Int, of identity: Identity) -> Prose {
    switch count {
    case 0: "\(identity) has no token that could be used."
    case 1: "Took back the token of \(identity)."
    default: "Took back \(count) tokens of \(identity)."
    }
  }

  static let none: Prose = "No token was given out."
  static let columnIdentity = "Identity"
  static let columnExpires = "Good until"
  static let columnUsed = "Used"
  static let columnAddress = "From"

  static let enrolled = "a field device was enrolled"
  static let renewed = "a field device's certificate was renewed"
  static let refused = "an enrolment was refused"
  static let failed = "an enrolment failed"
}

/// The failures of `syncserver enrol`; `docs/ERRORS.md` lists their names.
extension CommandError {
  static func notAFieldDevice(_ identity: Identity) -> CommandError {
    CommandError(
      .badData, "bad-identity", "\(identity) is an office, and only field devices are enrolled.",
      remedy: "Make its certificate with `syncserver pki issue`.")
  }

  static func noEnrolment(at path: String, _ office: Identity) -> CommandError {
    CommandError(
      .usage, "no-enrolment-authority",
      "This office cannot enrol devices: there is no authority at \(path).",
      remedy: "Make it with `syncserver pki enrolment --dir DIR \(office) --out \(path)`.")
  }

  static func noEnrolmentAddress(_ certificate: String) -> CommandError {
    CommandError(
      .usage, "no-address",
      "It is not known where devices reach this office: \(certificate) names no host.",
      remedy: "Give `--address HOST:PORT`.")
  }

  static func foreignCertificate(_ certificate: String, authorities: String) -> CommandError {
    CommandError(
      .usage, "untrusted-certificate",
      "\(certificate) comes from none of the authorities in \(authorities).",
      remedy: "Put the authority's ca.pem there.")
  }
}
