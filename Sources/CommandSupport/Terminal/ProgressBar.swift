/// The state of a progress bar: numbers and times go in, texts to write come out.
///
/// Times are durations since any fixed moment; they must not go back.
public struct ProgressBar: Sendable {
  /// What is counted.
  public enum Unit: Sendable, Hashable {
    case records, bytes
  }

  /// Erases the line that the cursor is in (ECMA-48 EL) after going to its start.
  static let clear = "\r\u{1B}[K"
  private static let repaintInterval = Duration.milliseconds(100)
  /// Nothing is shown of work that takes less than this.
  private static let patience = Duration.milliseconds(500)
  /// The rate is an average over about this time, so that it follows a link that changes.
  private static let memory = 5.0
  private static let barColumns = 20

  private let title: String
  private let unit: Unit
  private let columns: Int
  private let style: TextStyle
  private let start: Duration
  private var painted: Duration
  private var measured: (time: Duration, done: Int)
  private var rate = 0.0
  private(set) var isVisible = false

  /// - Parameters:
  ///   - title: what is being done; may hold outside text.
  ///   - now: the time at which the work starts.
  public init(title: String, unit: Unit, for terminal: Terminal, now: Duration) {
    self.title = title.escaped(for: terminal.style)
    self.unit = unit
    columns = terminal.columns ?? 80
    style = terminal.style
    start = now
    painted = now
    measured = (now, 0)
  }

  /// The text that shows the new state, or nil when it is too soon to paint again.
  public mutating func update(done: Int, total: Int?, now: Duration) -> String? {
    let wait = isVisible ? Self.repaintInterval : Self.patience
    guard now - painted >= wait else { return nil }
    measure(done: done, now: now)
    painted = now
    isVisible = true
    return Self.clear + line(done: done, total: total)
  }

  /// The text that removes the bar from the screen; empty when it is not there.
  public mutating func finish() -> String {
    defer { isVisible = false }
    return isVisible ? Self.clear : ""
  }

  private mutating func measure(done: Int, now: Duration) {
    let seconds = (now - measured.time) / .seconds(1)
    guard seconds > 0 else { return }
    let current = Double(done - measured.done) / seconds
    let age = (now - start) / .seconds(1)
    let weight = min(1, seconds / min(age, Self.memory))
    rate += (max(0, current) - rate) * weight
    measured = (now, done)
  }

  private func line(done: Int, total: Int?) -> String {
    let speed = Texts.perSecond(amount(Int(rate)))
    // One column stays free: some terminals start a new line after the last.
    let room = columns - 1
    guard let total, total > 0 else {
      return [title, amount(done), speed].joined(separator: "  ")
        .truncated(toColumns: room, style: style)
    }
    let share = min(1, max(0, Double(done) / Double(total)))
    var parts = ["\(Int(share * 100)) %", "\(amount(done)) / \(amount(total))", speed]
    if rate > 0, done < total {
      let seconds = min((Double(total - done) / rate).rounded(.up), 360_000)
      parts.append(Texts.timeLeft(Amounts.clock(seconds: Int(seconds))))
    }
    let figures = parts.joined(separator: "  ")
    let barRoom = min(Self.barColumns, room - title.columns - figures.columns - 5)
    let bar = barRoom < 5 ? "" : Self.bar(share, columns: barRoom)
    return "\(title)  \(bar)\(figures)".truncated(toColumns: room, style: style)
  }

  private static func bar(_ share: Double, columns: Int) -> String {
    let filled = Int(share * Double(columns))
    return "[" + String(repeating: "#", count: filled)
      + String(repeating: "-", count: columns - filled) + "] "
  }

  private func amount(_ count: Int) -> String {
    switch unit {
    case .records: Amounts.count(count)
    case .bytes: Amounts.bytes(count)
    }
  }
}
