import Foundation
import OfficeSyncRecords
import OfficeSyncTestSupport
import Testing

/// The lists are too large for the repository: they lie in `../shared/data`, or under `$OFFICESYNC_SHARED`.
private enum RealLists {
  static let folder =
    (ProcessInfo.processInfo.environment["OFFICESYNC_SHARED"]
      ?? RepositoryFiles.path("../shared")) + "/data"
  static let projects = "wb_projects_2024-08-29.csv"
  static let edits = "wb_edits_2024-08_to_2025-03.ndjson"

  static let areThere = [projects, edits].allSatisfy {
    FileManager.default.fileExists(atPath: "\(folder)/\($0).zst")
  }
}

/// 22,569 real projects and the 15,685 real edits of seven months, at two offices, against an independent reckoning.
@Suite(.enabled(if: RealLists.areThere, "the real lists are not on this machine"))
struct RealDataTests {
  private let mesh: Mesh

  init() throws {
    mesh = try Mesh()
    for office in ["rabat", "oujda"] { try mesh.office(office) }
  }

  private static let reckoning = RepositoryFiles.path("Tests/EndToEnd/Python/reckon.py")

  @Test func sevenMonthsOfRealEditsMeetAtBothOffices() throws {
    for file in [RealLists.projects, RealLists.edits] {
      try mesh.must("zstd", "-dq", "\(RealLists.folder)/\(file).zst", "-o", file)
    }
    try mesh.must(
      "python3", Self.reckoning, "split", RealLists.edits, "rabat.ndjson", "oujda.ndjson")

    // The list comes in whole at one office, and goes to the other.
    let examples = RepositoryFiles.path("Examples/investments")
    try mesh.must(
      "syncclient", "schema", "set", "--data", "rabat", "projects", "\(examples)/schema.json")
    let imported = try mesh.must(
      "syncclient", "import", "--data", "rabat", "projects", RealLists.projects, "--map",
      "\(examples)/map-world-bank.json", "--json"
    ).json
    #expect(imported["written"]?.int == 22_569)
    try mesh.start("oujda")
    let first = try mesh.exchange("rabat", with: "oujda")
    #expect(first["sent"]?.int == 22_570)
    #expect(first["inSync"]?.bool == true)

    // Each office makes its share of the edits, unaware of the other's.
    for office in ["rabat", "oujda"] {
      let run = try mesh.must(
        "syncclient", "import", "--data", office, "projects", "\(office).ndjson", "--json"
      ).json
      #expect((run["written"]?.int ?? 0) > 5_000)
    }
    #expect(
      try mesh.fingerprint("projects", in: "rabat") != mesh.fingerprint("projects", in: "oujda"))
    let second = try mesh.exchange("rabat", with: "oujda")
    #expect(second["inSync"]?.bool == true)
    #expect(second["newConflicts"]?.int == 0)

    // Both hold the same, which is what the reckoning says, in every record.
    #expect(
      try mesh.fingerprint("projects", in: "rabat") == mesh.fingerprint("projects", in: "oujda"))
    for office in ["rabat", "oujda"] {
      let export = try mesh.must("syncclient", "export", "--data", office, "projects")
      try export.output.write(
        toFile: "\(mesh.path)/\(office).export", atomically: true, encoding: .utf8)
      let comparison = try mesh.run(
        "python3", Self.reckoning, "compare", RealLists.projects, RealLists.edits,
        "\(office).export")
      #expect(comparison.status == 0, "\(comparison.output)\(comparison.errors)")
      #expect(comparison.output.hasPrefix("0 differences"))
      #expect(try mesh.client("conflicts", "--data", office, "--check").status == 0)
    }
  }
}
