import Foundation
import OfficeSyncCommandSupport
import OfficeSyncRecords

/// The failures of `syncserver pki`; `docs/ERRORS.md` lists their names.
extension CommandError {
  static func noAuthority(at path: String) -> CommandError {
    CommandError(
      .usage, "no-authority", "There is no certificate authority at \(path).",
      remedy: "Make one with `syncserver pki init --dir DIR --organisation NAME`.")
  }

  static func authorityKeyMismatch(_ key: String, _ certificate: String) -> CommandError {
    authorityDamaged("\(key) and \(certificate) do not belong together.")
  }

  static func ledgerMissing(_ path: String) -> CommandError {
    authorityDamaged("\(path) is missing.")
  }

  static func ledgerDamaged(_ path: String, line: Int) -> CommandError {
    authorityDamaged("\(path), line \(line), is damaged.")
  }

  private static func authorityDamaged(_ message: String) -> CommandError {
    CommandError(
      .storage, "authority-damaged", message, remedy: "Put the folder back from its backup.")
  }

  static func authorityExpired(_ end: Date) -> CommandError {
    CommandError(
      .badData, "authority-expired",
      "The certificate authority ended on \(end.formatted(.iso8601)).",
      remedy: "Make a new one with `syncserver pki init`, and new certificates for everybody.")
  }

  static func badOrganisation(_ name: String) -> CommandError {
    CommandError(
      .badData, "bad-organisation", "'\(name)' cannot be the organisation in a certificate.",
      remedy: "Give --organisation a name of 1 to 64 characters, without line breaks.")
  }

  static func badHost(_ text: String) -> CommandError {
    CommandError(
      .badData, "bad-host", "'\(text)' is neither a host name nor an IP address.",
      remedy: "Give --host for instance rabat.example.ma or 192.0.2.7, without a port; names in"
        + " other scripts in their xn-- form.")
  }

  static func officesEnrol(_ identity: Identity) -> CommandError {
    CommandError(
      .badData, "bad-identity", "\(identity) is a field device: only an office enrols others.",
      remedy: "Name the office whose server is to enrol field devices.")
  }

  static func hostNeeded(_ identity: Identity) -> CommandError {
    CommandError(
      .usage, "host-needed", "\(identity) needs a host name, which clients check.",
      remedy: "Add --host with each name or address that the office is reached under.")
  }

  static func hostRefused(_ identity: Identity) -> CommandError {
    CommandError(
      .usage, "host-refused", "\(identity) is a field device: nobody connects to it.",
      remedy: "Leave --host out; only offices have host names.")
  }

  /// - Parameter why: how the request is wrong, as in "the certificate request WHY".
  static func badRequest(_ why: String) -> CommandError {
    CommandError(
      .badData, "bad-request", "The certificate request \(why).",
      remedy: "Take request.csr from the device's store, or make it anew there.")
  }

  static func requestOfOther(_ uri: String, not identity: Identity) -> CommandError {
    CommandError(
      .badData, "request-identity",
      "The certificate request is for \(uri), not for \(identity.uri).",
      remedy: "Issue it to the identity that it names, or make a new one on the device.")
  }

  static func unknownIdentity(_ identity: Identity, ledger: String) -> CommandError {
    CommandError(
      .badData, "unknown-identity",
      "This certificate authority never made a certificate for \(identity).",
      remedy: "Look for the right name in \(ledger).")
  }

  static func badIdentity(_ text: String) -> CommandError {
    CommandError(
      .badData, "bad-identity", "'\(text)' is no identity.",
      remedy: "Write office/NAME or field/NAME, NAME being up to 63 of a to z, 0 to 9 and -, not"
        + " beginning with -.")
  }
}
