import Foundation
import OfficeSyncRecords
import OfficeSyncTestSupport
import Testing

/// Where merging went wrong for users of other programs (PEERS, F5, F6 and F12).
@Suite struct AcceptedMergeTests {
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

  private func sync(_ devices: String...) throws {
    for device in devices { try mesh.exchange(device, with: "rabat") }
  }

  private func setSchema(_ text: String) throws {
    try mesh.folder.write(text, to: "schema.json")
    try mesh.must("syncclient", "schema", "set", "--data", "rabat", "projects", "schema.json")
  }

  private func expectTheSameEverywhere() throws {
    let prints = try ["rabat", "amina", "karim"].map { try mesh.fingerprint("projects", in: $0) }
    #expect(prints[0] != nil)
    #expect(Set(prints).count == 1)
  }

  /// `OFFICESYNC_EDITS=10000` runs it at full size; so does `scripts/interruptions`.
  @Test("Acceptance 8: many concurrent edits of one record do not multiply its values (Riak)")
  func concurrentEditsDoNotMultiply() throws {
    let edits = Int(ProcessInfo.processInfo.environment["OFFICESYNC_EDITS"] ?? "") ?? 60
    try put("rabat", "A1", "title=Gare")
    try sync("amina", "karim")
    for n in stride(from: 0, to: edits, by: 6) {
      // Each writes without knowing of the others' last.
      for (m, store) in ["amina", "karim", "rabat", "amina", "karim", "rabat"].enumerated() {
        try put(store, "A1", "title=\(n + m)")
      }
      try sync("amina", "karim")
      let values = try mesh.client("conflicts", "--data", "rabat", "--all", "--json").lines
      let count = values.first?["values"]?.items?.count ?? 1
      // One of each writer at the most, however often they wrote.
      #expect((1...3).contains(count), "after \(n) edits")
    }
    try sync("amina", "karim", "amina")
    try put("karim", "A1", "title=settled")
    try sync("karim", "amina")
    try expectTheSameEverywhere()
    #expect(try mesh.client("conflicts", "--data", "rabat", "--all").output.isEmpty)
    #expect(try mesh.record("A1", in: "amina")["fields"]?["title"]?.text == "settled")
  }

  @Test("Acceptance 9: equal vectors with different contents are found (agri#992)")
  func damageUnderEqualVectorsIsFound() throws {
    for id in ["A1", "A2"] { try put("rabat", id, "title=Agadir") }
    try sync("amina", "karim")
    // A flipped bit on the laptop's disk, and the next edit of that record.
    let damage = """
      import sqlite3, sys
      db = sqlite3.connect(sys.argv[1])
      number, state = db.execute("SELECT number, state FROM record WHERE id = ?", (b"A1",)).fetchone()
      assert b"Agadir" in state
      db.execute("UPDATE record SET state = ? WHERE number = ?", (state.replace(b"Agadir", b"Agadis"), number))
      db.commit()
      """
    try mesh.must("python3", "-c", damage, "amina/store.sqlite")
    try put("amina", "A1", "status=open")
    // It is found before it leaves the laptop, and named.
    let told = try mesh.sync("amina", with: "rabat")
    #expect(told.status == 74)
    #expect(try told.json["error"]?["name"]?.text == "record-damaged")
    #expect(try told.json["error"]?["message"]?.text?.contains("A1") == true)
    #expect(try told.json.collection("projects")?["inSync"]?.bool != true)
    // The office's copy was not written over, and others go on.
    #expect(try mesh.record("A1", in: "rabat")["fields"]?["title"]?.text == "Agadir")
    #expect(try mesh.exchange("karim", with: "rabat")["inSync"]?.bool == true)
  }

