import Foundation
import OfficeSyncTestSupport
import Testing

/// What of a package can be tried without making one: `scripts/package-test` does the rest in a system of its own.
@Suite struct PackageTests {
  private static let folder = RepositoryFiles.path("packaging/debian")

  private func text(_ path: String) throws -> String {
    try String(contentsOfFile: RepositoryFiles.path(path), encoding: .utf8)
  }

  @Test(arguments: ["postinst", "prerm", "postrm"])
  func maintainerScriptsAreShellScripts(script: String) throws {
    let run = try BuiltPrograms.run(
      "sh", ["-n", "\(Self.folder)/\(script)"], in: NSTemporaryDirectory())
    #expect(run.status == 0, "\(run.errors)")
    #expect(try text("packaging/debian/\(script)").hasPrefix("#!/bin/sh\nset -e\n"))
  }

  /// The units that the scripts start, stop and forget are those that can be enabled.
  @Test(arguments: ["postinst", "prerm", "postrm"])
  func maintainerScriptsKnowTheUnits(script: String) throws {
    let words = Set(
      try text("packaging/debian/\(script)").matches(of: #/officesync-[a-z]+\.(service|timer)/#)
        .map { String($0.0) })
    let folder = RepositoryFiles.path("packaging/systemd")
    let enabled = try FileManager.default.contentsOfDirectory(atPath: folder).filter {
      try text("packaging/systemd/\($0)").contains("\n[Install]\n")
    }
    #expect(enabled.count == 3)
    #expect(words == Set(enabled))
  }

  @Test func theControlFileIsFilledIn() throws {
    let package = try text("scripts/package")
    let places = try text("packaging/debian/control").matches(of: #/@[A-Z]+@/#)
    #expect(places.count == 5)
    for place in places { #expect(package.contains("s|\(place.0)|"), "\(place.0)") }
  }

  // MARK: scripts/audit

  private let build = URL(filePath: BuiltPrograms.folder).deletingLastPathComponent()
    .deletingLastPathComponent().path

  @Test func everyResolvedDependencyHasALicenceThatIsAllowed() throws {
    let folder = try TestFolder()
    let run = try BuiltPrograms.run(
      RepositoryFiles.path("scripts/audit"), ["--json", "--scratch", build], in: folder.path)
    #expect(run.status == 0, "\(run.errors)")
    struct Dependencies: Decodable {
      var linked: [[String: String?]]
    }
    let found = try JSONDecoder().decode(Dependencies.self, from: Data(run.output.utf8)).linked
    for (name, licence) in [
      ("swift-nio", "Apache-2.0"), ("GRDB.swift", "MIT"), ("swift-foundation-icu", "Unicode-3.0"),
    ] {
      let part = try #require(found.first { $0["name"] == name })
      #expect(part["licence"] == licence)
    }
    // Those that the manifest names bring some of their own.
    #expect(found.contains { $0["name"] == "swift-collections" })
  }

  /// A repository with one dependency.
  private func audit(licence: String, requirement: String) throws -> ProgramRun {
    let folder = try TestFolder()
    for inner in ["scripts", "packaging", "checkouts/thing"] {
      try FileManager.default.createDirectory(
        atPath: "\(folder.path)/\(inner)", withIntermediateDirectories: true)
    }
    for path in ["scripts/audit", "packaging/notices"] {
      try FileManager.default.copyItem(
        atPath: RepositoryFiles.path(path), toPath: "\(folder.path)/\(path)")
    }
    try folder.write(licence, to: "checkouts/thing/LICENSE")
    let commit = try BuiltPrograms.run(
      "sh",
      [
        "-ec",
        """
        git init -q . && git add LICENSE
        git -c user.name=Test -c user.email=test@example.org commit -q -m First
        git rev-parse HEAD
        """,
      ], in: "\(folder.path)/checkouts/thing"
    ).output.trimmingCharacters(in: .whitespacesAndNewlines)
    try folder.write(
      ".package(url: \"https://example.org/thing\", \(requirement)),\n", to: "Package.swift")
    try folder.write(
      """
      {"pins": [{"identity": "thing", "location": "https://example.org/thing.git",
        "state": {"revision": "\(commit)", "version": "1.2.3"}}]}
      """, to: "Package.resolved")
    return try BuiltPrograms.run(
      "\(folder.path)/scripts/audit", ["--scratch", folder.path], in: folder.path)
  }

  private static let isc =
    "Permission to use, copy, modify, and/or distribute this software for any purpose is granted."

  @Test func auditTakesAThingThatIsInOrder() throws {
    let run = try audit(licence: Self.isc, requirement: "exact: \"1.2.3\"")
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.output.contains(#/thing +1\.2\.3 +ISC/#))
  }

  @Test(arguments: [
    ("GNU GENERAL PUBLIC\nLICENSE", "exact: \"1.2.3\"", "its licence is GPL"),
    ("Ask my lawyer.", "exact: \"1.2.3\"", "its licence is unknown"),
    (isc, "from: \"1.2.3\"", "leaves the version open"),
  ])
  func auditRefuses(licence: String, requirement: String, reason: String) throws {
    let run = try audit(licence: licence, requirement: requirement)
    #expect(run.status == 1)
    #expect(run.errors.contains(reason), "\(run.errors)")
  }
}
