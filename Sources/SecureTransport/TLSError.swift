/// Why a connection or a context could not be made secure.
///
/// Equality is by `code` alone: it is what programs decide on. `reason` is one clause for people; it may hold text
/// from the peer's certificate, so whoever prints it escapes it. Neither ever holds a key.
public struct TLSError: Error, Sendable {
  /// What kind of failure it is. The list may grow.
  public struct Code: Hashable, Sendable {
    enum Kind: Hashable {
      case unknownAuthority, noCertificate
      case certificateExpired, certificateNotYetValid, certificateRevoked
      case hostNameMismatch, wrongPurpose, nameNotPermitted, certificateRejected
      case revocationListRejected
      case uriCount, uriRefused
      case noApplicationProtocol, protocolVersion, notTLS, nothingShared, protocolViolation
      case refusedByPeer(TLSAlert)
      case handshakeTimeout, handshakeTooLarge, closedDuringHandshake, truncated
      case writeLimit, turnedAway
      case certificateUnreadable, keyUnreadable, keyExposed, keyMismatch
      case keyLocked, passphraseWrong, passphraseUnreadable
      case authorityUnreadable, revocationListUnreadable
      case ownCertificateExpired, ownCertificateNotYetValid
      case configuration, library
    }

    let kind: Kind

    private init(_ kind: Kind) {
      self.kind = kind
    }

    /// The peer's certificate was not issued by an authority that this side trusts.
    public static let unknownAuthority = Code(.unknownAuthority)
    /// The peer presented no certificate.
    public static let noCertificate = Code(.noCertificate)
    /// The peer's certificate is past its time.
    public static let certificateExpired = Code(.certificateExpired)
    /// The peer's certificate, or the authority's, begins later than this machine's clock; often the clock is wrong.
    public static let certificateNotYetValid = Code(.certificateNotYetValid)
    /// The peer's certificate is on the revocation list.
    public static let certificateRevoked = Code(.certificateRevoked)
    /// The server's certificate is not made out to the name or address that was dialled.
    public static let hostNameMismatch = Code(.hostNameMismatch)
    /// The peer's certificate may not be used on that side of a connection (extended key usage).
    public static let wrongPurpose = Code(.wrongPurpose)
    /// The authority may not issue certificates for that name (name constraints).
    public static let nameNotPermitted = Code(.nameNotPermitted)
    /// The peer's certificate is unacceptable in another way; `reason` says which.
    public static let certificateRejected = Code(.certificateRejected)
    /// The local revocation list is itself not acceptable, so nobody can be checked against it.
    public static let revocationListRejected = Code(.revocationListRejected)
    /// The peer's certificate carries no URI, or several.
    public static let uriCount = Code(.uriCount)
    /// The peer's certificate is valid, but its URI was not accepted.
    public static let uriRefused = Code(.uriRefused)
    /// The peer did not agree on the application protocol (ALPN).
    public static let noApplicationProtocol = Code(.noApplicationProtocol)
    /// The peer does not speak TLS 1.3.
    public static let protocolVersion = Code(.protocolVersion)
    /// What the peer sent is not TLS: plain text, HTTP, noise.
    public static let notTLS = Code(.notTLS)
    /// Both speak TLS 1.3, but have no group, cipher or signature in common.
    public static let nothingShared = Code(.nothingShared)
    /// The peer broke the TLS protocol, or bytes were altered on the way.
    public static let protocolViolation = Code(.protocolViolation)
    /// The handshake did not complete in its time.
    public static let handshakeTimeout = Code(.handshakeTimeout)
    /// The peer sent more than `TLSLimits.handshakeBytesMax` without completing the handshake.
    public static let handshakeTooLarge = Code(.handshakeTooLarge)
    /// The peer hung up before the handshake was complete, without saying why.
    public static let closedDuringHandshake = Code(.closedDuringHandshake)
    /// The connection ended without the peer's farewell: what came may be incomplete.
    public static let truncated = Code(.truncated)
    /// More waits to be sent than `TLSLimits` allows while the peer takes nothing.
    public static let writeLimit = Code(.writeLimit)
    /// This side has no room for so many connections (``TLSTurnAway``).
    public static let turnedAway = Code(.turnedAway)
    /// This side's certificate file cannot be read as PEM.
    public static let certificateUnreadable = Code(.certificateUnreadable)
    /// This side's key file cannot be read as a PEM key.
    public static let keyUnreadable = Code(.keyUnreadable)
    /// This side's key file, or that of its passphrase, can be read by other users.
    public static let keyExposed = Code(.keyExposed)
    /// This side's key does not belong to its certificate.
    public static let keyMismatch = Code(.keyMismatch)
    /// This side's key is protected with a passphrase, and there is none.
    public static let keyLocked = Code(.keyLocked)
    /// The passphrase does not open this side's key, or the key is damaged.
    public static let passphraseWrong = Code(.passphraseWrong)
    /// The file of the passphrase cannot be read, or holds none.
    public static let passphraseUnreadable = Code(.passphraseUnreadable)
    /// The file of trusted authorities cannot be read as PEM, or holds none.
    public static let authorityUnreadable = Code(.authorityUnreadable)
    /// The revocation list cannot be read as PEM.
    public static let revocationListUnreadable = Code(.revocationListUnreadable)
    /// This side's own certificate is past its time.
    public static let ownCertificateExpired = Code(.ownCertificateExpired)
    /// This side's own certificate begins later than this machine's clock; often the clock is wrong.
    public static let ownCertificateNotYetValid = Code(.ownCertificateNotYetValid)
    /// A value that the program gave cannot be used.
    public static let configuration = Code(.configuration)
    /// OpenSSL failed in a way that is none of the above.
    public static let library = Code(.library)

    /// The peer refused this side, and said so with an alert.
    ///
    /// In TLS 1.3 a client completes its handshake before the server has seen its certificate, so this may arrive
    /// after `TLSHandshakeCompleted`, instead of the first answer.
    public static func refusedByPeer(_ alert: TLSAlert) -> Code {
      Code(.refusedByPeer(alert))
    }
  }

  public let code: Code

  /// What happened, as a clause without a capital or a full stop.
  public let reason: String

  /// OpenSSL's whole error queue, oldest first: for logs at debug level.
  public let librarySteps: [String]

  public init(_ code: Code, _ reason: String, librarySteps: [String] = []) {
    self.code = code
    self.reason = reason
    self.librarySteps = librarySteps
  }

  /// The peer's alert, when it was the peer who refused.
  public var peerAlert: TLSAlert? {
    guard case .refusedByPeer(let alert) = code.kind else { return nil }
    return alert
  }
}

extension TLSError: Equatable {
  public static func == (first: TLSError, second: TLSError) -> Bool {
    first.code == second.code
  }
}

extension TLSError.Code: CustomStringConvertible {
  public var description: String {
    if case .refusedByPeer(let alert) = kind { return "refusedByPeer(\(alert.name))" }
    return "\(kind)"
  }
}

extension TLSError: CustomStringConvertible, CustomDebugStringConvertible {
  public var description: String { reason }

  public var debugDescription: String {
    let steps = librarySteps.isEmpty ? "" : " [\(librarySteps.joined(separator: "; "))]"
    return "TLSError(\(code)): \(reason)\(steps)"
  }
}
