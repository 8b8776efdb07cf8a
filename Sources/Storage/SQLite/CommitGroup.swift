import Dispatch
import GRDB
import Synchronization

/// Has writers that wait for each other share one commit, and so one wait for the disk ("group commit": DeWitt et al.,
/// "Implementation Techniques for Main Memory Database Systems", 1984).
///
/// Whoever comes while nobody writes leads: it commits what is asked for by then, and hands the lead to the first that came
/// meanwhile. Nobody waits for company.
final class CommitGroup: Sendable {
  /// Unchecked: whoever asks waits until the leader has run it and signalled, and looks at it with the lock held since.
  private final class Member: @unchecked Sendable {
    /// Gone before its owner is woken: it may not outlive the call that it came with.
    var run: ((Database) throws -> Void)?
    var error: (any Error)?
    /// Whether it was woken to lead.
    var leads = false
    let woken = DispatchSemaphore(value: 0)

    init(_ run: @escaping (Database) throws -> Void) { self.run = run }
  }

  private struct State {
    var waiting: [Member] = []
    var isLed = false
  }

  private let writer: DatabaseQueue
  private let state = Mutex(State())

  init(_ writer: DatabaseQueue) { self.writer = writer }

  /// How many wait for the commit after the one under way.
  var waitingCount: Int { state.withLock { $0.waiting.count } }

  /// - Parameter body: may be run again, if somebody else's failed in the same transaction and all was rolled back.
  func write<T>(_ body: (Database) throws -> T) throws -> T {
    try withoutActuallyEscaping(body) { body in
      var result: T?
      let member = Member { result = try body($0) }
      if leads(member) { lead() }
      if let error = member.error { throw error }
      guard let result else { throw CancellationError() }  // never: what has not run has an error
      return result
    }
  }

  /// Waits until the member's turn is over, unless it is the one to lead.
  private func leads(_ member: Member) -> Bool {
    let isFirst = state.withLock { state in
      state.waiting.append(member)
      defer { state.isLed = true }
      return !state.isLed
    }
    if isFirst { return true }
    member.woken.wait()
    return state.withLock { _ in member.leads }
  }

  private func lead() {
    let group = state.withLock { state in
      defer { state.waiting = [] }
      return state.waiting
    }
    commit(group)
    for member in group { member.run = nil }
    let next = state.withLock { state in
      state.isLed = !state.waiting.isEmpty
      state.waiting.first?.leads = true
      return state.waiting.first
    }
    next?.woken.signal()
    for member in group { member.woken.signal() }
  }

  private func commit(_ group: [Member]) {
    var hasFailed = false
    do {
      try writer.write { db in
        for member in group {
          do { try member.run?(db) } catch {
            hasFailed = true
            throw error
          }
        }
      }
    } catch  where hasFailed && group.count > 1 {
      // Each by itself, so that nobody fails for another's sake.
      for member in group { commit([member]) }
    } catch {
      for member in group { member.error = error }
    }
  }
}
