import OfficeSyncProtocol
import OfficeSyncReplication
import OfficeSyncSecureTransport

/// Why somebody, or what somebody asked for, was turned away.
public struct Refusal: Hashable, Sendable {
  /// A word for machines, which stays as it is.
  public var code: String
  /// A clause for people; it may hold outside text.
  public var reason: String

  public init(code: String, reason: String) {
    self.code = code
    self.reason = reason
  }

  /// Why a connection came to no session.
  public init(_ error: LinkError) {
    self.init(code: error.code, reason: error.message)
  }

  /// Why one collection of a session, or all of it, was refused by this side.
  ///
  /// - Returns: nil for what the other side said.
  public init?(_ error: SessionError) {
    guard error.side == .here else { return nil }
    self.init(code: "\(error.code)".hyphenated, reason: error.message)
  }

  /// Why this side put an end to a session.
  ///
  /// - Returns: nil where nobody was refused: the link broke, the other side left, this one was stopped or failed.
  public init?(endOf error: LinkError) {
    switch error.kind {
    case .security(let cause) where cause.peerAlert == nil: self.init(error)
    case .session(let cause):
      switch cause.code {
      case .storage, .shuttingDown, .idle, .damaged, .knowledgeDiffers: return nil
      case .protocolViolation, .versionUnsupported, .notAllowed, .replicaOwnedByAnother,
        .clockAhead, .forked, .overLimit, .notTrusted, .busy, .unknown:
        self.init(cause)
      }
    case .unreachable, .broken, .security, .storage, .enrolment, .stopped: return nil
    }
  }
}

extension LinkError {
  fileprivate var code: String {
    switch kind {
    case .unreachable: "unreachable"
    case .broken: "broken-off"
    // What an alert said stands in the reason.
    case .security(let error):
      error.peerAlert == nil ? "\(error.code)".hyphenated : "refused-by-peer"
    case .session(let error): "\(error.code)".hyphenated
    case .storage: "storage"
    case .enrolment(let refusal): refusal.code.word
    case .stopped: "stopping"
    }
  }
}

extension EnrolmentRefusal.Code {
  fileprivate var word: String {
    switch self {
    case .expired: "token-expired"
    case .used: "token-used"
    case .unknown, .unknownToken, .wrongPIN, .tooManyAttempts, .unavailable, .unsuitableKey,
      .protocolViolation, .notDue, .notTrusted:
      "\(self)".hyphenated
    }
  }
}

extension String {
  /// `certificateExpired` as `certificate-expired`, `wrongPIN` as `wrong-pin`.
  fileprivate var hyphenated: String {
    var words = ""
    var wasUpper = true
    for character in self {
      if character.isUppercase, !wasUpper { words += "-" }
      wasUpper = character.isUppercase
      words += character.lowercased()
    }
    return words
  }
}
