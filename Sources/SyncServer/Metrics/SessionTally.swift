import OfficeSyncReplication
import OfficeSyncSyncLink
import Synchronization

/// Counts what a running server's sessions came to, since it started.
final class SessionTally: Sendable {
  /// Who began a session.
  enum Side: String, CaseIterable, Sendable {
    /// Somebody came to this server.
    case visitor
    /// This server went to a standing peer.
    case peer
  }

  struct Counts: Hashable, Sendable {
    var sessions: UInt64 = 0
    /// Of these, those that did not end well.
    var failures: UInt64 = 0
    var recordsSent: UInt64 = 0
    var recordsReceived: UInt64 = 0
    var conflicts: UInt64 = 0
    var bytesSent: UInt64 = 0
    var bytesReceived: UInt64 = 0
  }

  struct State: Hashable, Sendable {
    var counts: [Side: Counts] = [:]
    /// Connections that were turned away before there was a session.
    var refused: UInt64 = 0
  }

  private let state = Mutex(State())
  private let changed: @Sendable () -> Void

  /// - Parameter changed: called after each count.
  init(changed: @escaping @Sendable () -> Void = {}) {
    self.changed = changed
  }

  var current: State { state.withLock { $0 } }

  func note(_ event: ListenerEvent) {
    switch event {
    case .refused:
      state.withLock { $0.refused += 1 }
      changed()
    case .connected: break
    case .exchanged(let summary): exchanged(summary.outcomes, with: .visitor)
    case .ended(let summary):
      ended(summary.outcomes, summary.traffic, isFailure: summary.failure != nil, with: .visitor)
    }
  }

  /// Collections were exchanged in a session that goes on.
  func exchanged(_ outcomes: [ChannelOutcome], with side: Side) {
    count(side) { $0.add(outcomes) }
  }

  func ended(
    _ outcomes: [ChannelOutcome], _ traffic: Traffic, isFailure: Bool, with side: Side
  ) {
    count(side) { counts in
      counts.sessions += 1
      if isFailure { counts.failures += 1 }
      counts.bytesSent += UInt64(clamping: traffic.bytesSent)
      counts.bytesReceived += UInt64(clamping: traffic.bytesReceived)
      counts.add(outcomes)
    }
  }

  private func count(_ side: Side, _ change: (inout Counts) -> Void) {
    state.withLock { change(&$0.counts[side, default: Counts()]) }
    changed()
  }
}

extension SessionTally.Counts {
  fileprivate mutating func add(_ outcomes: [ChannelOutcome]) {
    for outcome in outcomes {
      recordsSent += outcome.sent
      recordsReceived += outcome.received
      conflicts += outcome.newConflicts
    }
  }
}
