/// The progress of one piece of long work, told from any task and shown on a terminal alone.
public final class ProgressDisplay: Sendable {
  private let console: Console
  private let now: @Sendable () -> Duration

  /// - Parameter now: a clock that does not go back.
  init(
    title: String, unit: ProgressBar.Unit, console: Console,
    now: @escaping @Sendable () -> Duration
  ) {
    self.console = console
    self.now = now
    console.repaint { bar in
      bar = ProgressBar(title: title, unit: unit, for: console.errorTerminal, now: now())
      return nil
    }
  }

  /// - Parameter total: nil while unknown.
  public func update(done: Int, total: Int? = nil) {
    console.repaint { $0?.update(done: done, total: total, now: now()) }
  }

  /// Removes the bar; later updates show nothing.
  public func finish() {
    console.repaint { bar in
      defer { bar = nil }
      return bar?.finish()
    }
  }
}

extension Console {
  /// Shows a bar for long work until ``ProgressDisplay/finish()``. One at a time.
  public func progress(
    _ title: String, unit: ProgressBar.Unit,
    now: @escaping @Sendable () -> Duration = Console.monotonicTime
  ) -> ProgressDisplay {
    ProgressDisplay(title: title, unit: unit, console: self, now: now)
  }

  /// The time since the first call, by a clock that does not go back.
  @Sendable public static func monotonicTime() -> Duration {
    origin.duration(to: .now)
  }

  private static let origin = ContinuousClock.now
}
