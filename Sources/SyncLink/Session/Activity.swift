import Synchronization

/// When something last came from the peer, and how long it may be silent.
final class Activity: Sendable {
  private let state: Mutex<(last: ContinuousClock.Instant, patience: Duration)>

  init(patience: Duration) {
    state = Mutex((.now, patience))
  }

  func note() {
    state.withLock { $0.last = .now }
  }

  var patience: Duration {
    get { state.withLock { $0.patience } }
    set { state.withLock { $0.patience = newValue } }
  }

  var quietTime: Duration { state.withLock { .now - $0.last } }
}
