import ArgumentParser
import Foundation
import OfficeSyncRecords
import Testing

@testable import OfficeSyncCommandSupport

/// Swift Testing has an `ExitStatus` too.
typealias Status = OfficeSyncCommandSupport.ExitStatus

private struct Root: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "office", abstract: "Tests the life of a program.", version: "1.2.3",
    subcommands: [Work.self])
}

private struct Work: ConsoleCommand {
  static let configuration = CommandConfiguration(abstract: "Does something.")

  @OptionGroup var output: OutputOptions
  @Option var fail: String?
  @Argument var count: Int = 0

  func run(console: Console) async throws {
    try console.document(.number(String(count)))
    try console.print("\(count)")
    switch fail {
    case "no": throw Status.no
    case "known":
      throw CommandError(.badData, "bad", "Bad.", remedy: "Mend it.")
    case "other": throw Unknown()
    case "translated": throw URLError(.timedOut)
    case "validation": throw ValidationError("Not so.")
    case "exit": throw ExitCode(1)
    case "cancel": throw CancellationError()
    case "signal":
      kill(getpid(), SIGUSR1)
      try await Task.sleep(for: .seconds(60))
    default: break
    }
  }
}

private struct Unknown: Error, CustomStringConvertible {
  var description: String { "odd \u{1B}" }
}

@Suite(.serialized) struct ProgramTests {
  private struct Outcome {
    var status: Status
    var output: String
    var errors: String
  }

  private func run(_ arguments: String..., watching signals: [Int32] = []) async throws -> Outcome {
    let plain = try CapturedConsole()
    let json = try CapturedConsole(json: true)
    let program = Program(Root.self) { error in
      error is URLError ? CommandError(.unreachable, "gone", "Gone.", remedy: "Wait.") : nil
    }
    let status = await program.run(arguments, signals: SignalWatch(signals)) { mode in
      (mode.isJSON ? json : plain).console
    }
    return Outcome(
      status: status, output: try plain.output() + json.output(),
      errors: try plain.errors() + json.errors())
  }

  @Test func successIsTheResultAlone() async throws {
    let outcome = try await run("work", "7")
    #expect(outcome.status == .done)
    #expect(outcome.output == "7\n")
    #expect(outcome.errors.isEmpty)
  }

  @Test(arguments: [
    (["--help"], "USAGE: office <subcommand>"), (["work", "--help"], "USAGE: office work"),
    (["help", "work"], "USAGE: office work"), (["--version"], "1.2.3"),
    (["--generate-completion-script", "bash"], "#!/bin/bash"),
  ])
  func whatIsAskedForGoesToStandardOutput(arguments: [String], part: String) async throws {
    let plain = try CapturedConsole()
    let status = await Program(Root.self).run(arguments, signals: SignalWatch([])) { _ in
      plain.console
    }
    #expect(status == .done)
    #expect(try plain.output().contains(part))
    #expect(try plain.errors().isEmpty)
  }

  @Test func aMistakeShowsUsageOnStandardError() async throws {
    let outcome = try await run("work", "--nothing\u{1B}\nforged")
    #expect(outcome.status == .usage)
    #expect(outcome.output.isEmpty)
    #expect(outcome.errors.hasPrefix("error: Unknown option '--nothing\\u{1B}\\nforged'"))
    #expect(outcome.errors.contains("\nUsage: office work"))
  }

  @Test func noCommandIsAMistake() async throws {
    let outcome = try await run()
    #expect(outcome.status == .usage)
    #expect(outcome.output.isEmpty)
    #expect(outcome.errors.hasPrefix("error: No command is named.\nOVERVIEW: Tests the life"))
  }

  @Test func aMistakeIsADocumentWithJSON() async throws {
    let outcome = try await run("work", "--json", "seven")
    #expect(outcome.status == .usage)
    #expect(outcome.errors.isEmpty)
    #expect(outcome.output.hasPrefix(#"{"ok":false,"error":{"code":64,"name":"usage","#))
    #expect(outcome.output.contains("See 'office work --help' for more information."))
  }

  @Test func jsonBehindTwoDashesIsNoOption() async throws {
    let outcome = try await run("work", "--", "--json")
    #expect(outcome.status == .usage)
    #expect(outcome.output.isEmpty)
  }

  @Test(arguments: [
    ("no", Status.no, ""), ("exit", .no, ""), ("known", .badData, "error: Bad. Mend it.\n"),
    ("translated", .unreachable, "error: Gone. Wait.\n"),
    (
      "cancel", .interrupted,
      "error: Interrupted; what was finished is kept. Run the same command again to go on.\n"
    ),
    (
      "other", .storage,
      "error: Something unforeseen went wrong: odd \\u{1B}. "
        + "Try again; if it comes back, report it with this text.\n"
    ),
  ])
  func eachErrorHasItsStatusAndSentence(
    fail: String, status: Status, errors: String
  ) async throws {
    let outcome = try await run("work", "--fail", fail)
    #expect(outcome.status == status)
    #expect(outcome.output == "0\n")
    #expect(outcome.errors == errors)
  }

  @Test func aValueThatIsRefusedLateIsAMistakeToo() async throws {
    let outcome = try await run("work", "--fail", "validation")
    #expect(outcome.status == .usage)
    #expect(outcome.errors.hasPrefix("error: Not so.\n"))
  }

  @Test func aSignalCancelsTheCommand() async throws {
    let outcome = try await run("work", "--json", "--fail", "signal", watching: [SIGUSR1])
    #expect(outcome.status == .interrupted)
    #expect(outcome.output.contains(#""code":130,"name":"interrupted""#))
  }

  @Test func resultsThatNobodyGotAreAFailure() async throws {
    signal(SIGPIPE, SIG_IGN)
    let full = open("/dev/full", O_WRONLY)
    try #require(full >= 0)
    defer { close(full) }
    let errors = try CapturedConsole()
    let status = await Program(Root.self).run(["work"], signals: SignalWatch([])) { _ in
      Console(
        isJSON: false, isQuiet: false, output: OutputFile(descriptor: full),
        errors: OutputFile(descriptor: full), terminal: .plain, errorTerminal: .plain)
    }
    #expect(status == .storage)
    #expect(try errors.errors().isEmpty)
  }
}
