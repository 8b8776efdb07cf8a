import Foundation
import OfficeSyncRecords
import OfficeSyncTestSupport
import Testing

/// A drill: an office is lost, and put back from a file that is older than what its peers know.
@Suite struct BackupTests {
  private let mesh: Mesh

  init() throws {
    mesh = try Mesh()
    for office in ["rabat", "fes"] {
      try mesh.office(office)
      try mesh.grant("field/*", "projects", at: office)
      try mesh.start(office)
    }
    for device in ["amina", "karim"] { try mesh.device(device) }
    try mesh.importExamples(at: "rabat")
  }

  @Test func anOfficeIsLostAndPutBack() throws {
    for store in ["fes", "amina", "karim"] { try mesh.exchange(store, with: "rabat") }
    let backup = try mesh.must("syncserver", "backup", "--data", "rabat", "night.sqlite", "--json")
    #expect(try backup.json["bytes"]?.int ?? 0 > 100_000)
    let id = try mesh.replica("rabat")

    // Since then: writes here, on devices that have synced, on one that has not, and at the other office.
    try mesh.put("rabat", "hub", "title=Hub", "budget=5")
    try mesh.exchange("amina", with: "rabat")
    try mesh.put("amina", "hub", "note=visited")
    try mesh.put("amina", "amina-1", "title=By Amina")
    try mesh.exchange("amina", with: "rabat")
    try mesh.put("karim", "karim-1", "title=By Karim")
    try mesh.put("fes", "fes-1", "title=By Fes")
    let budget = try mesh.record("hub", in: "rabat")["fields"]?["budget"]?.int

    // Disaster: the folder is gone but for its certificates.
    mesh.server("rabat")?.end(with: SIGKILL)
    try mesh.must("sh", "-c", "rm rabat/store.sqlite*")
    let restored = try mesh.must(
      "syncserver", "restore", "--data", "rabat", "night.sqlite", "--json")
    #expect(try restored.json["recovering"]?.bool == true)
    #expect(try restored.json["replica"]?["id"]?.text != id)
    #expect(try restored.json["replica"]?["former"]?.items?.first?.text == id)
    try mesh.start("rabat")
    #expect(try mesh.client("get", "--data", "rabat", "projects", "hub").status == 1)

    for store in ["amina", "karim", "fes", "amina", "karim"] {
      #expect(try mesh.exchange(store, with: "rabat")["inSync"]?.bool == true, "\(store)")
    }
    #expect(try mesh.record("hub", in: "rabat")["fields"]?["budget"]?.int == budget)
    #expect(try mesh.values("rabat", "hub", "note") == ["visited"])
    for record in ["amina-1", "karim-1", "fes-1"] {
      #expect(try mesh.record(record, in: "rabat")["deleted"]?.bool == false)
    }
    let fingerprints = try ["rabat", "fes", "amina", "karim"].map {
      try mesh.fingerprint("projects", in: $0)
    }
    #expect(Set(fingerprints).count == 1)
    #expect(try mesh.client("verify", "--data", "rabat", "--local").status == 0)
  }

  @Test func whatIsInTheWayIsNamed() throws {
    let made = try mesh.must("syncserver", "backup", "--data", "rabat", "night.sqlite")
    #expect(made.output.contains("Certificates, keys and config.toml are not in it"))
    #expect(made.errors.contains("syncserver restore night.sqlite"))
    let again = try mesh.run("syncserver", "backup", "--data", "rabat", "night.sqlite", "--json")
    #expect(again.status == 65)
    #expect(try again.json["error"]?["name"]?.text == "file-exists")
    try mesh.must("syncserver", "backup", "--data", "rabat", "night.sqlite", "--force")

    // The server has the store open.
    let running = try mesh.run(
      "syncserver", "restore", "--data", "rabat", "night.sqlite", "--force", "--json")
    #expect(running.status == 75)
    try mesh.stop("rabat")
    let there = try mesh.run("syncserver", "restore", "--data", "rabat", "night.sqlite", "--json")
    #expect(there.status == 65)
    #expect(try there.json["error"]?["name"]?.text == "store-exists")
    let forced = try mesh.must(
      "syncserver", "restore", "--data", "rabat", "night.sqlite", "--force", "--json")
    let replaced = try #require(try forced.json["replaced"]?.text)
    #expect(FileManager.default.fileExists(atPath: replaced))

    let none = try mesh.run("syncserver", "restore", "--data", "new", "nothing.sqlite", "--json")
    #expect(none.status == 64)
    try mesh.must("syncserver", "backup", "--data", "fes", "fes.sqlite")
    // No office's store.
    try mesh.must("cp", "amina/store.sqlite", "device.sqlite")
    let device = try mesh.run("syncserver", "restore", "--data", "new", "device.sqlite", "--json")
    #expect(device.status == 64)
    #expect(try device.json["error"]?["name"]?.text == "not-an-office")
  }

  /// Export and import carry the current values, with their types.
  @Test func exportThenImportGivesTheSameValues() throws {
    try mesh.put("rabat", "typed", #"a=1"#, #"b=1.50"#, #"c=["x",2,true,null]"#, #"d={}"#, "e=é")
    let exported = try mesh.must("syncclient", "export", "--data", "rabat", "projects")
    try mesh.folder.write(exported.output, to: "all.ndjson")
    let schema = try mesh.must(
      "syncclient", "schema", "show", "--data", "rabat", "projects", "--json")
    try mesh.folder.write(schema.output, to: "schema.json")
    try mesh.office("oujda")
    try mesh.must("syncclient", "schema", "set", "--data", "oujda", "projects", "schema.json")
    try mesh.must("syncclient", "import", "--data", "oujda", "projects", "all.ndjson")
    func fields(_ text: String) throws -> [String] {
      try text.split(separator: "\n").map { line in
        let record = try JSONValue(parsing: String(line))
        return "\(record["id"]?.text ?? "") \(record["fields"]?.encoded() ?? "")"
      }
    }
    let back = try mesh.must("syncclient", "export", "--data", "oujda", "projects")
    let before = try fields(exported.output)
    #expect(before.count > 200)
    #expect(try fields(back.output) == before)
  }
}
