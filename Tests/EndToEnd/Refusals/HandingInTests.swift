import Foundation
import OfficeSyncRecords
import OfficeSyncTestSupport
import Testing

/// A device that may not sync any more: what it had not sent is handed in through an office, and it is seen who did that.
@Suite struct HandingInTests {
  private let mesh: Mesh

  init() throws {
    mesh = try Mesh()
    try mesh.office("rabat")
    try mesh.device("amina")
    try mesh.grant("field/*", "projects", at: "rabat")
    try mesh.folder.write(
      """
      {"fields": {"tags": {"type": "text", "policy": "set"}, "budget": {"type": "decimal", "policy": "manual"},
        "visited": {"type": "date"}}}
      """, to: "schema.json")
    try mesh.must("syncclient", "schema", "set", "--data", "rabat", "projects", "schema.json")
    try put(
      "rabat", "p1", "title=Gare", "status=signed", "note=x", #"tags=["a","b"]"#, "budget=1.50")
    try put("rabat", "p2", "title=Port")
    try mesh.start("rabat")
    #expect(try mesh.sync("amina", with: "rabat").status == 0)
  }

  private func put(_ store: String, _ id: String, _ fields: String...) throws {
    let run = try BuiltPrograms.run(
      "syncclient", ["put", "--data", store, "projects", id] + fields, in: mesh.path)
    #expect(run.status == 0, "\(run.errors)")
  }

  private func handIn(_ options: String...) throws -> ProgramRun {
    try BuiltPrograms.run(
      "syncclient",
      ["import", "--data", "rabat", "projects", "amina.ndjson", "--as", "field/amina", "--json"]
        + options, in: mesh.path)
  }

  /// Offline edits of every kind, and the office's own meanwhile.
  private func editAndRevoke() throws {
    try put(
      "amina", "p1", "title=Grande gare", "tags+=c", "tags-=a", "budget=2.50",
      #"visited="2026-11-20""#)
    try mesh.must("syncclient", "unset", "--data", "amina", "projects", "p1", "note")
    try mesh.must("syncclient", "rm", "--data", "amina", "projects", "p2")
    try put("amina", "p3", "title=Pont")
    try put("rabat", "p1", "status=built", "budget=3.50")
    try mesh.must("syncserver", "pki", "revoke", "--dir", "ca", "field/amina")
    try mesh.copyAuthority(to: "rabat")
    try mesh.wait { try mesh.sync("amina", with: "rabat").status == 77 }
    let export = try mesh.must("syncclient", "export", "--data", "amina", "projects", "--unsent")
    #expect(export.output.split(separator: "\n").count == 3)
    try mesh.folder.write(export.output, to: "amina.ndjson")
  }

  @Test func unsentEditsAreHandedIn() throws {
    try editAndRevoke()
    let dry = try handIn("--dry-run")
    #expect(try dry.json["written"]?.int == 3, "\(dry.output)")
    let run = try handIn("--by", "Hassan")
    #expect(run.status == 0, "\(run.output)")
    #expect(try run.json["written"]?.int == 3)

    let p1 = try mesh.record("p1", in: "rabat")
    let fields = try #require(p1["fields"])
    #expect(fields["title"]?.text == "Grande gare" && fields["note"] == nil)
    #expect(fields["tags"]?.items?.compactMap(\.text).sorted() == ["b", "c"])
    #expect(fields["visited"]?.text == "2026-11-20")
    // What the office wrote meanwhile, without the device knowing, is not written over: neither field.
    #expect(fields["status"]?.text == "built")
    #expect(p1["conflicts"]?["budget"]?.items?.count == 2)
    #expect(try mesh.record("p2", in: "rabat")["deleted"]?.bool == true)
    #expect(try mesh.record("p3", in: "rabat")["fields"]?["title"]?.text == "Pont")

    // Who, and for whom.
    let log = try mesh.must("syncclient", "log", "--data", "rabat", "projects", "p3", "--json")
      .lines
    #expect(log.first?["note"]?.text == "for field/amina, by Hassan")
    #expect(log.first?["author"]?.text == "office/rabat")
    let acts = try mesh.must(
      "syncserver", "audit", "--data", "rabat", "--identity", "field/amina", "--event", "act",
      "--json"
    ).lines
    #expect(acts.count == 1 && acts.first?["act"]?.text == "import")
    #expect(acts.first?["by"]?.text == "Hassan" && acts.first?["records"]?.int == 3)

    // The same file again brings nothing, also where it was overtaken meanwhile.
    try put("rabat", "p1", "title=Gare centrale")
    #expect(try handIn("--by", "Nadia").json["written"]?.int == 0)
    #expect(try mesh.record("p1", in: "rabat")["fields"]?["title"]?.text == "Gare centrale")
    // And if the device is let in after all, both come to the same.
    try mesh.must(
      "syncserver", "pki", "issue", "--dir", "ca", "field/amina", "--request", "amina/request.csr",
      "--out", "amina/identity", "--force")
    #expect(try mesh.exchange("amina", with: "rabat")["inSync"]?.bool == true)
    #expect(
      try mesh.fingerprint("projects", in: "amina") == mesh.fingerprint("projects", in: "rabat"))
    let nothing = try mesh.must("syncclient", "export", "--data", "amina", "projects", "--unsent")
    #expect(nothing.output.isEmpty)
  }

  @Test func whatIsNoneOfItIsRefused() throws {
    func name(_ run: ProgramRun) throws -> String? { try run.json["error"]?["name"]?.text }
    let export = try mesh.must("syncclient", "export", "--data", "amina", "projects")
    try mesh.folder.write(export.output, to: "amina.ndjson")
    #expect(try name(handIn()) == "bad-rows")
    try put("amina", "p3", "title=Pont")
    let unsent = try mesh.must("syncclient", "export", "--data", "amina", "projects", "--unsent")
    try mesh.folder.write(unsent.output, to: "amina.ndjson")
    let device = try mesh.client(
      "import", "--data", "amina", "projects", "amina.ndjson", "--as", "field/amina", "--json")
    #expect(device.status == 77)
    #expect(try name(device) == "offices-only")
    let nobody = try mesh.client(
      "import", "--data", "rabat", "projects", "amina.ndjson", "--as", "amina", "--json")
    #expect(try name(nobody) == "bad-identity")
    let other = try mesh.client(
      "import", "--data", "rabat", "others", "amina.ndjson", "--as", "field/amina", "--json")
    #expect(try name(other) == "bad-rows")
    #expect(try mesh.client("get", "--data", "rabat", "projects", "p3").status == 1)
  }
}
