import ArgumentParser
import Testing

@testable import syncclient

/// The help of the program itself and of its groups of commands; that of the commands is held in `Tests/EndToEnd`.
struct GroupHelpTests {
  private static func groups(
    of command: any ParsableCommand.Type
  ) -> [any ParsableCommand.Type] {
    let inner = command.configuration.subcommands
    return inner.isEmpty ? [] : [command] + inner.flatMap(groups)
  }

  @Test func showsAnExample() {
    let groups = Self.groups(of: SyncClient.self)
    #expect(groups.count > 1)
    for group in groups {
      let help = SyncClient.helpMessage(for: group)
      #expect(help.contains("Example: syncclient "), "\(group)")
      #expect(!group.configuration.abstract.isEmpty, "\(group)")
    }
  }
}
