import OfficeSyncProtocol
import Synchronization

/// What the loop hands to whoever writes.
enum Outbound: Sendable {
  case frame(Frame)
  case reportDrained
  /// From here on compressed frames may go out.
  case compress
  /// From here on the session is silent for most of its time.
  case settle
}

/// What waits to be written. A task writes as long as something waits, and takes all of it together: what goes out in one burst
/// compresses better. While nothing waits there is none.
final class Outbox: Sendable {
  private struct State {
    var waiting: [Outbound] = []
    /// At work until nothing waits.
    var task: Task<Void, Never>?
    var hasFailed = false
  }

  private let write: @Sendable ([Outbound]) async throws -> Void
  private let state = Mutex(State())

  /// - Parameter write: called with one burst after the other; when it has thrown, it is not called again, and what is put in is
  ///   dropped.
  init(write: @escaping @Sendable ([Outbound]) async throws -> Void) {
    self.write = write
  }

  func put(_ item: Outbound) {
    state.withLock { state in
      if state.hasFailed { return }
      state.waiting.append(item)
      if state.task == nil { state.task = Task { await writeAll() } }
    }
  }

  /// What writes what waits now; nil if nothing does.
  var work: Task<Void, Never>? { state.withLock { $0.task } }

  private func writeAll() async {
    while let burst = take() {
      do { try await write(burst) } catch {
        state.withLock { $0 = State(hasFailed: true) }
        return
      }
    }
  }

  private func take() -> [Outbound]? {
    state.withLock { state in
      if state.waiting.isEmpty {
        state.task = nil
        return nil
      }
      defer { state.waiting = [] }
      return state.waiting
    }
  }
}
