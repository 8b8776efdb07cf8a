import OfficeSyncRecords

/// What a program exits with; the meanings are fixed by the command-line contract (`docs/CLI.md`).
///
/// Thrown by a command it ends the program with that status and no further word, for an answer that
/// was already given: `throw ExitStatus.no`.
public enum ExitStatus: Int32, Error, Sendable, CaseIterable {
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
  /// Whoever read our standard output went away (`… | head`): what a shell shows for SIGPIPE.
  case outputClosed = 141
  case terminated = 143
}

/// A failure as it is told to a person or a script: one sentence on what happened, one on what to
/// do.
///
/// `name` is a stable word from `docs/ERRORS.md`; scripts match on it. Neither text holds a secret,
/// and both may hold outside text: whoever prints them escapes.
public struct CommandError: Error, Hashable, Sendable {
  public var status: ExitStatus
  public var name: String
  public var message: String
  public var remedy: String
  /// What was done before the failure, as the command's usual members: printed beside `error` with
  /// `--json`.
  public var done: [JSONMember]

  public init(
    _ status: ExitStatus, _ name: String, _ message: String, remedy: String,
    done: [JSONMember] = []
  ) {
    self.status = status
    self.name = name
    self.message = message
    self.remedy = remedy
    self.done = done
  }

  /// The one document that standard output holds when a command with `--json` fails.
  public var json: JSONValue {
    let error: [JSONMember] = [
      JSONMember("code", .number(String(status.rawValue))),
      JSONMember("name", .string(name)),
      JSONMember("message", .string(message)),
      JSONMember("remedy", .string(remedy)),
    ]
    let usual = done.filter { $0.name != "ok" && $0.name != "error" }
    return .object(
      [JSONMember("ok", .boolean(false)), JSONMember("error", .object(error))] + usual)
  }
}
