import Dispatch
import Foundation
import Synchronization

/// Turns the first SIGINT or SIGTERM into a call, and ends the process at the second.
///
/// A command is given ``grace`` to finish what is in flight; then the process ends all the same.
/// Nothing is lost by that: what was stored is durable, and the next run goes on from there.
final class SignalWatch: Sendable {
  /// Dispatch objects may be used from any thread; their Swift types do not say so.
  private struct Source: @unchecked Sendable {
    let source: any DispatchSourceSignal
  }

  private struct State {
    var received: Int32?
    var action: (@Sendable () -> Void)?
    var sources: [Source] = []
  }

  private static let grace = DispatchTimeInterval.seconds(10)

  private let signals: [Int32]
  private let queue = DispatchQueue(label: "officesync.signals")
  private let state = Mutex(State())

  init(_ signals: [Int32] = [SIGINT, SIGTERM]) {
    self.signals = signals
  }

  deinit {
    state.withLock { state in
      for watched in state.sources { watched.source.cancel() }
    }
  }

  /// The first signal that came.
  var received: Int32? { state.withLock { $0.received } }

  /// What to do on the first signal; at once if it came already.
  func onSignal(_ action: @escaping @Sendable () -> Void) {
    let isLate = state.withLock { state in
      state.action = action
      return state.received != nil
    }
    if isLate { action() }
  }

  /// Begins to watch, and returns when it does: from then on the signals no longer end the process
  /// by themselves.
  func start() {
    let registrations = DispatchGroup()
    for number in signals {
      #if os(macOS)
        // On Linux Dispatch sets a handler of its own. Ignoring the signal until then would lose
        // one that comes at the very start, where it may as well end the process.
        signal(number, SIG_IGN)
      #endif
      let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
      source.setEventHandler { [weak self] in self?.handle(number) }
      registrations.enter()
      source.setRegistrationHandler { registrations.leave() }
      source.activate()
      let watched = Source(source: source)
      state.withLock { $0.sources.append(watched) }
    }
    registrations.wait()
  }

  private func handle(_ number: Int32) {
    let (isFirst, action) = state.withLock { state in
      let isFirst = state.received == nil
      state.received = state.received ?? number
      return (isFirst, state.action)
    }
    guard isFirst else { _exit(128 + number) }
    queue.asyncAfter(deadline: .now() + Self.grace) { [weak self] in
      // The command that was watched may be over, and the process with other work (a run of tests).
      if self != nil { _exit(128 + number) }
    }
    action?()
  }
}
