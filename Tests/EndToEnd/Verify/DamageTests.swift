import Foundation
import OfficeSyncRecords
import OfficeSyncTestSupport
import Testing

/// A record whose bits flipped on a disk is not carried on to others.
@Suite struct DamageTests {
  private static let marker = "Centre de Rabat, un titre qui ne se trouve qu'une fois"
  private let mesh: Mesh

  init() throws {
    mesh = try Mesh()
    for office in ["casablanca", "rabat"] { try mesh.office(office) }
    try mesh.device("amina")
    try mesh.grant("field/*", "projects", at: "casablanca")
  }

  private func putMarked(in store: String) throws {
    try mesh.must("syncclient", "put", "--data", store, "projects", "before", "title=Avant")
    try mesh.must(
      "syncclient", "put", "--data", store, "projects", "marked", "title=\(Self.marker)")
  }

  private func run(_ verb: String, _ store: String, with office: String) throws -> ProgramRun {
    try BuiltPrograms.run(
      "syncclient", [verb, "--data", store, "--server", mesh.address(office), "--json"],
      in: mesh.path)
  }

  @Test func aDeviceSendsNoDamagedRecord() throws {
    try mesh.start("casablanca")
    try putMarked(in: "amina")
    try mesh.flip(Self.marker, in: "amina")
    let push = try run("push", "amina", with: "casablanca")
    #expect(push.status == 74, "\(push)")
    #expect(try push.json["error"]?["name"]?.text == "record-damaged")
    #expect(
      try push.json["error"]?["message"]?.text
        == "It was not sent: the record marked in projects is damaged.")
    #expect(try mesh.client("get", "--data", "casablanca", "projects", "marked").status == 1)
    #expect(try run("pull", "amina", with: "casablanca").status == 0)
  }

  /// A page of the file that SQLite cannot walk through: what stands on others, and was sent to nobody, comes into a new store.
  @Test func whatWasNotSentIsSavedFromABrokenPage() throws {
    let text = String(repeating: "convention signée ", count: 20)
    let rows = (1...300).map { "{\"id\":\"P\(1_000 + $0)\",\"title\":\"Projet \($0) \(text)\"}\n" }
    try mesh.folder.write(rows.joined(), to: "rows.ndjson")
    try mesh.must("syncclient", "import", "--data", "amina", "projects", "rows.ndjson")
    try mesh.breakPage(of: "Projet 150 ", in: "amina")
    let found = try mesh.client("verify", "--local", "--data", "amina")
    #expect(found.status == 1)
    #expect(found.output.contains("P1150 in projects: its place in the file cannot be read."))
    let sync = try BuiltPrograms.run(
      "syncclient", ["ls", "projects", "--data", "amina", "--json"], in: mesh.path)
    #expect(try sync.json["error"]?["name"]?.text == "store-damaged")

    let export = try mesh.client("export", "--data", "amina", "projects")
    #expect(export.status == 74)
    #expect(export.errors.contains("The store is damaged: "))
    let lines = export.output.split(separator: "\n")
    // A page holds about ten.
    #expect((280..<300).contains(lines.count), "\(lines.count)")
    try mesh.folder.write(export.output, to: "saved.ndjson")
    try mesh.must("syncclient", "init", "--data", "anew", "--name", "amina")
    let saved = try mesh.must(
      "syncclient", "import", "--data", "anew", "projects", "saved.ndjson", "--json"
    ).json
    #expect(saved["written"]?.int == lines.count)
    #expect(try mesh.record("P1001", in: "anew")["fields"]?["title"]?.text == "Projet 1 \(text)")
  }

  @Test func anOfficeSendsNoneAndGoesOnOnceItIsMadeGood() throws {
    try mesh.start("casablanca")
    try putMarked(in: "casablanca")
    try mesh.exchange("rabat", with: "casablanca")
    try mesh.stop("casablanca")
    try mesh.flip(Self.marker, in: "casablanca")
    let server = try mesh.start("casablanca")
    let pull = try run("pull", "amina", with: "casablanca")
    #expect(pull.status == 69, "\(pull)")
    #expect(try pull.json["error"]?["name"]?.text == "server-storage-failed")
    #expect(pull.output.contains("the record marked in projects is damaged"))
    #expect(try mesh.client("get", "--data", "amina", "projects", "marked").status == 1)
    #expect(server.errors.contains("the record marked in projects is damaged"))

    try mesh.start("rabat")
    let repair = try BuiltPrograms.run(
      "syncclient",
      [
        "verify", "--data", "casablanca", "--server", mesh.address("rabat"), "--repair", "projects",
      ],
      in: mesh.path)
    #expect(repair.status == 0, "\(repair)")
    try mesh.exchange("amina", with: "casablanca")
    #expect(
      try mesh.record("marked", in: "amina")["fields"]?["title"]?.text == Self.marker)
  }
}
