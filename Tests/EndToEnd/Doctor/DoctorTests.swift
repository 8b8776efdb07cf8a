import Foundation
import OfficeSyncRecords
import Testing

/// `syncserver doctor`, as an administrator or a cron job sees it.
@Suite struct DoctorTests {
  private let mesh: Mesh

  init() throws {
    mesh = try Mesh()
    try mesh.office("rabat")
    try mesh.set(#"listen = ["0.0.0.0:7443"]"#, in: "rabat")
  }

  /// Check and grade of what is not well.
  private func findings(_ options: String..., status: Int32 = 1) throws -> [String] {
    let run = try BuiltPrograms.run(
      "syncserver", ["doctor", "--data", "rabat", "--findings", "--json"] + options, in: mesh.path)
    #expect(run.status == status, "\(run.output)\(run.errors)")
    #expect(try run.json["ok"]?.bool == (status == 0))
    guard case .array(let checks)? = try run.json["checks"] else { return [] }
    return try checks.map { check in
      #expect(check["message"]?.text?.isEmpty == false)
      #expect(check["remedy"]?.text?.isEmpty == false)
      return try "\(#require(check["check"]?.text)) \(#require(check["grade"]?.text))"
    }
  }

  @Test func aSoundOfficeHasALineForEachCheck() throws {
    try mesh.put("rabat", "gare", "title=Gare")
    try mesh.start("rabat")
    let run = try mesh.must("syncserver", "doctor", "--data", "rabat")
    let lines = run.output.split(separator: "\n")
    #expect(lines.allSatisfy { $0.hasPrefix("ok: ") }, "\(run.output)")
    #expect(lines.count == 11)
    let document = try mesh.must("syncserver", "doctor", "--data", "rabat", "--json").json
    guard case .array(let checks)? = document["checks"] else {
      Issue.record("no checks")
      return
    }
    #expect(
      checks.map { $0["check"]?.text ?? "" } == [
        "certificate", "authority", "revocation-list", "clock", "disk", "database", "permissions",
        "audit", "listening", "peers", "recovery",
      ])
    #expect(checks.allSatisfy { $0["remedy"] == .null })
    // For cron: nothing to do, nothing said.
    #expect(try mesh.must("syncserver", "doctor", "--data", "rabat", "--findings").output == "")
    #expect(try findings(status: 0) == [])
  }

  @Test func whatIsWrongIsFoundAllAtOnce() throws {
    try mesh.must(
      "syncserver", "pki", "issue", "--dir", "ca", "office/rabat", "--host", "127.0.0.1", "--days",
      "5", "--out", "rabat/identity", "--force")
    try FileManager.default.removeItem(atPath: "\(mesh.path)/rabat/crl.pem")
    try mesh.set(#"listen = ["127.0.0.1:0"]"#, in: "rabat")
    try mesh.must("syncserver", "recovery", "--data", "rabat", "--open")
    try mesh.must("syncserver", "peer", "add", "--data", "rabat", "127.0.0.1:1")
    #expect(
      try findings() == [
        "certificate warning", "revocation-list warning", "listening warning", "peers warning",
        "recovery warning",
      ])
    // A key that others can read is not used.
    chmod("\(mesh.path)/rabat/identity.key", 0o640)
    #expect(
      try findings() == [
        "certificate problem", "permissions problem", "listening warning", "peers warning",
        "recovery warning",
      ])
    let run = try mesh.run("syncserver", "doctor", "--data", "rabat")
    #expect(run.status == 1)
    #expect(run.output.contains("chmod 600 \(mesh.path)/rabat/identity.key.\n"))
    #expect(run.output.contains("syncserver recovery --close"))
  }

  @Test func aPeerThatCannotBeReachedIsNamed() throws {
    try mesh.must("syncserver", "peer", "add", "--data", "rabat", "127.0.0.1:1")
    let server = try mesh.start("rabat")
    try server.wait { $0.errors.contains("cannot be kept current with") }
    #expect(try findings() == ["peers problem"])
    let run = try mesh.run("syncserver", "doctor", "--data", "rabat", "--findings")
    #expect(run.output.hasPrefix("problem: peers: 127.0.0.1:1 could not be synced with at "))
    #expect(run.output.contains(": unreachable: docs/ERRORS.md"))
  }

  @Test func aDamagedStoreHidesNothingElse() throws {
    try mesh.set("listen = 5", in: "rabat")
    let path = "\(mesh.path)/rabat/store.sqlite"
    var bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
    // The second page: whatever it is, it is a page of a table that must be there.
    for offset in 4_096..<8_192 { bytes[offset] = 0xA5 }
    try Data(bytes).write(to: URL(filePath: path))
    chmod(path, 0o600)
    #expect(try findings() == ["settings problem", "database problem"])
  }

  @Test func withoutAStoreThereIsNothingToExamine() throws {
    let run = try mesh.run("syncserver", "doctor", "--data", "nowhere", "--json")
    #expect(run.status == 64)
    #expect(try run.json["error"]?["name"]?.text == "no-store")
    try mesh.device("amina")
    #expect(try mesh.run("syncserver", "doctor", "--data", "amina").status == 64)
  }
}
