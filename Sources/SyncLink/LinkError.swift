import Foundation
import NIOCore
import NIOPosix
import OfficeSyncProtocol
import OfficeSyncReplication
import OfficeSyncSecureTransport
import OfficeSyncStorage

/// Why a link could not be made, or broke: everything that a connection, its security, a session or the store can throw,
/// under one name. Programs say it in their own words.
public struct LinkError: Error, Sendable {
  public enum Kind: Sendable {
    /// Nobody answers at the address, or there is no such host.
    case unreachable
    /// The connection broke, or the peer fell silent, before the session was over.
    case broken
    /// The handshake failed, or this side's certificates cannot be used.
    case security(TLSError)
    case session(SessionError)
    case storage(StorageError)
    /// An office gives this device no certificate.
    case enrolment(EnrolmentRefusal)
    /// This side was told to stop.
    case stopped
  }

  public var kind: Kind
  /// English, for logs.
  public var message: String

  public init(_ kind: Kind, _ message: String) {
    self.kind = kind
    self.message = message
  }

  /// Whether the other side has said, on a connection on which it had shown who it is, that it does not take this one:
  /// trying again is of no use before a person has done something about it.
  public var isRefusal: Bool {
    switch kind {
    case .security(let error):
      error.peerAlert.map(Self.refusals.contains) ?? false
    case .session(let error):
      error.side == .peer && Self.refusalCodes.contains(error.code)
    case .enrolment: true
    case .unreachable, .broken, .storage, .stopped: false
    }
  }

  /// What a server says of a client's certificate; it is said under keys that only the server has.
  private static let refusals: Set<TLSAlert> = [
    .badCertificate, .unsupportedCertificate, .certificateRevoked, .certificateExpired,
    .certificateUnknown, .certificateRequired, .unknownCA,
  ]

  private static let refusalCodes: Set<FailureCode> = [
    .notAllowed, .notTrusted, .replicaOwnedByAnother, .versionUnsupported,
  ]

  /// Sorts an error by what threw it.
  public init(_ error: any Error) {
    switch error {
    case let error as LinkError: self = error
    case let error as TLSError:
      switch error.code {
      case .truncated, .closedDuringHandshake, .handshakeTimeout:
        self.init(.broken, error.reason)
      default: self.init(.security(error), error.reason)
      }
    case let error as SessionError: self.init(.session(error), error.message)
    case let error as StorageError: self.init(.storage(error), "\(error)")
    case let error as EnrolmentRefusal: self.init(.enrolment(error), error.message)
    case let error as CodecError:
      self.init(
        .enrolment(EnrolmentRefusal(.protocolViolation, "\(error)")), "it is malformed: \(error)")
    case let error as FrameError:
      self.init(
        .enrolment(EnrolmentRefusal(.protocolViolation, "\(error)")), "it is no frame: \(error)")
    case ConversationError.peerLeft: self.init(.broken, "the connection ended before the session")
    case ConversationError.silent(let seconds):
      self.init(.broken, "nothing came for \(seconds) seconds")
    case ConversationError.noHello(let seconds):
      self.init(.broken, "no whole Hello came for \(seconds) seconds")
    case ConversationError.distrusted(let error): self.init(.security(error), error.reason)
    case ConversationError.stopping, is CancellationError:
      self.init(.stopped, "this side was told to stop")
    case let error as NIOConnectionError: self.init(.unreachable, error.reason)
    case is SocketAddressError: self.init(.unreachable, "there is no such host")
    case ChannelError.connectTimeout: self.init(.unreachable, "no answer in time")
    case let error as IOError: self.init(.broken, error.reason)
    default: self.init(.broken, "\(error)")
    }
  }
}

extension NIOConnectionError {
  /// What the last address that was tried said; all of them would be too much to read.
  fileprivate var reason: String {
    guard let failure = connectionErrors.last else { return "there is no such host" }
    switch failure.error {
    case let error as IOError: return error.reason
    case ChannelError.connectTimeout: return "no answer in time"
    default: return "\(failure.error)"
    }
  }
}

extension IOError {
  /// The system's word, without what NIO says around it.
  fileprivate var reason: String { String(cString: strerror(errnoCode)) }
}
