/// What a command names when it ends: a command that makes sense now, and what it is good for.
public struct NextStep: Sendable, Hashable {
  /// A whole sentence without its end, as in "Next, send it to the office".
  public let purpose: Prose
  public let command: ShellCommand

  public init(_ purpose: Prose, _ command: ShellCommand) {
    self.purpose = purpose
    self.command = command
  }
}

extension Console {
  /// Names what to do next, on standard error, for people alone: not with `--json` or `--quiet`.
  public func next(_ steps: @autoclosure () throws -> [NextStep]) rethrows {
    guard !isJSON, !isQuiet else { return }
    for step in try steps() { note("\(step.purpose):\n  \(step.command)") }
  }
}
