import ArgumentParser
import Foundation
import OfficeSyncTestSupport
import Testing

@testable import syncclient
@testable import syncserver

/// The systemd units and the crontab that are handed out call the programs as they can be called.
@Suite struct UnitTests {
  private static let folder = RepositoryFiles.path("packaging")

  private func lines(of file: String) throws -> [String] {
    try String(contentsOfFile: "\(Self.folder)/\(file)", encoding: .utf8)
      .split(separator: "\n").map(String.init).filter { !$0.hasPrefix("#") }
  }

  private func units(_ suffix: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: "\(Self.folder)/systemd")
      .filter { $0.hasSuffix(suffix) }.sorted()
  }

  /// The program and the command that a line calls; nil for another program.
  private func parsed(_ line: some StringProtocol) throws -> (any ParsableCommand)? {
    let words = String(line).split(separator: " ").map(String.init)
    let call = words.prefix { !$0.hasPrefix(">") && !$0.hasPrefix("2>") }
    let arguments = Array(call.dropFirst())
    switch call.first.map({ URL(filePath: $0).lastPathComponent }) {
    case "syncserver": return try SyncServer.parseAsRoot(arguments)
    case "syncclient": return try SyncClient.parseAsRoot(arguments)
    default: return nil
    }
  }

  @Test func unitsCallCommandsThatThereAre() throws {
    let services = try units(".service")
    #expect(services.count == 3)
    for unit in services {
      let starts = try lines(of: "systemd/\(unit)").filter { $0.hasPrefix("ExecStart=") }
      #expect(starts.count == 1, "\(unit)")
      for start in starts {
        #expect(try parsed(start.dropFirst("ExecStart=".count)) != nil, "\(start)")
      }
    }
    for timer in try units(".timer") {
      #expect(services.contains(timer.replacing(".timer", with: ".service")))
    }
  }

  @Test func unitsShareWhatKeepsThemFromTheRestOfTheMachine() throws {
    let wanted: Set = [
      "NoNewPrivileges=yes", "CapabilityBoundingSet=", "ProtectSystem=strict", "ProtectHome=yes",
      "PrivateTmp=yes", "PrivateDevices=yes", "MemoryDenyWriteExecute=yes", "UMask=0077",
      "RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX", "User=officesync",
      "SystemCallFilter=@system-service",
    ]
    for unit in try units(".service") {
      #expect(try wanted.subtracting(lines(of: "systemd/\(unit)")) == [], "\(unit)")
    }
  }

  @Test func theCrontabCallsCommandsThatThereAre() throws {
    var calls = 0
    for line in try lines(of: "cron/officesync") where !line.contains("=") || line.contains(" --") {
      let fields = line.split(separator: " ", omittingEmptySubsequences: true)
      // The time is one word or five; then comes the user.
      let command = fields.dropFirst(fields[0].hasPrefix("@") ? 2 : 6).joined(separator: " ")
      #expect(try parsed(command) != nil, "\(line)")
      calls += 1
    }
    #expect(calls == 5)
  }

  private static let hasAnalyzer = FileManager.default.fileExists(
    atPath: "/usr/bin/systemd-analyze")

  @Test(.enabled(if: hasAnalyzer)) func systemdUnderstandsTheUnits() throws {
    let folder = try TestFolder()
    for unit in try units(".service") + units(".timer") {
      let text = try String(contentsOfFile: "\(Self.folder)/systemd/\(unit)", encoding: .utf8)
        .replacing("ExecStart=sync", with: "ExecStart=\(BuiltPrograms.folder)/sync")
        .split(separator: "\n", omittingEmptySubsequences: false)
        .filter { !$0.hasPrefix("Documentation=") }.joined(separator: "\n")
      try folder.write(text, to: unit)
    }
    let all = try units(".service") + units(".timer")
    let run = try BuiltPrograms.run(
      "systemd-analyze", ["verify"] + all.map { "\(folder.path)/\($0)" }, in: folder.path)
    #expect(run.status == 0)
    #expect(run.errors == "")
  }
}
