import OfficeSyncProtocol
import Synchronization

/// What the loop hands to the writing task.
enum Outbound: Sendable {
  case frame(Frame)
  case reportDrained
  /// From here on compressed frames may go out.
  case compress
  /// From here on the session is silent for most of its time.
  case settle
}

/// What waits to be written. The one who writes takes all of it together: what goes out in one burst compresses better.
final class Outbox: Sendable {
  /// An element whenever something may wait; it ends with the last that was put in.
  let bursts: AsyncStream<Void>
  private let bell: AsyncStream<Void>.Continuation
  private let waiting = Mutex<[Outbound]>([])

  init() {
    (bursts, bell) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
  }

  func put(_ item: Outbound) {
    waiting.withLock { $0.append(item) }
    bell.yield()
  }

  func take() -> [Outbound] {
    waiting.withLock { waiting in
      defer { waiting = [] }
      return waiting
    }
  }

  func finish() { bell.finish() }
}
