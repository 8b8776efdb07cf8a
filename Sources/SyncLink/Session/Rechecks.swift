import OfficeSyncSecureTransport
import Synchronization

/// The open sessions of a process, to be looked at again when something changes that they were let in by.
public final class Rechecks: Sendable {
  enum Occasion: Sendable {
    /// Authorities or revocation lists.
    case trust(TLSContext)
    case access
  }

  typealias Check = @Sendable (Occasion) async -> Void

  private struct State {
    var checks: [Int: Check] = [:]
    var waiting: [Int: AsyncStream<Void>.Continuation] = [:]
    var last = 0
    var context: TLSContext?
  }

  private let state = Mutex(State())

  public init() {}

  /// Every peer is verified again, by what this context has been made of; whoever does not pass is thrown out.
  public func trustChanged(_ context: TLSContext) {
    let (checks, waiting) = state.withLock { state in
      state.context = context
      return (state.checks, state.waiting)
    }
    announce(.trust(context), to: checks)
    for continuation in waiting.values { continuation.yield() }
  }

  /// Waits for so long, or until trust changes, if that is before: what failed for want of it may be tried again.
  ///
  /// - Returns: whether trust changed.
  func wait(_ time: Duration) async -> Bool {
    let (changes, continuation) = AsyncStream<Void>.makeStream()
    let number = state.withLock { state in
      state.last += 1
      state.waiting[state.last] = continuation
      return state.last
    }
    defer { state.withLock { $0.waiting[number] = nil } }
    let timer = Task {
      try? await Task.sleep(for: time)
      continuation.finish()
    }
    defer { timer.cancel() }
    for await _ in changes { return true }
    return false
  }

  /// Every request that is under way is held against the grants again.
  public func accessChanged() {
    announce(.access, to: state.withLock { $0.checks })
  }

  /// Verified at once if trust has changed before: the connection may have been made by what was in force until then.
  func add(_ check: @escaping Check) -> Int {
    let (number, context) = state.withLock { state in
      state.last += 1
      state.checks[state.last] = check
      return (state.last, state.context)
    }
    if let context { announce(.trust(context), to: [number: check]) }
    return number
  }

  func remove(_ number: Int) {
    state.withLock { $0.checks[number] = nil }
  }

  private func announce(_ occasion: Occasion, to checks: [Int: Check]) {
    for check in checks.values {
      Task { await check(occasion) }
    }
  }
}
