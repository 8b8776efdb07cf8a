import Synchronization

/// When something last came from the peer.
final class Activity: Sendable {
  private let last = Mutex(ContinuousClock.now)

  func note() {
    last.withLock { $0 = .now }
  }

  var quietTime: Duration { last.withLock { .now - $0 } }
}
