/// What a program exits with; the meanings are fixed by the command-line contract (`docs/CLI.md`).
public enum ExitStatus: Int32, Sendable, CaseIterable {
  case done = 0
  case no = 1
  case usage = 64
  case badData = 65
  case unreachable = 69
  case storage = 74
  case busy = 75
  case protocolViolation = 76
  case notAllowed = 77
  case interrupted = 130
  case terminated = 143
}

/// A failure as it is told to a person or a script: one sentence on what happened, one on what to do.
///
/// `name` is a stable word from `docs/ERRORS.md`; scripts match on it. Neither text holds a secret, and both may
/// hold outside text: whoever prints them escapes.
public struct CommandError: Error, Hashable, Sendable {
  public var status: ExitStatus
  public var name: String
  public var message: String
  public var remedy: String

  public init(_ status: ExitStatus, _ name: String, _ message: String, remedy: String) {
    self.status = status
    self.name = name
    self.message = message
    self.remedy = remedy
  }
}
