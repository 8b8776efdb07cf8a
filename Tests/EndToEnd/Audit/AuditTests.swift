import Foundation
import OfficeSyncRecords
import OfficeSyncTestSupport
import Testing

/// An office's log of who came, what went where, who was refused, and what administrators did.
@Suite struct AuditTests {
  private let mesh: Mesh

  init() throws {
    mesh = try Mesh()
    try mesh.office("rabat")
    try mesh.device("amina")
  }

  private func lines(_ options: String...) throws -> [JSONValue] {
    let run = try BuiltPrograms.run(
      "syncserver", ["audit", "--data", "rabat", "--json"] + options, in: mesh.path)
    #expect(run.status == 0 && run.errors.isEmpty, "\(run.errors)")
    return try run.lines
  }

  private func events(_ options: String...) throws -> [String] {
    try BuiltPrograms.run(
      "syncserver", ["audit", "--data", "rabat", "--json"] + options, in: mesh.path
    ).lines.compactMap { $0["event"]?.text }
  }

  /// Waits for a line: the server writes by itself.
  private func waitFor(_ fits: (JSONValue) -> Bool) throws -> JSONValue {
    var found: JSONValue?
    try mesh.wait {
      found = try lines().first(where: fits)
      return found != nil
    }
    return try #require(found)
  }

  private func serial(_ store: String) throws -> String {
    let printed = try mesh.run(
      "openssl", "x509", "-in", "\(store)/identity.pem", "-noout", "-serial")
    return printed.output.dropFirst("serial=".count).lowercased()
      .trimmingCharacters(in: .whitespacesAndNewlines)
  }

