import ArgumentParser
import Testing

@testable import syncclient

/// What `docs/CLI.md` promises of every command.
struct EveryCommandTests {
  private static func leaves(of command: any ParsableCommand.Type) -> [any ParsableCommand.Type] {
    let inner = command.configuration.subcommands
    return inner.isEmpty ? [command] : [command] + inner.flatMap(leaves)
  }

  static let names = [
    "init", "put", "unset", "get", "ls", "collections", "rm", "import", "export", "schema", "pull",
    "push", "sync", "conflicts", "resolve", "status",
  ]

  @Test func allOfThemAreThere() {
    let found = Set(SyncClient.configuration.subcommands.map { $0._commandName })
    #expect(found.isSuperset(of: Self.names))
  }

  @Test func everyHelpHasAnExample() {
    for command in Self.leaves(of: SyncClient.self) {
      let help = SyncClient.helpMessage(for: command)
      #expect(help.contains("Example: syncclient "), "\(command)")
      #expect(!command.configuration.abstract.isEmpty, "\(command)")
    }
  }

  @Test(arguments: ["bash", "zsh", "fish"])
  func completionsKnowEveryCommand(shell: String) throws {
    let script = SyncClient.completionScript(
      for: try #require(CompletionShell(rawValue: shell)))
    for name in Self.names { #expect(script.contains(name)) }
  }
}
