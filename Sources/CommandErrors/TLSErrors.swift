import OfficeSyncCommandSupport
import OfficeSyncSecureTransport

/// Refusals of certificates and identities. Names that begin with `server-` are about the server's certificate, the
/// others about this side's.
extension CommandError {
  /// - Parameter server: the address that was dialled.
  public init(_ error: TLSError, server: String = "the server") {
    if let alert = error.peerAlert {
      self.init(alert, from: server)
    } else {
      self =
        Self.ownFiles(error) ?? Self.serverCertificate(error, server)
        ?? Self.transport(error, server)
    }
  }

  /// What is wrong with this side's own files.
  private static func ownFiles(_ error: TLSError) -> CommandError? {
    let message = "\(error.reason.firstUppercased)."
    switch error.code {
    case .ownCertificateExpired: return .certificateExpired(message)
    case .ownCertificateNotYetValid: return .certificateNotYetValid(message)
    case .certificateUnreadable:
      return CommandError(
        .notAllowed, "certificate-unreadable", message,
        remedy: "Put the certificate from `syncserver pki issue` there, or name it with `--cert`.")
    case .keyUnreadable:
      return CommandError(
        .notAllowed, "key-unreadable", message,
        remedy: "Put the key of the certificate there, or name it with `--key`.")
    case .keyLocked:
      return CommandError(
        .notAllowed, "passphrase-needed", message,
        remedy: """
          Name the file that holds it with `--passphrase-file` (for a store also in config.toml), or run the command on a \
          terminal, which is asked for it.
          """)
    case .passphraseWrong:
      return CommandError(
        .notAllowed, "passphrase-wrong", message,
        remedy: "Give the one that the key was protected with; nobody can open it without.")
    case .passphraseUnreadable:
      return CommandError(
        .notAllowed, "passphrase-unreadable", message,
        remedy:
          "Put the passphrase into the first line of the file that `--passphrase-file` names, or that config.toml does."
      )
    case .keyExposed:
      return CommandError(
        .notAllowed, "key-readable-by-others", message,
        remedy: "Then consider whether someone has read it.")
    case .keyMismatch:
      return CommandError(
        .notAllowed, "key-mismatch", message,
        remedy: "Name the two that belong together with `--cert` and `--key`.")
    case .authorityUnreadable:
      return CommandError(
        .notAllowed, "authority-unreadable", message,
        remedy: "Put the ca.pem of `syncserver pki init` there, or name it with `--ca`.")
    case .revocationListUnreadable, .revocationListRejected:
      return CommandError(
        .notAllowed, "revocation-list-unusable", message,
        remedy: "Fetch the authority's current crl.pem.")
    default: return nil
    }
  }

  /// Why this side refused the server.
  private static func serverCertificate(_ error: TLSError, _ server: String) -> CommandError? {
    let message = "\(server) was refused: \(error.reason)."
    switch error.code {
    case .unknownAuthority:
      return CommandError(
        .notAllowed, "server-unknown-authority", message,
        remedy: "Check that `--ca` names your organisation's ca.pem and that this is your server.")
    case .noCertificate, .certificateRejected:
      return CommandError(
        .notAllowed, "server-certificate-rejected", message,
        remedy: "Tell whoever runs the server; it needs a certificate of `syncserver pki issue`.")
    case .certificateExpired:
      return CommandError(
        .notAllowed, "server-certificate-expired", message,
        remedy: "If this clock is right, tell whoever runs the server: it needs a new certificate.")
    case .certificateNotYetValid:
      return CommandError(
        .notAllowed, "server-certificate-not-yet-valid", message,
        remedy: "Check this machine's clock, then the server's certificate.")
    case .certificateRevoked:
      return CommandError(
        .notAllowed, "server-certificate-revoked", message,
        remedy: "Do not trust this server; ask whoever runs the authority.")
    case .hostNameMismatch:
      return CommandError(
        .notAllowed, "server-host-mismatch", message,
        remedy:
          "Use the name in its certificate, or issue one with `pki issue --host` for this name.")
    case .wrongPurpose, .uriCount, .uriRefused:
      return CommandError(
        .notAllowed, "server-not-an-office", message,
        remedy: "Only a certificate of office/NAME makes a server; is someone posing as one?")
    case .nameNotPermitted:
      return CommandError(
        .notAllowed, "server-name-not-permitted", message,
        remedy: "Ask whoever runs the authority.")
    default: return nil
    }
  }