  @Test func whoCameWhatWentAndWhoDidWhat() throws {
    try mesh.must("syncclient", "put", "--data", "rabat", "projects", "p1", "title=Gare")
    try mesh.grant("field/amina", "projects", at: "rabat")
    try mesh.start("rabat")
    #expect(try mesh.sync("amina", with: "rabat", "pull").status == 0)
    try mesh.must("syncclient", "put", "--data", "amina", "projects", "p2", "title=Port")
    #expect(try mesh.sync("amina", with: "rabat", "push").status == 0)
    let wrote = try waitFor { $0["event"]?.text == "wrote" }
    #expect(wrote["records"]?.int == 1 && wrote["applied"]?.int == 1)

    let amina = try lines("--identity", "field/amina")
    #expect(
      amina.compactMap { $0["event"]?.text } == ["act", "connected", "read", "connected", "wrote"])
    #expect(amina[0]["act"]?.text == "access grant")
    for line in amina.dropFirst() {
      #expect(try line["serial"]?.text == serial("amina"))
      #expect(line["address"]?.text?.hasPrefix("127.0.0.1:") == true)
    }
    #expect(amina[2]["collection"]?.text == "projects" && amina[2]["records"]?.int == 1)
    #expect(
      amina[1]["session"] == amina[2]["session"] && amina[2]["session"] != amina[4]["session"])

    // One that may not, and one whose certificate was revoked.
    try mesh.must("syncserver", "access", "revoke", "--data", "rabat", "field/amina", "projects")
    #expect(
      try mesh.client(
        "push", "--data", "amina", "--server", mesh.address("rabat"), "projects"
      ).status == 77)
    let refused = try waitFor { $0["event"]?.text == "refused" }
    #expect(refused["code"]?.text == "not-allowed" && refused["identity"]?.text == "field/amina")
    #expect(refused["collection"]?.text == "projects")
    try mesh.must("syncserver", "pki", "revoke", "--dir", "ca", "field/amina")
    try mesh.copyAuthority(to: "rabat")
    try mesh.wait { try mesh.sync("amina", with: "rabat").status == 77 }
    _ = try waitFor { $0["code"]?.text == "certificate-revoked" }

    try mesh.stop("rabat")
    #expect(try lines().last?["event"]?.text == "stopped")
    let table = try mesh.must("syncserver", "audit", "--data", "rabat", "--event", "act").output
    #expect(table.contains("access revoke identity=field/amina"))
    let mode =
      try FileManager.default.attributesOfItem(
        atPath: "\(mesh.path)/rabat/audit/audit.ndjson")[.posixPermissions] as? Int
    #expect(mode == 0o600)
  }

  /// Both addresses of a token that two devices used, and no secret.
  @Test func aTokenUsedTwiceIsNamed() throws {
    try mesh.must(
      "syncserver", "pki", "enrolment", "--dir", "ca", "office/rabat", "--out", "rabat/enrolment")
    try mesh.start("rabat")
    let token = try mesh.must(
      "syncserver", "enrol", "field/karim", "--data", "rabat", "--address", mesh.address("rabat"),
      "--json")
    let text = try #require(try token.json["token"]?.text)
    try mesh.must("syncclient", "enrol", text, "--data", "karim")
    #expect(try mesh.client("enrol", text, "--data", "thief").status == 77)
    let enrolled = try waitFor { $0["event"]?.text == "enrolled" }
    #expect(try enrolled["serial"]?.text == serial("karim"))
    let refused = try waitFor { $0["code"]?.text == "token-used" }
    #expect(refused["firstAddress"] == enrolled["address"])
    #expect(refused["address"]?.text?.hasPrefix("127.0.0.1:") == true)
    #expect(refused["identity"]?.text == "field/karim")
    #expect(
      try events("--identity", "field/karim") == ["act", "act", "enrolled", "refused"]
        || events("--identity", "field/karim") == ["act", "enrolled", "refused"])
    let file = try String(contentsOfFile: "\(mesh.path)/rabat/audit/audit.ndjson", encoding: .utf8)
    #expect(!file.contains(text) && !file.contains(text.dropFirst("officesync1-".count)))
  }

  /// What anybody chooses cannot make a line, or turn one around on a screen.
  @Test func hostileTextForgesNoLine() throws {
    let forged =
      "x\n{\"at\":\"2026-01-01T00:00:00.000Z\",\"event\":\"connected\"}\n\u{202E}\u{9B}2J"
    try mesh.must(
      "syncserver", "access", "grant", "--data", "rabat", "field/amina", "projects", "--by", forged)
    let act = try #require(try lines("--identity", "field/amina").first)
    #expect(act["by"]?.text == forged)
    #expect(try events("--event", "connected").isEmpty)
    let bytes = try Data(contentsOf: URL(filePath: "\(mesh.path)/rabat/audit/audit.ndjson"))
    #expect(bytes.allSatisfy { $0 == 10 || 0x20...0x7E ~= $0 })
    let table = try mesh.must("syncserver", "audit", "--data", "rabat").output
    #expect(!table.contains("\u{202E}") && !table.contains("\u{9B}"))
    #expect(table.split(separator: "\n").count == 3)
  }

  /// The server and commands beside it write at once, and files are put aside meanwhile.
  @Test func manyProgramsWriteWholeLines() throws {
    try mesh.grant("field/amina", "projects", at: "rabat")
    try mesh.start("rabat")
    let before = try events("--event", "act").count
    // Ten of these at a time, and syncs that the server writes down.
    for round in 0..<4 {
      let grants = try (0..<10).map { number in
        try RunningProgram(
          "syncserver",
          ["access", "grant", "--data", "rabat", "field/d\(round)-\(number)", "projects"],
          in: mesh.path, label: "grant-\(round)-\(number)")
      }
      #expect(try mesh.sync("amina", with: "rabat").status == 0)
      for grant in grants { #expect(grant.waited() == 0) }
    }
    _ = try waitFor { _ in true }
    #expect(try events("--event", "act").count == before + 40)
    try mesh.stop("rabat")
    #expect(try events("--event", "connected").count == 4)
  }

  /// What an office's own machine exchanges with another one stands in its log as well.
  @Test func whatThisOfficeBeginsIsThereToo() throws {
    try mesh.office("fes")
    try mesh.start("fes")
    try mesh.must("syncclient", "put", "--data", "rabat", "projects", "p1", "title=Gare")
    #expect(try mesh.sync("rabat", with: "fes").status == 0)
    let out = try lines("--identity", "office/fes")
    #expect(out.contains { $0["event"]?.text == "read" && $0["collection"]?.text == "projects" })
    #expect(out.allSatisfy { $0["server"]?.text == mesh.address("fes") })
    // And a standing peer's.
    try mesh.start("rabat")
    try mesh.must("syncserver", "peer", "add", "--data", "rabat", mesh.address("fes"))
    try mesh.must("syncclient", "put", "--data", "fes", "projects", "p2", "title=Port")
    let wrote = try waitFor {
      $0["event"]?.text == "wrote" && $0["collection"]?.text == "projects"
    }
    #expect(wrote["identity"]?.text == "office/fes")
  }

  /// Records leave an office's store also where no server hands them out.
  @Test func whatIsTakenOutIsThere() throws {
    try mesh.must("syncclient", "put", "--data", "rabat", "projects", "p1", "title=Gare")
    try mesh.must("syncclient", "export", "--data", "rabat", "projects")
    let export = try #require(try lines().last)
    #expect(export["act"]?.text == "export" && export["collection"]?.text == "projects")
    #expect(export["user"]?.text != nil)
    for office in ["fes", "agadir"] {
      try mesh.office(office)
      try mesh.start(office)
    }
    let run = try mesh.replicate(
      mesh.address("fes"), mesh.address("agadir"), ["--data", "rabat"])
    #expect(run.status == 0, "\(run.errors)")
    let courier = try #require(try lines().last)
    #expect(courier["act"]?.text == "replicate" && courier["identity"]?.text == "office/rabat")
    #expect(courier["from"]?.text == mesh.address("fes"))
    #expect(courier["to"]?.text == mesh.address("agadir"))
    // A laptop has no such log, and needs none.
    try mesh.must("syncclient", "export", "--data", "amina", "projects")
    #expect(!FileManager.default.fileExists(atPath: "\(mesh.path)/amina/audit"))
    // What cannot be written down is not done.
    let log = "\(mesh.path)/rabat/audit/audit.ndjson"
    try FileManager.default.removeItem(atPath: log)
    try FileManager.default.createDirectory(atPath: log, withIntermediateDirectories: false)
    let refused = try mesh.run("syncclient", "export", "--data", "rabat", "projects")
    #expect(refused.status == 74 && refused.output.isEmpty, "\(refused.errors)")
    #expect(
      try mesh.replicate(mesh.address("fes"), mesh.address("agadir"), ["--data", "rabat"])
        .status == 74)
  }

  #if os(Linux)
    /// A full disk stops no session; what is missing in the log is told there, as a number.
    @Test(.enabled(if: SmallDisk.isPossible)) func aFullDiskIsNoSilence() throws {
      try mesh.grant("field/amina", "projects", at: "rabat")
      let disk = try SmallDisk(at: "\(mesh.path)/rabat/audit-disk", megabytes: 1)
      // The log alone is on the disk that runs full: its records can be read and written all along.
      let audit = "\(mesh.path)/rabat/audit"
      try FileManager.default.removeItem(atPath: audit)
      try FileManager.default.createSymbolicLink(
        atPath: audit, withDestinationPath: "\(mesh.path)/rabat/audit-disk")
      let server = try mesh.start("rabat")
      _ = try waitFor { $0["event"]?.text == "started" }
      try disk.fill(leaving: 0)
      // What is left of a page that is taken already.
      for _ in 0..<40 where !server.errors.contains("the audit log cannot be written") {
        #expect(try mesh.sync("amina", with: "rabat").status == 0)
      }
      try server.wait { $0.errors.contains("the audit log cannot be written") }
      let act = try mesh.run(
        "syncserver", "access", "grant", "--data", "rabat", "field/karim", "projects", "--json")
      #expect(act.status == 74)
      #expect(try act.json["error"]?["name"]?.text == "not-recorded")

      try disk.makeRoom()
      #expect(try mesh.sync("amina", with: "rabat").status == 0)
      try server.wait { $0.errors.contains("the audit log is written again") }
      let run = try mesh.run("syncserver", "audit", "--data", "rabat", "--event", "lost", "--json")
      #expect((try run.lines.first?["count"]?.int ?? 0) > 0)
      try mesh.stop("rabat")
      withExtendedLifetime(disk) {}
    }
  #endif
}
