import ArgumentParser
import Foundation
import OfficeSyncTestSupport
import Testing

@testable import syncclient
@testable import syncserver

/// What README tells a newcomer to type does what it says.
@Suite struct ReadmeTests {
  @Test func aFirstOfficeASecondAndAFieldDeviceHoldTheSame() throws {
    let readme = try ReadmeBlocks()
    #expect(readme.blocks.map(\.name) == ["a first office", "a second office", "a field device"])
    let folder = try TestFolder()
    try FileManager.default.createSymbolicLink(
      atPath: "\(folder.path)/Examples", withDestinationPath: RepositoryFiles.path("Examples"))

    let stores = ["rabat", "casablanca", "amina"]
    let statuses = stores.map { "syncclient status --data \($0) --json >\($0).status" }
    let script = try folder.write(
      readme.script(programs: BuiltPrograms.folder) + statuses.joined(separator: "\n"),
      to: "script.sh")
    // A command that hangs is a failure too.
    let run = try BuiltPrograms.run(
      "timeout", ["--kill-after=10", "180", "bash", script], in: folder.path)
    #expect(run.status == 0, "\(run.errors)")

    let projects = try stores.map { store in
      let status = try JSONDecoder().decode(
        Status.self, from: Data(contentsOf: URL(filePath: "\(folder.path)/\(store).status")))
      return try #require(status.collections.first { $0.name == "projects" })
    }
    #expect(projects[0].records > 200)
    #expect(Set(projects).count == 1)
    try expectNextCommands(readme, in: folder)
  }

  /// Every command ends by naming commands that their program takes, among them the one that its block goes on with.
  private func expectNextCommands(_ readme: ReadmeBlocks, in folder: TestFolder) throws {
    var index = 0
    for block in readme.blocks {
      let verbs = block.commands.map { Self.verb($0.split(separator: " ").map(String.init)) }
      for (place, command) in block.commands.enumerated() {
        defer { index += 1 }
        guard let verb = verbs[place] else { continue }
        let errors = try String(
          contentsOfFile: "\(folder.path)/\(ReadmeBlocks.errorFile(index))", encoding: .utf8)
        let named = Self.namedCommands(in: errors)
        #expect(!named.isEmpty, "\(command): \(errors)")
        for words in named {
          #expect(throws: Never.self, "\(words)") {
            try Self.programs[words[0]]?.parseAsRoot(Array(words.dropFirst()))
          }
        }
        let next = Self.goesElsewhere[verb] ?? verbs[(place + 1)...].lazy.compactMap(\.self).first
        if let next { #expect(named.map(Self.verb).contains(next), "\(command): \(errors)") }
      }
    }
  }

  private static let programs: [String: any ParsableCommand.Type] = [
    "syncserver": SyncServer.self, "syncclient": SyncClient.self,
  ]

  /// Where the page goes on with something that does not follow from what was done.
  private static let goesElsewhere = [
    ["syncclient", "import"]: ["syncclient", "ls"]
  ]

  /// The words of the indented lines, each below a sentence that ends with a colon. None of them needs quotes here.
  private static func namedCommands(in errors: String) -> [[String]] {
    let lines = errors.split(separator: "\n")
    return zip(lines, lines.dropFirst()).filter { $0.hasSuffix(":") && $1.hasPrefix("  ") }
      .map { $1.split(separator: " ").map(String.init) }
  }

  /// The program and its subcommand; nil for a command that is not ours.
  private static func verb(_ words: [String]) -> [String]? {
    guard let program = words.first, var command = programs[program] else { return nil }
    var verb = [program]
    for word in words.dropFirst() {
      guard let inner = command.configuration.subcommands.first(where: { $0._commandName == word })
      else { break }
      verb.append(word)
      command = inner
    }
    return verb
  }

  private struct Status: Decodable {
    var collections: [Collection]

    struct Collection: Decodable, Hashable {
      var name: String
      var records: Int
      var conflicts: Int
      var fingerprint: String
    }
  }
}
