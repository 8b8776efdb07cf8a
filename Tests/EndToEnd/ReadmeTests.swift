import Foundation
import OfficeSyncTestSupport
import Testing

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
