import Logging
import OfficeSyncCommandSupport
import OfficeSyncRecords
import Synchronization

/// Writes a running server's audit log, in the order in which things happened, and lets nobody wait for it.
///
/// What the disk does not take is counted, told in the server's log, and written down as lost as soon as there is room: a full
/// disk stops no session, and no entry is missed in silence.
final class AuditKeeper: Sendable {
  /// Entries that wait for the disk; beyond, they are lost, and counted.
  private static let waitingMax = 10_000
  private static let tickTime = Duration.milliseconds(Int64(ExchangeTally.pauseMilliseconds))

  /// What is told to the keeper, with when.
  enum News: Sendable {
    case entry(AuditEntry)
    /// An entry that may be told as a number.
    case refused(RepeatTally.Kind, AuditEntry)
    /// Likewise, of this identity; what the session carries is then told with what its others carried.
    case connected(String, session: String, AuditEntry)
    case exchanged(ExchangeTally.Key, who: [JSONMember], ExchangeTally.Counts, at: UInt64)
    case ended(session: String, at: UInt64)
    /// What waited may be due.
    case tick
  }

  private let log: AuditLog
  private let logger: Logger
  private let now: @Sendable () -> UInt64
  private let news: AsyncStream<News>
  private let telling: AsyncStream<News>.Continuation
  private let dropped = Mutex(0)

  /// - Parameter now: the wall clock, in milliseconds since 1970 UTC.
  init(_ log: AuditLog, logger: Logger, now: @escaping @Sendable () -> UInt64 = wallMilliseconds) {
    self.log = log
    self.logger = logger
    self.now = now
    (news, telling) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(Self.waitingMax))
  }

  func note(_ event: AuditEntry.Event, _ members: [JSONMember]) {
    note(.entry(AuditEntry(event, at: now(), members)))
  }

  func note(_ news: News) {
    if case .dropped = telling.yield(news) { dropped.withLock { $0 += 1 } }
  }

  /// Nothing comes after this; ``run()`` returns when all is written.
  func finish() { telling.finish() }

  /// Writes until ``finish()``.
  func run() async {
    var desk = AuditDesk()
    var isTickDue = false
    for await news in news {
      if case .tick = news { isTickDue = false }
      write(desk.take(news, at: now()), &desk)
      if desk.isWaiting, !isTickDue {
        isTickDue = true
        Task { [telling] in
          try? await Task.sleep(for: Self.tickTime)
          telling.yield(.tick)
        }
      }
    }
    write(desk.end(at: now()), &desk)
  }

  private func write(_ entries: [AuditEntry], _ desk: inout AuditDesk) {
    desk.lost += dropped.withLock { dropped in
      defer { dropped = 0 }
      return dropped
    }
    let gap =
      desk.lost == 0
      ? []
      : [
        AuditEntry(
          .lost, at: now(),
          [
            JSONMember("count", .number("\(desk.lost)")),
            JSONMember("reason", .string(desk.lostReason ?? AuditTexts.tooMany)),
          ])
      ]
    if entries.isEmpty, gap.isEmpty { return }
    do {
      try log.append(gap + entries, isDurable: false)
      if desk.lost > 0 {
        logger.warning("\(AuditTexts.writtenAgain)", metadata: ["lost": "\(desk.lost)"])
      }
      (desk.lost, desk.lostReason) = (0, nil)
    } catch {
      desk.lost += entries.count
      if desk.lostReason != error.message {
        logger.error("\(AuditTexts.notWritten)", metadata: ["reason": "\(error.message)"])
      }
      desk.lostReason = error.message
    }
  }
}

/// Makes lines of what the keeper hears. A value: it is handed the time.
struct AuditDesk {
  private var exchanges = ExchangeTally()
  private var refusals = RepeatTally.refusals
  private var connections = RepeatTally.connections
  /// Open sessions that were only counted, with whose they are.
  private var untold: [String: String] = [:]
  /// Entries that could not be written, and why.
  var lost = 0
  var lostReason: String?

  /// Whether something is to be written later, whether or not anything happens.
  var isWaiting: Bool {
    exchanges.isWaiting || refusals.isWaiting || connections.isWaiting || lost > 0
  }

  mutating func take(_ news: AuditKeeper.News, at now: UInt64) -> [AuditEntry] {
    let due =
      refusals.due(at: now).map { Self.refused($0, at: now) }
      + connections.due(at: now).map { Self.connected($0, at: now) }
    switch news {
    case .entry(let entry): return due + [entry]
    case .refused(let kind, let entry): return due + (refusals.admits(kind, at: now) ? [entry] : [])
    case .connected(let identity, let session, let entry):
      if connections.admits(RepeatTally.Kind(who: identity), at: now) { return due + [entry] }
      untold[session] = identity
      return due
    case .exchanged(var key, var who, let counts, let at):
      if let identity = untold[key.session] {
        key.session = identity
        who = [JSONMember("identity", .string(identity))]
      }
      let line = exchanges.note(counts, of: key, by: who, at: at)
      return due + (line.map { Self.entries($0, at: at) } ?? [])
    case .ended(let session, let at):
      if untold.removeValue(forKey: session) != nil { return due }
      return due + exchanges.end(of: session).flatMap { Self.entries($0, at: at) }
    case .tick: return due + exchanges.due(at: now).flatMap { Self.entries($0, at: now) }
    }
  }

  mutating func end(at now: UInt64) -> [AuditEntry] {
    exchanges.end().flatMap { Self.entries($0, at: now) }
      + refusals.end().map { Self.refused($0, at: now) }
      + connections.end().map { Self.connected($0, at: now) }
  }

  private static func entries(_ line: ExchangeTally.Line, at now: UInt64) -> [AuditEntry] {
    AuditEntry.exchanged(
      line.key.collection, at: now, with: line.who, read: line.counts.read,
      wrote: line.counts.wrote, applied: line.counts.applied)
  }

  private static func refused(_ count: RepeatTally.Count, at now: UInt64) -> AuditEntry {
    AuditEntry(
      .refused, at: now,
      [
        JSONMember("who", count.kind.who.map { .string($0) } ?? .null),
        JSONMember("code", count.kind.code.map { .string($0) } ?? .null),
      ] + count.members)
  }

  private static func connected(_ count: RepeatTally.Count, at now: UInt64) -> AuditEntry {
    AuditEntry(
      .connected, at: now,
      [JSONMember("identity", count.kind.who.map { .string($0) } ?? .null)] + count.members)
  }
}

extension RepeatTally.Count {
  fileprivate var members: [JSONMember] {
    let since = Timestamp(HybridTime(milliseconds: sinceMilliseconds)).description
    return [JSONMember("count", .number("\(count)")), JSONMember("since", .string(since))]
  }
}
