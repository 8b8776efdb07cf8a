import OfficeSyncCommandSupport
import OfficeSyncProtocol

extension CommandError {
  /// Why an office gives a device no certificate.
  init(_ refusal: EnrolmentRefusal, server: String) {
    let askForNew = "Ask the office for a new token."
    switch refusal.code {
    case .unknownToken:
      self = CommandError(
        .notAllowed, "token-unknown", "\(server) has not given out this token.",
        remedy: "Copy it once more, whole; or ask the office for a new one.")
    case .expired:
      self = CommandError(
        .notAllowed, "token-expired", "The token has ended.", remedy: askForNew)
    case .used:
      self = CommandError(
        .notAllowed, "token-used", "Another device has used this token already.",
        remedy: "If it was not one of yours, tell the office at once; it gives out a new token.")
    case .wrongPIN:
      self = CommandError(
        .notAllowed, "wrong-pin", "The number is not the one that belongs to the token.",
        remedy: "Give the right one with `--pin`; after a few wrong ones the token is of no use.")
    case .tooManyAttempts:
      self = CommandError(
        .notAllowed, "too-many-attempts", "\(server) takes no more attempts: \(refusal.message).",
        remedy: "Wait ten minutes; if that does not help, ask the office for a new token.")
    case .unsuitableKey:
      self = CommandError(
        .notAllowed, "unsuitable-key", "\(server) does not certify keys of this kind.",
        remedy: "Use a key of the curve P-256.")
    case .notDue, .notTrusted:
      self = CommandError(
        .notAllowed, "certificate-refused",
        "\(server) does not renew this side's certificate: \(refusal.message).",
        remedy: "Ask the office for a token, and give it to `syncclient enrol`.")
    case .unavailable, .unknown:
      self = CommandError(
        .unreachable, "enrolment-unavailable",
        "\(server) cannot enrol this device now: \(refusal.message).",
        remedy: "Try again later; the server's log says more.")
    case .protocolViolation:
      self = CommandError(
        .protocolViolation, "protocol-violation",
        "\(server) did not keep to the protocol of enrolment: \(refusal.message).",
        remedy: "Bring both sides to the same version; report it if it comes back.")
    }
  }
}
