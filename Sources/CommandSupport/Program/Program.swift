import ArgumentParser
import Foundation

/// A command that speaks through the console.
public protocol ConsoleCommand: AsyncParsableCommand {
  var output: OutputOptions { get }
  /// Whether SIGINT and SIGTERM are the command's own to handle (a server that stops in good
  /// order). Otherwise they cancel the task that ``run(console:)`` runs in.
  static var handlesSignals: Bool { get }

  /// - Throws: a ``CommandError``; ``ExitStatus`` when all is said; or any error of a module below.
  mutating func run(console: Console) async throws
}

extension ConsoleCommand {
  public static var handlesSignals: Bool { false }

  /// ``Program`` does not come here; a command that is run by itself has the process's console.
  public mutating func run() async throws {
    try await run(
      console: Console(
        OutputOptions.Mode(output), environment: ProcessInfo.processInfo.environment))
  }
}

/// The life of a program, from its arguments to its exit status, as `docs/CLI.md` has it.
public struct Program: Sendable {
  private let root: any ParsableCommand.Type
  private let translate: @Sendable (any Error) -> CommandError?

  /// - Parameters:
  ///   - root: the command that the program's name stands for.
  ///   - translate: what the errors of other modules mean to a person; nil for an error that it
  ///     does not know.
  public init(
    _ root: any ParsableCommand.Type,
    translate: @escaping @Sendable (any Error) -> CommandError? = { _ in nil }
  ) {
    self.root = root
    self.translate = translate
  }

  /// Runs the program and ends the process. The root command's `main` is nothing but this.
  public func main(_ arguments: [String] = Array(CommandLine.arguments.dropFirst())) async -> Never
  {
    StandardStreams.prepare()
    let environment = ProcessInfo.processInfo.environment
    let status = await run(arguments, signals: SignalWatch()) { mode in
      Console(mode, environment: environment)
    }
    exit(status.rawValue)
  }

  /// Parses the arguments, runs the command and prints what it threw.
  ///
  /// - Parameter makeConsole: called once.
  func run(
    _ arguments: [String], signals: SignalWatch,
    makeConsole: @escaping @Sendable (OutputOptions.Mode) -> Console
  ) async -> ExitStatus {
    let task = Task { await execute(arguments, signals: signals, makeConsole: makeConsole) }
    signals.onSignal { task.cancel() }
    return await task.value
  }

  private func execute(
    _ arguments: [String], signals: SignalWatch, makeConsole: (OutputOptions.Mode) -> Console
  ) async -> ExitStatus {
    var command: any ParsableCommand
    do {
      command = try root.parseAsRoot(arguments)
    } catch {
      let console = makeConsole(OutputOptions.Mode(guessedFrom: arguments))
      return end(console, parsed(error, console))
    }
    let output = (command as? any ConsoleCommand)?.output
    let console = makeConsole(output.map(OutputOptions.Mode.init) ?? OutputOptions.Mode())
    do {
      if var command = command as? any ConsoleCommand {
        if !type(of: command).handlesSignals { signals.start() }
        try await command.run(console: console)
      } else if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
      return end(console, .done)
    } catch {
      return end(console, thrown(error, console, signals.received))
    }
  }

  /// Flushes; a result that nobody could get is a failure, however well the command went.
  private func end(_ console: Console, _ status: ExitStatus) -> ExitStatus {
    do {
      try console.flush()
      return status
    } catch {
      return status == .done ? thrown(error, console, nil) : status
    }
  }

  private func thrown(_ error: any Error, _ console: Console, _ signal: Int32?) -> ExitStatus {
    switch error {
    case is OutputClosed:
      return .outputClosed
    case let status as ExitStatus:
      return status
    case is CleanExit:
      // What the parser makes of a group of commands when none of them is named.
      return misused(Texts.noCommand, usage: root.fullMessage(for: error, columns: nil), console)
    case is ValidationError:
      return parsed(error, console)
    case _ where root.exitCode(for: error).isSuccess:
      return parsed(error, console)  // the parser's own `help` command
    case let code as ExitCode:
      return ExitStatus(rawValue: code.rawValue) ?? .usage
    default:
      var failure = ErrorTable.failure(for: error, translate: translate)
      if let signal {
        // Whatever broke after the signal broke because of it.
        let done = failure.done
        failure = signal == SIGTERM ? .terminated : .interrupted
        failure.done = done
      }
      console.fail(failure)
      return failure.status
    }
  }

  /// Prints what came of the argument parser: what was asked for, or the mistake with its usage.
  private func parsed(_ error: any Error, _ console: Console) -> ExitStatus {
    let full = root.fullMessage(for: error, columns: nil)
    if root.exitCode(for: error).isSuccess {
      do {
        try console.raw((full + "\n").utf8)
        return .done
      } catch {
        return thrown(error, console, nil)
      }
    }
    let message = root.message(for: error)
    let usage = full.suffix(after: "Error: \(message)\n") ?? full
    return misused(message.isEmpty ? Texts.noCommand : message, usage: usage, console)
  }

  private func misused(_ message: String, usage: String, _ console: Console) -> ExitStatus {
    // The parser ends its usage with a line "See 'PROGRAM … --help' for more information."
    let hint = usage.split(separator: "\n").last { $0.contains("See '") } ?? ""
    let error = CommandError.usage(message, remedy: hint.trimmingCharacters(in: .whitespaces))
    console.misused(error, usage: usage)
    return error.status
  }
}

extension String {
  fileprivate func suffix(after prefix: String) -> String? {
    hasPrefix(prefix) ? String(dropFirst(prefix.count)) : nil
  }
}
