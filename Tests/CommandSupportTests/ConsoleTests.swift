import Foundation
import OfficeSyncRecords
import Testing

@testable import OfficeSyncCommandSupport

@Suite struct ConsoleTests {
  private static let failure = CommandError(
    .notAllowed, "certificate-revoked", "The certificate of \u{1B}[31mamina is revoked.",
    remedy: "Ask for a new one.", done: [JSONMember("server", .string("rabat"))])

  @Test func sayingBothPrintsTheOneAskedFor() throws {
    for (json, expected) in [(true, "{\"changed\":true}\n"), (false, "Stored \\u{1B}x.\n")] {
      let captured = try CapturedConsole(json: json)
      try captured.console.document(.object([JSONMember("changed", .boolean(true))]))
      try captured.console.print("Stored \("\u{1B}x").")
      #expect(try captured.output() == expected)
      #expect(try captured.errors().isEmpty)
    }
  }

  @Test func aNoteComesAfterTheResultBeforeIt() throws {
    let ends = try TemporaryFolder()
    let descriptor = open(ends("both"), O_CREAT | O_RDWR | O_APPEND, 0o600)
    defer { close(descriptor) }
    let console = Console(
      isJSON: false, isQuiet: false, output: OutputFile(descriptor: descriptor),
      errors: OutputFile(descriptor: descriptor), terminal: .plain, errorTerminal: .plain)
    try console.print("Stored.")
    console.note("Next, sync.")
    #expect(
      try String(contentsOfFile: ends("both"), encoding: .utf8) == "Stored.\nNext, sync.\n")
  }

  @Test func quietPrintsNothingOnSuccess() throws {
    for json in [true, false] {
      let captured = try CapturedConsole(json: json, quiet: true)
      try captured.console.document(.null)
      try captured.console.line(.null)
      try captured.console.print("Done.")
      try captured.console.raw("bytes".utf8)
      captured.console.note("By the way.")
      var table = captured.console.table([Table.Column("A")])
      try table.add(["1"])
      try table.finish()
      #expect(try captured.output().isEmpty)
      #expect(try captured.errors().isEmpty)
    }
  }

  @Test func aFailureIsOneEscapedLineOnStandardError() throws {
    let captured = try CapturedConsole(quiet: true)
    captured.console.fail(Self.failure)
    #expect(try captured.output().isEmpty)
    #expect(
      try captured.errors()
        == "error: The certificate of \\u{1B}[31mamina is revoked. Ask for a new one.\n")
  }

  @Test func aFailureInJSONIsOneDocumentWithWhatWasDone() throws {
    let captured = try CapturedConsole(json: true)
    captured.console.fail(Self.failure)
    #expect(
      try captured.output() == #"{"ok":false,"error":{"code":77,"name":"certificate-revoked","#
        + #""message":"The certificate of \u001b[31mamina is revoked.","#
        + #""remedy":"Ask for a new one."},"server":"rabat"}"# + "\n")
    #expect(try captured.errors().isEmpty)
  }

  @Test func linesBeforeAFailureComeOutFirst() throws {
    let captured = try CapturedConsole(json: true)
    try captured.console.line(.number("1"))
    captured.console.fail(Self.failure)
    #expect(try captured.output().hasPrefix("1\n{\"ok\":false"))
  }

  @Test func proseGoesToStandardErrorAndIsEscapedValueByValue() throws {
    let captured = try CapturedConsole(errorTerminal: .screen(80))
    captured.console.note("\("دار") and \("a\nb")")
    #expect(try captured.errors() == "\u{2068}دار\u{2069} and a\\nb\n")
  }

  @Test func asciiEscapesOurOwnWordsToo() throws {
    let ascii = Terminal(isTerminal: false, reportedColumns: nil, environment: ["LANG": "C"])
    let captured = try CapturedConsole(terminal: ascii)
    try captured.console.print("Écrit\n\("é")")
    #expect(try captured.output() == "\\u{C9}crit\n\\u{E9}\n")
  }

  @Test func manyLinesArriveWholeAndInOrder() throws {
    let captured = try CapturedConsole(json: true)
    for number in 0..<100_000 { try captured.console.line(.number(String(number))) }
    let lines = try captured.output().split(separator: "\n")
    #expect(lines.count == 100_000)
    #expect(lines.enumerated().allSatisfy { String($0.offset) == $0.element })
  }

  @Test func aCancelledTaskStopsPrinting() async throws {
    let captured = try CapturedConsole()
    let task = Task {
      while true { try captured.console.raw("x\n".utf8) }
    }
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
  }

  @Test func progressShowsOnATerminalAlone() throws {
    let time = Clock()
    for (terminal, quiet, isShown) in [
      (Terminal.screen(80), false, true), (.plain, false, false), (.screen(80), true, false),
    ] {
      let captured = try CapturedConsole(quiet: quiet, errorTerminal: terminal)
      let progress = captured.console.progress("import", unit: .records, now: time.now)
      time.advance(by: .seconds(1))
      progress.update(done: 5, total: 10)
      captured.console.note("Half.")
      progress.update(done: 6, total: 10)
      progress.finish()
      time.advance(by: .seconds(1))
      progress.update(done: 9, total: 10)
      let bar = "\r\u{1B}[Kimport  [##########----------] 50 %  5 / 10  5/s  0:01 left"
      let expected = isShown ? bar + "\r\u{1B}[KHalf.\n" : quiet ? "" : "Half.\n"
      #expect(try captured.errors() == expected)
    }
  }

  @Test func nobodyIsAskedWithoutATerminal() throws {
    let captured = try CapturedConsole()
    #expect(try captured.console.ask("Which?") == nil)
    #expect(try captured.errors().isEmpty)
  }
}
