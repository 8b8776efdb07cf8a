import Logging
import Synchronization

/// Logs what strangers and hostile programs bring about: of each of them a few lines a minute, and of all together not more than
/// a disk has room for; the first line on somebody goes before the second on another. What is left out is counted, and the count
/// is logged when the minute is over.
public final class RefusalLog: Sendable {
  /// Lines in a minute on one address or identity.
  static let linesMax = 20
  /// Addresses and identities in a minute of which count is kept.
  static let subjectsMax = 1_000
  /// Lines in a minute on all of them, beside the first on each.
  static let totalMax = 300
  private static let minute = Duration.seconds(60)
  /// Under this are counted those of whom there is no room to keep count.
  private static let others = "others"

  private struct Count {
    var written = 0
    var leftOut = 0
  }

  private struct State {
    /// Of this minute, by whom the lines are on.
    var counts: [String: Count] = [:]
    var total = 0
    var began = ContinuousClock.now
    var isReportDue = false

    /// - Returns: whether the line is to be written, and whether it is the first that is not.
    mutating func note(_ subject: String) -> (isWritten: Bool, isFirst: Bool) {
      let isKept = counts[subject] != nil || counts.count < RefusalLog.subjectsMax
      let key = isKept ? subject : RefusalLog.others
      var count = counts[key] ?? Count()
      defer { counts[key] = count }
      if count.written == 0 {
        count.written = 1
        return (true, false)
      }
      if count.written < RefusalLog.linesMax, total < RefusalLog.totalMax {
        count.written += 1
        total += 1
        return (true, false)
      }
      count.leftOut += 1
      defer { isReportDue = true }
      return (false, !isReportDue)
    }
  }

  private let logger: Logger
  private let now: @Sendable () -> ContinuousClock.Instant
  private let state = Mutex(State())

  public init(
    _ logger: Logger, now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
  ) {
    self.logger = logger
    self.now = now
  }

  /// - Parameter subject: whom the line is on: an address without its port, or an identity.
  public func log(
    _ level: Logger.Level, _ message: Logger.Message, on subject: String,
    metadata: Logger.Metadata
  ) {
    report()
    let (isWritten, isFirst) = state.withLock { $0.note(subject) }
    if isWritten { logger.log(level: level, message, metadata: metadata) }
    guard isFirst else { return }
    Task { [weak self] in
      try? await Task.sleep(for: Self.minute)
      self?.report()
    }
  }

  /// Says what was left out in a minute that is over.
  private func report() {
    let time = now()
    let left = state.withLock { state -> [String: Int] in
      guard time - state.began >= Self.minute else { return [:] }
      defer { state = State(began: time) }
      return state.counts.compactMapValues { $0.leftOut > 0 ? $0.leftOut : nil }
    }
    for (subject, count) in left.sorted(by: { $0.key < $1.key }) {
      logger.notice(
        "more of the same was not logged",
        metadata: ["of": "\(subject)", "lines": .stringConvertible(count)])
    }
  }
}
