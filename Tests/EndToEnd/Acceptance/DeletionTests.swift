import Foundation
import OfficeSyncRecords
import OfficeSyncTestSupport
import Testing

/// Records that go away while a laptop is (PEERS, F4 and F12).
@Suite struct AcceptedDeletionTests {
  private let mesh: Mesh

  init() throws {
    mesh = try Mesh()
    try mesh.office("rabat")
    for device in ["amina", "karim"] { try mesh.device(device) }
    try mesh.grant("field/*", "projects", at: "rabat")
    try mesh.start("rabat")
  }

  private func put(_ store: String, _ id: String, _ assignment: String) throws {
    try mesh.must("syncclient", "put", "--data", store, "projects", id, assignment)
  }

  private func remove(_ id: String) throws {
    try mesh.must("syncclient", "rm", "--data", "rabat", "projects", id)
  }

  @Test("Acceptance 3: a laptop away longer than tombstones live elsewhere (ST PR#10023)")
  func nothingComesBackAndNothingUnsentIsLost() throws {
    for id in ["gone", "edited", "kept"] { try put("rabat", id, "title=First") }
    try mesh.exchange("amina", with: "rabat")
    for id in ["gone", "edited"] { try remove(id) }
    // What an office does in a year: tombstones by the hundred, of which the laptop never hears one by one.
    let rows = (0..<500).map { "Y\($0),x\n" }.joined()
    try mesh.folder.write("id,title\n" + rows, to: "year.csv")
    try mesh.must("syncclient", "import", "--data", "rabat", "projects", "year.csv")
    for n in 0..<20 { try remove("Y\(n)") }
    try mesh.exchange("karim", with: "rabat")
    try mesh.stop("rabat")
    try mesh.start("rabat")

    try put("amina", "edited", "title=Mine")
    try put("amina", "kept", "title=Mine too")
    try put("amina", "new", "title=Newest")
    #expect(try mesh.exchange("amina", with: "rabat")["inSync"]?.bool == true)
    try mesh.exchange("karim", with: "rabat")
    for store in ["rabat", "amina", "karim"] {
      #expect(try mesh.record("gone", in: store)["deleted"]?.bool == true)
      #expect(try mesh.record("Y0", in: store)["deleted"]?.bool == true)
      #expect(try mesh.record("kept", in: store)["fields"]?["title"]?.text == "Mine too")
      #expect(try mesh.record("new", in: store)["fields"]?["title"]?.text == "Newest")
      // The edit of what was deleted is there for a person to decide on.
      let open = try mesh.client("conflicts", "--data", store, "--json").lines
      #expect(open.map { $0["id"]?.text } == ["edited"])
      #expect(open.first?["path"]?.text == "$deleted")
      #expect(
        try mesh.fingerprint("projects", in: store) == mesh.fingerprint("projects", in: "rabat"))
    }
    try mesh.must(
      "syncclient", "resolve", "--data", "amina", "projects", "edited", "$deleted", "--absent")
    #expect(try mesh.record("edited", in: "amina")["fields"]?["title"]?.text == "Mine")
  }

  /// The region is a collection: the office moves the record to one that the laptop may not see.
  @Test("Acceptance 12: a record leaves the laptop's region with an unsent edit (cht-docs#139)")
  func anUnsentEditOfWhatHasLeftIsKept() throws {
    for id in ["moved", "stays"] { try put("rabat", id, "title=Gare") }
    try mesh.exchange("amina", with: "rabat")
    try mesh.must("syncclient", "put", "--data", "rabat", "souss-massa", "moved", "title=Gare")
    try remove("moved")
    try put("amina", "moved", "jobs=120")
    try put("amina", "stays", "jobs=80")
    #expect(try mesh.exchange("amina", with: "rabat")["inSync"]?.bool == true)
    for store in ["rabat", "amina"] {
      let open = try mesh.client("conflicts", "--data", store, "--json").lines
      #expect(open.map { $0["id"]?.text } == ["moved"])
      #expect(try mesh.record("stays", in: store)["fields"]?["jobs"]?.int == 80)
    }
    #expect(
      try mesh.must("syncclient", "collections", "--data", "amina").output.contains("souss-massa")
        == false)

    // The whole region is taken away: the edit stays on the laptop, can be taken from it, and is counted.
    try mesh.must("syncserver", "access", "revoke", "--data", "rabat", "field/*", "projects")
    try put("amina", "stays", "jobs=85")
    let refused = try mesh.sync("amina", with: "rabat")
    #expect(refused.status == 77)
    let status = try mesh.must("syncclient", "status", "--data", "amina", "--json").json
    #expect(status.collection("projects")?["unsent"]?.int == 1)
    let export = try mesh.must("syncclient", "export", "--data", "amina", "projects").lines
    #expect(export.first { $0["id"]?.text == "stays" }?["fields"]?["jobs"]?.int == 85)

    // And goes once the region is given back.
    try mesh.grant("field/*", "projects", at: "rabat")
    try mesh.exchange("amina", with: "rabat")
    #expect(try mesh.record("stays", in: "rabat")["fields"]?["jobs"]?.int == 85)
  }
}