  /// Why the two could not agree on a secure connection.
  private static func transport(_ error: TLSError, _ server: String) -> CommandError {
    switch error.code {
    case .protocolVersion, .nothingShared:
      CommandError(
        .notAllowed, "tls-too-old",
        "\(server) offers no secure enough connection: \(error.reason).",
        remedy: "It must speak TLS 1.3; is this the OfficeSync server?")
    case .notTLS:
      CommandError(
        .protocolViolation, "not-tls", "\(server) does not answer in TLS: \(error.reason).",
        remedy: "Check host and port: something else listens there.")
    case .noApplicationProtocol:
      CommandError(
        .protocolViolation, "not-officesync", "\(server) is no OfficeSync server: \(error.reason).",
        remedy: "Check host and port.")
    case .protocolViolation, .handshakeTooLarge:
      CommandError(
        .protocolViolation, "tls-broken", "\(server) broke the rules of TLS: \(error.reason).",
        remedy: "Check host and port, and whether something on the way alters the traffic.")
    case .handshakeTimeout, .closedDuringHandshake, .truncated, .writeLimit, .turnedAway:
      CommandError(
        .unreachable, "link-broken", "The link to \(server) broke: \(error.reason).",
        remedy: "What was done is kept; run the same command again to go on.")
    default:
      CommandError(
        .storage, "tls-failed", "TLS cannot be used here: \(error.reason).",
        remedy: "Check the installation of OpenSSL; report it if it comes back.")
    }
  }

  /// What the server said when it refused this side.
  private init(_ alert: TLSAlert, from server: String) {
    let message = "\(server) refused the connection: \(alert.meaning)."
    switch alert {
    case .certificateExpired: self = .certificateExpired(message)
    case .certificateRevoked:
      self = CommandError(
        .notAllowed, "certificate-revoked", message,
        remedy: "Ask whoever runs the authority for a new one, if you should still have access.")
    case .unknownCA:
      self = CommandError(
        .notAllowed, "certificate-unknown-authority", message,
        remedy: "Use the certificate that your organisation's authority issued (`--cert`).")
    case .certificateRequired:
      self = CommandError(
        .notAllowed, "certificate-missing", message,
        remedy: "Name this side's certificate and key with `--cert` and `--key`.")
    case .badCertificate, .unsupportedCertificate, .certificateUnknown, .accessDenied,
      .handshakeFailure, .unrecognizedName:
      self = CommandError(
        .notAllowed, "certificate-refused", message,
        remedy: "Check this machine's clock and that the certificate is this device's own.")
    case .protocolVersion, .insufficientSecurity:
      self = CommandError(
        .notAllowed, "tls-too-old", message,
        remedy: "It must speak TLS 1.3; is this the OfficeSync server?")
    case .noApplicationProtocol:
      self = CommandError(
        .protocolViolation, "not-officesync", message, remedy: "Check host and port.")
    case .internalError: self = .serverBusy(message)
    case .userCanceled:
      self = CommandError(
        .unreachable, "link-broken", message,
        remedy: "What was done is kept; run the same command again to go on.")
    default:
      self = CommandError(
        .protocolViolation, "tls-broken", message,
        remedy: "Check host and port, and whether something on the way alters the traffic.")
    }
  }

  static func serverBusy(_ message: String) -> CommandError {
    CommandError(
      .unreachable, "server-busy", message,
      remedy:
        "What was done is kept; run the same command again in a minute, and tell whoever runs the server if it comes back."
    )
  }

  private static func certificateExpired(_ message: String) -> CommandError {
    CommandError(
      .notAllowed, "certificate-expired", message,
      remedy: """
        If this machine's clock is right, get a new one from whoever runs the authority \
        (`syncserver pki issue`).
        """)
  }

  private static func certificateNotYetValid(_ message: String) -> CommandError {
    CommandError(
      .notAllowed, "certificate-not-yet-valid", message, remedy: "Check this machine's clock.")
  }
}

extension String {
  fileprivate var firstUppercased: String { prefix(1).uppercased() + dropFirst() }
}
