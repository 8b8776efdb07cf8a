import Foundation
import OfficeSyncRecords
import OfficeSyncTestSupport
import Testing

/// Programs of different versions in one mesh: what either does not know is passed over or carried on, and nothing is lost.
@Suite struct MixedVersionTests {
  private static let other = RepositoryFiles.path("Tests/EndToEnd/Python/other_version.py")
  private let mesh: Mesh

  init() throws {
    mesh = try Mesh()
    try mesh.office("rabat")
    try mesh.device("amina")
    try mesh.grant("field/*", "projects", at: "rabat")
    try mesh.put("rabat", "gare", "title=Gare", "budget=5")
    try mesh.put("amina", "port", "title=Port")
    try mesh.start("rabat")
  }

  /// Where a server listens that is `office`'s, but for its version, to a client that is `client`.
  private func otherVersion(
    _ mode: String, of office: String = "rabat", to client: String = "amina"
  ) throws -> String {
    let relay = try RunningProgram(
      "python3",
      [
        Self.other, String(mesh.port(office)), mode, "--ca", "ca/ca.pem", "--office",
        "\(office)/identity", "--client", "\(client)/identity",
      ], in: mesh.path, label: "\(mode)-\(client)")
    mesh.peers.append(relay)
    try relay.wait { $0.output.hasSuffix("\n") }
    return String(relay.output.dropFirst("listening on ".count).dropLast())
  }

  @Test(arguments: ["newer", "older"])
  func anOlderAndANewerProgramLoseNothing(mode: String) throws {
    // Enough to be worth compressing, where both know how.
    try mesh.importExamples(at: "rabat")
    let address = try otherVersion(mode)
    let sync = ["sync", "--data", "amina", "--server", address, "--json"]
    let run = try BuiltPrograms.run("syncclient", sync, in: mesh.path)
    #expect(run.status == 0, "\(run.output)\(run.errors)")
    #expect(try run.json.collection("projects")?["inSync"]?.bool == true)
    // A record that both edited meanwhile.
    try mesh.put("amina", "gare", "title=Gare de Rabat")
    try mesh.put("rabat", "gare", "budget=7")
    let again = try BuiltPrograms.run("syncclient", sync, in: mesh.path)
    #expect(try again.json.collection("projects")?["inSync"]?.bool == true)
    let verified = try mesh.client("verify", "--data", "amina", "--server", address)
    #expect(verified.status == 0, "\(verified.errors)")
    #expect(
      try mesh.fingerprint("projects", in: "amina") == mesh.fingerprint("projects", in: "rabat"))
    let fields = try mesh.record("gare", in: "rabat")["fields"]
    #expect(fields?["title"]?.text == "Gare de Rabat")
    #expect(fields?["budget"]?.int == 7)
  }

  @Test func aStandingPeerOfAnotherVersionIsLive() throws {
    try mesh.office("fes")
    let address = try otherVersion("newer", to: "fes")
    try mesh.start("fes")
    try mesh.must("syncserver", "peer", "add", "--data", "fes", address)
    func title(_ id: String, in store: String) throws -> String? {
      let run = try mesh.client("get", "--data", store, "projects", id, "--json")
      return run.status == 0 ? try run.json["fields"]?["title"]?.text : nil
    }
    try mesh.wait { try title("gare", in: "fes") == "Gare" }
    for round in 0..<3 {
      try mesh.put("fes", "hub", "title=Hub \(round)")
      try mesh.wait { try title("hub", in: "rabat") == "Hub \(round)" }
      try mesh.put("rabat", "pont", "title=Pont \(round)")
      try mesh.wait { try title("pont", in: "fes") == "Pont \(round)" }
    }
  }

  @Test func aCourierCarriesWhatItDoesNotKnow() throws {
    try mesh.office("fes")
    try mesh.start("fes")
    try mesh.office("courier")
    try mesh.put("fes", "hub", "title=Hub")
    let run = try mesh.replicate(
      otherVersion("newer", to: "courier"), mesh.address("fes"), ["--data", "courier", "--json"])
    #expect(run.status == 0, "\(run.output)\(run.errors)")
    #expect(
      try mesh.fingerprint("projects", in: "fes") == mesh.fingerprint("projects", in: "rabat"))
  }

  @Test(arguments: [
    ("critical", "protocol-violation"), ("unlisted", "version-unsupported"),
    ("only-2", "version-unsupported"),
  ])
  func whatCannotBeUnderstoodIsRefusedByName(mode: String, error: String) throws {
    let address = try otherVersion(mode)
    let run = try mesh.client("sync", "--data", "amina", "--server", address, "--json")
    #expect(run.status == 76, "\(run.output)")
    #expect(try run.json["error"]?["name"]?.text == error, "\(run.output)")
    // Nothing happened, and with a version in common all goes on.
    let unsent = try mesh.must("syncclient", "status", "--data", "amina", "--json").json
    #expect(unsent.collection("projects")?["unsent"]?.int == 1)
    #expect(try mesh.exchange("amina", with: "rabat")["inSync"]?.bool == true)
  }

  /// Acceptance 10 (powersync-js#1058): a device of an older program, which has heard of neither schema nor field.
  @Test func fieldsThatNobodyHereKnowsAreCarriedThrough() throws {
    try mesh.exchange("amina", with: "rabat")
    try mesh.folder.write(
      #"{"fields":{"status":{"type":"text","policy":"manual"},"later/*/on":{"type":"date"}}}"#,
      to: "schema.json")
    try mesh.must("syncclient", "schema", "set", "--data", "rabat", "projects", "schema.json")
    try mesh.put("rabat", "gare", "later/a/on=2026-11-24", "unheard=of")
    try mesh.put("amina", "gare", "title=Gare de Rabat")
    try mesh.exchange("amina", with: "rabat", "push")
    try mesh.exchange("amina", with: "rabat")
    for store in ["rabat", "amina"] {
      let fields = try mesh.record("gare", in: store)["fields"]
      #expect(fields?["unheard"]?.text == "of", "\(store)")
      #expect(fields?["later"]?["a"]?["on"]?.text == "2026-11-24", "\(store)")
      #expect(fields?["title"]?.text == "Gare de Rabat", "\(store)")
    }
  }
}
