import Foundation
import OfficeSyncTestSupport
import Testing

@testable import OfficeSyncCommandSupport

@Suite struct NextStepTests {
  @Test(arguments: [
    ("a/b-1.pem", "a/b-1.pem"), ("my dir", "'my dir'"), ("it's", #"'it'\''s'"#), ("", "''"),
    ("$office", "'$office'"), ("field/*", "'field/*'"), ("é", "'é'"),
  ])
  func wordsAreQuotedForTheShell(_ text: String, _ word: String) {
    #expect(ShellCommand("syncclient", text).description == "syncclient \(word)")
  }

  /// What the console says on standard output and standard error together.
  private func said(isJSON: Bool = false, isQuiet: Bool = false) throws -> String {
    let folder = try TestFolder()
    let path = try folder.write("", to: "both")
    let both = open(path, O_WRONLY | O_APPEND)
    defer { close(both) }
    let plain = Terminal(
      isTerminal: false, reportedColumns: nil, environment: ["LC_ALL": "C.UTF-8"])
    let console = Console(
      isJSON: isJSON, isQuiet: isQuiet, output: OutputFile(descriptor: both),
      errors: OutputFile(descriptor: both), terminal: plain, errorTerminal: plain)
    console.next([
      NextStep("Next, look at it", ShellCommand("syncclient", "get", "projects", "a\u{1B}b c")),
      NextStep("Then", ShellCommand("syncclient", "pull")),
    ])
    try console.flush()
    return try String(contentsOfFile: path, encoding: .utf8)
  }

  @Test func eachStepIsASentenceAndACommand() throws {
    #expect(
      try said() == """
        Next, look at it:
          syncclient get projects 'a\\u{1B}b c'
        Then:
          syncclient pull

        """)
  }

  @Test func scriptsAreToldNothing() throws {
    #expect(try said(isJSON: true) == "")
    #expect(try said(isQuiet: true) == "")
  }
}
