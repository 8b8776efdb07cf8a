import Synchronization

/// A connection between the socket and the task that serves it.
///
/// One that is lost on this way, because the listener gives up or is closed at that moment, closes itself: NIO traps when
/// a channel that is meant to be run is just dropped.
final class AcceptedConnection: Sendable {
  private let connection: SecureConnection
  private let isTaken = Mutex(false)

  init(_ connection: SecureConnection) {
    self.connection = connection
  }

  /// Hands the connection over: it is the caller's to run or to close.
  func take() -> SecureConnection {
    isTaken.withLock { $0 = true }
    return connection
  }

  deinit {
    guard !isTaken.withLock({ $0 }) else { return }
    Task { [connection] in await connection.close() }
  }
}
