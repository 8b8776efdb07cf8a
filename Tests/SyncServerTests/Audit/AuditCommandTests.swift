import Foundation
import OfficeSyncCommandSupport
import OfficeSyncTestSupport
import Testing

@testable import syncserver

/// What administrators do is written down, and `syncserver audit` shows it.
@Suite struct AuditCommandTests {
  private let folder: TestFolder
  private let data: String

  init() async throws {
    folder = try TestFolder()
    data = folder.path + "/rabat"
    _ = try await typed("init", "--data", data, "--name", "rabat")
  }

  private func lines(_ options: String...) async throws -> [Substring] {
    try await typed(["audit", "--data", data, "--json"] + options).output.split(separator: "\n")
  }

  @Test func actsAreThereInTheirOrder() async throws {
    for words in [
      ["access", "grant", "field/amina", "projects", "--read", "--by", "Hassan"],
      ["access", "revoke", "field/amina", "projects"], ["peer", "add", "fes.example"],
      ["peer", "remove", "fes.example"], ["recovery", "--open"], ["recovery", "--close"],
      ["backup", folder.path + "/backup.sqlite"],
    ] { _ = try await typed(words + ["--data", data]) }
    await #expect(throws: CommandError.self) {
      _ = try await typed("retire", "--data", data, "field/nobody")
    }
    let lines = try await lines()
    let acts = lines.compactMap { line in
      line.firstRange(of: #""act":""#).map { line[$0.upperBound...].prefix { $0 != "\"" } }
    }
    #expect(
      acts == [
        "init", "access grant", "access revoke", "peer add", "peer remove", "recovery", "recovery",
        "backup",
      ])
    #expect(
      lines[1].contains(
        #""identity":"field/amina","collection":"projects","read":true,"write":false,"by":"Hassan","user":"#
      ))
    #expect(lines.allSatisfy { $0.contains(#""event":"act""#) })
  }

  @Test func whatFailedIsToldWithWhy() async throws {
    await #expect(throws: (any Error).self) {
      _ = try await typed("access", "revoke", "office/fes", "projects", "--data", data)
    }
    #expect(
      try await lines().map { $0.contains(#""event":"act-failed""#) } == [false, false, true])
  }

  @Test func itShowsWhatIsAskedFor() async throws {
    for name in ["amina", "karim"] {
      _ = try await typed("access", "grant", "field/\(name)", "projects", "--data", data)
    }
    #expect(try await lines("--identity", "field/karim").count == 1)
    #expect(try await lines("--identity", "field/nobody").isEmpty)
    #expect(try await lines("--event", "refused", "--event", "read").isEmpty)
    #expect(try await lines("--event", "act").count == 3)
    #expect(try await lines("--since", "1h").count == 3)
    #expect(try await lines("--since", "2999-01-01").isEmpty)
    let error = await #expect(throws: CommandError.self) {
      _ = try await lines("--identity", "karim")
    }
    #expect(error?.name == "bad-identity")
    let table = try await typed("audit", "--data", data).output
    #expect(table.split(separator: "\n").count == 4)
    #expect(
      table.contains("access grant identity=field/amina collection=projects read=true write=true"))
  }

  @Test func anActThatCannotBeWrittenDownIsNotDone() async throws {
    let path = data + "/audit"
    try FileManager.default.removeItem(atPath: path)
    try Data().write(to: URL(filePath: path))
    let error = await #expect(throws: CommandError.self) {
      _ = try await typed("access", "grant", "field/amina", "projects", "--data", data)
    }
    #expect(error?.name == "not-recorded")
    #expect(try await !typed("access", "list", "--data", data).output.contains("amina"))
  }

  /// An authority in an office's store is that office's matter, another one is not.
  @Test func authoritiesOfTheStore() async throws {
    let (root, below) = (folder.path + "/ca", data + "/enrolment")
    _ = try await typed("pki", "init", "--dir", root, "--organisation", "Test")
    _ = try await typed("pki", "enrolment", "--dir", root, "office/rabat", "--out", below)
    _ = try await typed(
      "pki", "issue", "--dir", below, "field/amina", "--out", folder.path + "/amina")
    _ = try await typed("pki", "revoke", "--dir", below, "field/amina")
    _ = try await typed("pki", "renew-list", "--dir", below)
    #expect(try await lines().count == 5)
    #expect(try await lines("--identity", "field/amina").count == 2)
    #expect(!FileManager.default.fileExists(atPath: folder.path + "/audit"))
  }
}