  @Test("Acceptance 10: a field that this laptop does not know survives its edits (powersync#1058)")
  func aNewFieldSurvivesAnOldClient() throws {
    try setSchema(#"{"fields": {"title": {"type": "text"}}}"#)
    try put("rabat", "A1", "title=Gare")
    try sync("amina", "karim")
    // The schema grows, and a colleague fills the new fields in, while this laptop is away.
    try setSchema(
      #"{"fields": {"title": {"type": "text"}, "jobs": {"type": "integer"}, "tags": {"policy": "set"}}}"#
    )
    try sync("karim")
    try put("karim", "A1", "jobs=120")
    try put("karim", "A1", #"tags=["port","rail"]"#)
    try put("amina", "A1", "title=Gare TGV")
    // A value under a name that the old schema did not have either.
    try put("amina", "A1", "jobs=90")
    try sync("karim", "amina", "karim")
    try expectTheSameEverywhere()
    for store in ["rabat", "amina", "karim"] {
      let fields = try #require(try mesh.record("A1", in: store)["fields"])
      #expect(fields["title"]?.text == "Gare TGV")
      #expect(fields["tags"]?.items?.count == 2)
    }
    // Both numbers are there.
    let jobs = try mesh.client("conflicts", "--data", "rabat", "--all", "--json").lines
    #expect(Set(jobs.first?["values"]?.items?.map { $0["value"]?.int } ?? []) == [90, 120])
    // Nothing is sent for ever.
    for device in ["amina", "karim"] {
      #expect(try mesh.exchange(device, with: "rabat")["sent"]?.int == 0)
    }
  }

  @Test("Acceptance 14: a conflict does not hold up the other 999 (SymmetricDS MANUAL)")
  func aConflictHoldsNothingUp() throws {
    try setSchema(#"{"fields": {"status": {"type": "text", "policy": "manual"}}}"#)
    let rows = { (status: String) in
      "id,status\n" + (0..<1_000).map { "P\($0),\(status)\n" }.joined()
    }
    try mesh.folder.write(rows("planned"), to: "first.csv")
    try mesh.must("syncclient", "import", "--data", "rabat", "projects", "first.csv")
    try sync("amina", "karim")
    try put("karim", "P500", "status=stopped")
    try sync("karim")
    try mesh.folder.write(rows("signed"), to: "second.csv")
    try mesh.must("syncclient", "import", "--data", "amina", "projects", "second.csv")
    let met = try mesh.exchange("amina", with: "rabat")
    #expect(met["sent"]?.int == 1_000)
    #expect(met["newConflicts"]?.int == 1)
    #expect(met["inSync"]?.bool == true)
    try sync("karim")
    try expectTheSameEverywhere()
    let open = try mesh.client("conflicts", "--data", "karim", "--check", "--json")
    #expect(open.status == 1)
    #expect(try open.lines.map { $0["id"]?.text } == ["P500"])
    let signed = try mesh.must(
      "syncclient", "ls", "--data", "karim", "projects", "--where", "status=signed", "--json")
    #expect(try signed.lines.count >= 999)
  }

  @Test(
    "Acceptance 16: the same merge on two laptops is one result (CBL merge versions, ST PR#6995)")
  func theSameMergeTwiceIsOne() throws {
    try setSchema(#"{"fields": {"status": {"type": "text", "policy": "manual"}}}"#)
    try put("rabat", "A1", "status=planned")
    try sync("amina", "karim")
    try put("amina", "A1", "status=signed")
    try put("karim", "A1", "status=stopped")
    try sync("amina", "karim", "amina")
    try expectTheSameEverywhere()
    // Both settle it in the same way, without knowing of each other.
    for device in ["amina", "karim"] {
      try mesh.must(
        "syncclient", "resolve", "--data", device, "projects", "A1", "status", "--take",
        "field/amina")
    }
    try sync("amina", "karim", "amina")
    try expectTheSameEverywhere()
    for store in ["rabat", "amina", "karim"] {
      #expect(try mesh.client("conflicts", "--data", store, "--all").output.isEmpty)
      #expect(try mesh.record("A1", in: store)["fields"]?["status"]?.text == "signed")
    }
    // Nobody answers a merge with another one.
    for device in ["amina", "karim"] {
      let quiet = try mesh.exchange(device, with: "rabat")
      #expect(quiet["sent"]?.int == 0)
      #expect(quiet["received"]?.int == 0)
    }
  }
}
