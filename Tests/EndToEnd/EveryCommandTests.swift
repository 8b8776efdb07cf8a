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

  // MARK: docs/CLI.md

  /// A line of the contract that says how commands are called: `syncclient pull|push|sync [--server HOST:PORT] …`.
  private struct Synopsis {
    var line: String
    var options: Set<String>

    /// Whether the line is about a command; `a|b` stands for either.
    func isFor(_ words: [String]) -> Bool {
      let written = line.split(separator: " ").map { $0.split(separator: "|").map(String.init) }
      return written.count >= words.count && zip(written, words).allSatisfy { $0.contains($1) }
    }
  }

  private static func options(in text: some StringProtocol) -> Set<String> {
    Set(String(text).matches(of: #/--[a-z][a-z-]*/#).map { String($0.0) })
  }

  /// The calls in the contract, and the options that it explains once for all commands.
  private func contract() throws -> (synopses: [Synopsis], common: Set<String>) {
    let page = try String(contentsOfFile: RepositoryFiles.path("docs/CLI.md"), encoding: .utf8)
    var synopses: [Synopsis] = []
    for line in page.split(separator: "\n") where line.hasPrefix("    ") {
      let call = line.prefix { $0 != "#" }
      let text = call.trimmingCharacters(in: .whitespaces)
      if text.hasPrefix("sync") {
        synopses.append(Synopsis(line: text, options: Self.options(in: text)))
      } else if text.hasPrefix("["), let last = synopses.indices.last {
        synopses[last].options.formUnion(Self.options(in: text))
      }
    }
    let sections = page.split(separator: "\n## ")
    let common = try #require(sections.first { $0.hasPrefix("What holds for every command") })
    return (synopses, Self.options(in: common))
  }

  /// Those in the list of options, and not those that its explanations mention.
  private func optionsInHelp(of leaf: Leaf) -> Set<String> {
    let lines = leaf.root.helpMessage(for: leaf.command, columns: 200).split(separator: "\n")
    let names = lines.filter { $0.hasPrefix("  -") }.map { line in
      line.dropFirst(2).prefix { $0 != "<" }.split(separator: "  ").first ?? ""
    }
    return names.reduce(into: []) { $0.formUnion(Self.options(in: $1)) }
  }

  @Test func theContractNamesEveryOptionAndNoOther() throws {
    let (synopses, common) = try contract()
    var explained: Set<String> = []
    for leaf in Self.all {
      let own = synopses.filter { $0.isFor(leaf.words) }
      #expect(!own.isEmpty, "\(leaf.words) has no line")
      let written = own.reduce(into: Set<String>()) { $0.formUnion($1.options) }
      let real = optionsInHelp(of: leaf)
      #expect(real.isSuperset(of: ["--help", "--json", "--quiet"]), "\(leaf.words): \(real)")
      #expect(real.subtracting(written).subtracting(common) == [], "\(leaf.words), not in CLI.md")
      #expect(written.subtracting(real) == [], "\(leaf.words), in CLI.md alone")
      explained.formUnion(real)
    }
    // What every program takes and no help lists.
    explained.insert("--generate-completion-script")
    #expect(common.subtracting(explained) == [])
  }

  @Test func theContractCallsNoCommandThatIsNotThere() throws {
    for synopsis in try contract().synopses {
      #expect(Self.all.contains { synopsis.isFor($0.words) }, "\(synopsis.line)")
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
