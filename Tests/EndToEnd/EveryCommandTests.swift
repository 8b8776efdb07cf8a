import ArgumentParser
import Foundation
import OfficeSyncTestSupport
import Testing

@testable import syncclient
@testable import syncserver

/// What holds for every command of both programs, so that a new one is not forgotten somewhere.
@Suite struct EveryCommandTests {
  private static let programs: [any ParsableCommand.Type] = [SyncServer.self, SyncClient.self]

  /// A command that does something, with the words that call it: `syncserver pki init`.
  private struct Leaf {
    var words: [String]
    var command: any ParsableCommand.Type
    var root: any ParsableCommand.Type
  }

  private static func leaves(
    of command: any ParsableCommand.Type, after words: [String], root: any ParsableCommand.Type
  ) -> [Leaf] {
    let words = words + [command._commandName]
    let inner = command.configuration.subcommands
    if inner.isEmpty { return [Leaf(words: words, command: command, root: root)] }
    return inner.flatMap { leaves(of: $0, after: words, root: root) }
  }

  private static let all = programs.flatMap { leaves(of: $0, after: [], root: $0) }

  @Test func helpSaysWhatItDoesAndShowsAnExample() {
    #expect(Self.all.count > 20)
    for leaf in Self.all {
      let help = leaf.root.helpMessage(for: leaf.command)
      #expect(!leaf.command.configuration.abstract.isEmpty, "\(leaf.words)")
      #expect(help.contains("Example: \(leaf.words[0]) "), "\(leaf.words)")
    }
  }

  @Test func theContractHasALineForIt() throws {
    let page = try String(contentsOfFile: RepositoryFiles.path("docs/CLI.md"), encoding: .utf8)
    let lines = page.split(separator: "\n").map { line in
      Set(line.split { !($0.isLetter || $0 == "-") }.map(String.init))
    }
    for leaf in Self.all {
      #expect(lines.contains { $0.isSuperset(of: leaf.words) }, "\(leaf.words)")
    }
  }

  @Test(arguments: [CompletionShell.bash, .zsh, .fish])
  func completionsKnowIt(shell: CompletionShell) {
    for program in Self.programs {
      let script = program.completionScript(for: shell)
      for leaf in Self.all where leaf.root == program {
        #expect(script.contains(leaf.words.last ?? "?"), "\(leaf.words)")
      }
    }
  }
}
