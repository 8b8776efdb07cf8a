import Foundation
import OfficeSyncRecords
import OfficeSyncTestSupport
import Testing

/// `syncclient replicate` between the servers of two offices, with the certificate of a third.
@Suite struct ReplicateTests {
  private let mesh: Mesh

  init() throws {
    mesh = try Mesh()
    for office in ["casablanca", "rabat", "courier"] { try mesh.office(office) }
    for office in ["casablanca", "rabat"] { try mesh.start(office) }
  }

  private func put(_ office: String, _ id: String, _ assignment: String) throws {
    try mesh.must("syncclient", "put", "--data", office, "projects", id, assignment)
  }

  private func replicate(_ options: String..., between servers: (String, String)? = nil) throws
    -> ProgramRun
  {
    let (from, to) = servers ?? (mesh.address("casablanca"), mesh.address("rabat"))
    return try mesh.replicate(from, to, ["--data", "courier"] + options)
  }

  private func expectSame() throws {
    #expect(
      try mesh.fingerprint("projects", in: "casablanca")
        == mesh.fingerprint("projects", in: "rabat"))
  }

  @Test func eitherGetsWhatItLacks() throws {
    try put("casablanca", "p1", "title=Hub")
    try put("rabat", "p2", "title=Port")
    let run = try replicate("--json")
    #expect(run.status == 0)
    let found = try #require(try run.json.collection("projects"))
    #expect(found["fromTo"]?.int == 1)
    #expect(found["toFrom"]?.int == 1)
    #expect(found["applied"]?.int == 2)
    #expect(found["inSync"]?.bool == true)
    #expect(try found["fingerprint"]?.text == mesh.fingerprint("projects", in: "rabat"))
    try expectSame()

    // Each office lists the other, and not the courier, who has no store.
    for (office, other) in [("casablanca", "rabat"), ("rabat", "casablanca")] {
      let listed = try mesh.must("syncserver", "replicas", "--data", office, "--json").lines
      #expect(listed.map { $0["identity"]?.text } == ["office/\(other)"])
    }
    let again = try replicate("--quiet")
    #expect(again.status == 0)
    #expect(again.output + again.errors == "", "cron sends no mail")
  }

  @Test func theSecondRunShowsNoCertificates() throws {
    let tickets = "\(mesh.path)/.local/share/officesync/courier/tickets"
    #expect(try replicate("--json").json["resumed"]?.bool == false)
    #expect(try FileManager.default.contentsOfDirectory(atPath: tickets).count == 2)
    #expect(try replicate("--json").json["resumed"]?.bool == true)
  }

  /// As of other commands that sync.
  @Test func anEndThatIsNearIsSaid() throws {
    let notice = "this office's certificate ends on"
    #expect(!(try replicate().errors.contains(notice)))
    try mesh.must(
      "syncserver", "pki", "issue", "--dir", "ca", "office/courier", "--host", "127.0.0.1",
      "--days", "5", "--out", "courier/identity", "--force")
    let run = try replicate()
    #expect(run.status == 0)
    #expect(run.errors.contains(notice) && run.errors.contains("office/courier"), "\(run.errors)")
  }

  @Test func oneWayCarriesOneWay() throws {
    try put("casablanca", "p1", "title=Hub")
    try put("rabat", "p2", "title=Port")
    let run = try replicate("--one-way", "--json")
    #expect(run.status == 0)
    #expect(try run.json.collection("projects")?["inSync"] == .null)
    #expect(try mesh.record("p1", in: "rabat")["fields"]?["title"]?.text == "Hub")
    #expect(try mesh.client("get", "--data", "casablanca", "projects", "p2").status == 1)
  }

  /// The real projects, over a link that breaks again and again: it goes on where it was.
  @Test func retriesGoOnWhereTheLinkBroke() throws {
    try mesh.importExamples(at: "casablanca")
    let whole = try #require(
      try mesh.must("syncclient", "collections", "--data", "casablanca", "--json").lines.first?[
        "records"]?.int)
    let (_, proxy) = try mesh.startPeer(
      ["cut", String(mesh.port("casablanca")), "--back", "15000"], label: "cut")
    let run = try replicate(
      "--json", "--retries", "100", between: (proxy, mesh.address("rabat")))
    #expect(run.status == 0, "\(run.output) \(run.errors)")
    #expect(try run.json["attempts"]?.int ?? 0 > 2)
    let carried = try run.json.collection("projects")?["fromTo"]?.int ?? 0
    #expect(carried >= whole)
    #expect(carried < whole * 3 / 2, "what came whole is not carried again")
    try expectSame()
  }

  @Test func itIsRefusedWhatItMayNot() throws {
    try mesh.device("amina")
    let (casablanca, rabat) = (mesh.address("casablanca"), mesh.address("rabat"))
    let device = try mesh.replicate(casablanca, rabat, ["--data", "amina", "--json"])
    #expect(device.status == 77)
    #expect(try device.json["error"]?["name"]?.text == "offices-only")

    let same = try replicate("--json", between: (casablanca, casablanca))
    #expect(same.status == 64)
    #expect(try same.json["error"]?["name"]?.text == "same-office")
    let alias = "localhost:\(mesh.port("casablanca"))"
    let hidden = try replicate("--json", between: (casablanca, alias))
    #expect(hidden.status == 64)

    let nobody = try replicate("--json", between: (casablanca, "127.0.0.1:1"))
    #expect(nobody.status == 69)
    #expect(try nobody.json["error"]?["message"]?.text?.contains("127.0.0.1:1") == true)

    try put("casablanca", "p1", "title=Hub")
    try mesh.must(
      "syncserver", "access", "revoke", "--data", "rabat", "office/*", "*")
    let named = try replicate("projects", "--json")
    #expect(named.status == 77)
    #expect(try named.json.collection("projects")?["error"]?["name"]?.text == "not-allowed")
    let all = try replicate("--json")
    #expect(all.status == 0, "what nobody asked for by name is left out")
    #expect(try all.json["collections"]?.items?.map { $0["name"]?.text } == ["$office"])
  }

  @Test func oneAtATime() throws {
    try put("casablanca", "p1", "title=Hub")
    let (_, silent) = try mesh.startPeer(["serve"], label: "silent")
    let first = try RunningProgram(
      "syncclient",
      ["replicate", "--from", mesh.address("casablanca"), "--to", silent, "--data", "courier"],
      in: mesh.path, label: "first")
    let lock = "\(mesh.path)/.local/share/officesync/courier"
    try first.wait { _ in
      (try? FileManager.default.contentsOfDirectory(atPath: lock))?.isEmpty == false
    }
    // The same pair, the other way round.
    let second = try replicate("--json", between: (silent, mesh.address("casablanca")))
    #expect(second.status == 75)
    let other = try replicate("--json")
    #expect(other.status == 0, "another pair is not locked")
    #expect(first.end(with: SIGINT) == 130)
  }
}
