import ArgumentParser
import Foundation
import OfficeSyncTestSupport
import Testing

@testable import syncclient
@testable import syncserver

/// The manual pages and the completions that `scripts/package` hands out know every command.
@Suite struct ManualTests {
  private static let programs: [any ParsableCommand.Type] = [SyncServer.self, SyncClient.self]

  /// Every command, groups of commands among them, with the words that call it.
  private static func commands(
    of command: any ParsableCommand.Type, after words: [String] = []
  ) -> [(words: [String], command: any ParsableCommand.Type)] {
    let words = words + [command._commandName]
    return [(words, command)]
      + command.configuration.subcommands.flatMap { commands(of: $0, after: words) }
  }

  /// As on a page, without the marks of its layout.
  private func plain(_ roff: String) -> String {
    roff.replacing(#/\\f[BIP]/#, with: "").replacing("\\-", with: "-").replacing("\\(aq", with: "'")
      .replacing("\\(ga", with: "`")
      .replacing("\\e", with: "\\")
  }

  @Test func everyCommandHasAPageWithItsOptions() throws {
    let folder = try TestFolder()
    for program in Self.programs {
      let name = program._commandName
      let run = try BuiltPrograms.run(
        RepositoryFiles.path("packaging/manual"), ["\(BuiltPrograms.folder)/\(name)", folder.path],
        in: folder.path)
      #expect(run.status == 0, "\(run.errors)")
      for (words, command) in Self.commands(of: program) {
        let page = plain(
          try String(
            contentsOfFile: "\(folder.path)/\(words.joined(separator: "-")).1", encoding: .utf8))
        #expect(page.contains(command.configuration.abstract), "\(words)")
        #expect(page.contains(".SH SYNOPSIS\n.nf\n\(words.joined(separator: " "))"), "\(words)")
        let help = program.helpMessage(for: command, columns: 200)
        for option in help.matches(of: #/(?m)^ +(?:-h, )?(--[a-z-]+)/#) {
          #expect(page.contains("\n\(option.1)") || option.1 == "--help", "\(words): \(option.1)")
        }
        for inner in command.configuration.subcommands {
          #expect(page.contains("\n\((words + [inner._commandName]).joined(separator: "-"))(1)"))
        }
      }
    }
    let pages = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      .filter { $0.hasSuffix(".1") }
    #expect(pages.count == Self.programs.flatMap { Self.commands(of: $0) }.count)
    let lint = try BuiltPrograms.run(
      "mandoc", ["-T", "lint", "-W", "warning"] + pages.map { "\(folder.path)/\($0)" },
      in: folder.path)
    #expect(lint.status == 0, "\(lint.output)")
  }

  /// Sourced by a shell, as when a person presses the tabulator.
  @Test(arguments: [("syncclient", "pu", "pull purge push put"), ("syncserver", "pk", "pki")])
  func bashCompletesCommands(program: String, typed: String, expected: String) throws {
    let folder = try TestFolder()
    let script = try BuiltPrograms.run(
      program, ["--generate-completion-script", "bash"], in: folder.path)
    try folder.write(script.output, to: "completions")
    let run = try BuiltPrograms.run(
      "bash",
      [
        "-euc",
        """
        source ./completions
        function=$(complete -p "$1" | sed 's/.*-F \\([^ ]*\\).*/\\1/')
        COMP_WORDS=("$1" "$2") COMP_CWORD=1 COMP_LINE="$1 $2" COMP_POINT=${#COMP_LINE} COMP_TYPE=9
        "$function" "$1" "$2" "$1"
        printf '%s\\n' "${COMPREPLY[@]}" | sort | paste -sd ' '
        """, "bash", program, typed,
      ], in: folder.path)
    #expect(run.output == expected + "\n", "\(run.errors)")
  }
}
