import NIOCore
import Synchronization

/// Rings after a time, and again whenever it said so.
///
/// While it waits there is no task, only an entry in the event loop's list: a server may have a thousand sessions that are
/// silent for nearly all of their time.
final class Alarm: Sendable {
  private struct State {
    var isOver = false
    var next: Scheduled<Void>?
  }

  private let loop: any EventLoop
  private let ring: @Sendable () async -> Duration?
  private let state = Mutex(State())

  /// - Parameter ring: says after which time it is to ring again; nil for never.
  init(on loop: any EventLoop, in time: Duration, ring: @escaping @Sendable () async -> Duration?) {
    self.loop = loop
    self.ring = ring
    set(for: time)
  }

  /// It may be ringing at this moment, and does not ring again.
  func cancel() {
    let next = state.withLock { state in
      state.isOver = true
      defer { state.next = nil }
      return state.next
    }
    next?.cancel()
  }

  private func set(for time: Duration) {
    state.withLock { state in
      if state.isOver { return }
      state.next = loop.scheduleTask(in: .nanoseconds(time.nanoseconds)) {
        Task {
          if let pause = await self.ring() { self.set(for: pause) }
        }
      }
    }
  }
}
