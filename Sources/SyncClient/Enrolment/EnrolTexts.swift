import OfficeSyncCommandSupport
import OfficeSyncProtocol
import OfficeSyncRecords

/// The words of `syncclient enrol` that people read.
enum EnrolTexts {
  static func enrolled(_ identity: Identity, by office: Identity) -> Prose {
    "\(office) has certified this device as \(identity)."
  }

  static func access(_ access: EnrolmentMessage.Access) -> Prose {
    access.directions.contains(.push)
      ? "It may read and write \(access.collection)." : "It may read \(access.collection)."
  }

  static let noAccess: Prose = "It may reach no collection yet: the office has to grant it one."

  static func renewed(until end: String) -> Prose {
    "The office has renewed this device's certificate, until \(end)."
  }

  static func notRenewed(until end: String, _ reason: String) -> Prose {
    "This device's certificate ends on \(end), and could not be renewed: \(reason) Ask the office for a token before that."
  }

  static func trusts(_ count: Int, _ path: String) -> Prose {
    count == 1
      ? "The office trusts a further authority; so does this device from now on (\(path))."
      : "The office trusts \(count) further authorities; so does this device from now on (\(path))."
  }

  static func officeEnds(at end: String, _ office: Identity) -> Prose {
    """
    warning: this office's certificate ends on \(end): whoever holds the organisation's authority issues another with \
    `syncserver pki issue`, for \(office).
    """
  }

  static let askPIN: Prose = "The number that the office told you: "
}

/// The failures of `syncclient enrol`; `docs/ERRORS.md` lists their names.
extension CommandError {
  static func badToken(_ error: EnrolmentTokenError) -> CommandError {
    switch error {
    case .notAToken:
      CommandError(
        .badData, "bad-token", "This is no token: one begins with officesync1-.",
        remedy: "Copy it from what `syncserver enrol` printed.")
    case .incomplete:
      CommandError(
        .badData, "bad-token", "The token is not whole, or was changed on its way.",
        remedy: "Copy it once more, from the first letter to the last.")
    case .newer:
      CommandError(
        .badData, "bad-token", "The token says something that this version does not know.",
        remedy: "Update this program.")
    }
  }

  static let pinNeeded = CommandError(
    .usage, "pin-needed", "The token is good only together with a number.",
    remedy: "Give the number that the office told you with `--pin`.")

  static func otherDevice(_ identity: Identity, not own: Identity, at path: String) -> CommandError
  {
    CommandError(
      .usage, "identity-differs",
      "The token is for \(identity), and the store at \(path) is \(own)'s.",
      remedy: "Name another folder with `--data`, or ask the office for a token for \(own).")
  }
}
