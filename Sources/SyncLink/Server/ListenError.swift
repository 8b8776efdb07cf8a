import Foundation
import NIOCore

/// Why a server cannot listen at an address.
public struct ListenError: Error, Hashable, Sendable {
  public var host: String
  public var port: Int
  /// Whether somebody else listens there already.
  public var isInUse: Bool
  /// What the system says: a clause without a full stop, English.
  public var reason: String

  init(host: String, port: Int, _ error: any Error) {
    self.host = host
    self.port = port
    switch error {
    case let error as IOError:
      isInUse = error.errnoCode == EADDRINUSE
      reason = String(cString: strerror(error.errnoCode))
    case is SocketAddressError:
      isInUse = false
      reason = "there is no such host"
    default:
      isInUse = false
      reason = "\(error)"
    }
  }
}
