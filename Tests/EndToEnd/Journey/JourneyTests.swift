import Foundation
import OfficeSyncRecords
import Testing

/// What a working week looks like: two offices, two devices, real projects.
@Suite struct JourneyTests {
  private let mesh: Mesh

  init() throws {
    mesh = try Mesh()
    for office in ["casablanca", "rabat"] { try mesh.office(office) }
    for device in ["amina", "karim"] { try mesh.device(device) }
    try mesh.grant("field/*", "projects", at: "casablanca")
    try mesh.start("casablanca")
    try mesh.start("rabat")
    try mesh.importExamples(at: "casablanca")
  }

  private func expectTheSameEverywhere(_ stores: [String]) throws {
    let fingerprints = try stores.map { try mesh.fingerprint("projects", in: $0) }
    #expect(fingerprints.allSatisfy { $0 != nil })
    #expect(Set(fingerprints).count == 1)
  }

  @Test func aConflictIsFoundShownSettledAndGoneEverywhere() throws {
    // Both offices and both devices get the real projects.
    #expect(try mesh.exchange("casablanca", with: "rabat")["inSync"]?.bool == true)
    for device in ["amina", "karim"] {
      let pulled = try mesh.exchange(device, with: "casablanca", "pull")
      #expect(pulled["applied"]?.int == 201)
      #expect(pulled["inSync"]?.bool == true)
    }
    try expectTheSameEverywhere(["casablanca", "rabat", "amina", "karim"])

    // Offline, both decide on the same status, and one on another field.
    try mesh.must("syncclient", "put", "--data", "amina", "projects", "P149995", "status=Closed")
    try mesh.must("syncclient", "put", "--data", "amina", "projects", "P149995", "region=Casa")
    try mesh.must("syncclient", "put", "--data", "karim", "projects", "P149995", "status=Dropped")
    let waiting = try mesh.must("syncclient", "status", "--data", "amina", "--json").json
    #expect(waiting["collections"]?.items?.first?["unsent"]?.int == 2)
    #expect(try mesh.exchange("amina", with: "casablanca")["sent"]?.int == 1)
    let met = try mesh.exchange("karim", with: "casablanca")
    #expect(met["newConflicts"]?.int == 1)
    #expect(met["inSync"]?.bool == true)

    // It is shown where it was found, and counted in `status`.
    let check = try mesh.client("conflicts", "--data", "karim", "--check", "--json")
    #expect(check.status == 1)
    let conflict = try #require(try check.lines.first)
    #expect(try check.lines.count == 1)
    #expect(conflict["id"]?.text == "P149995")
    #expect(conflict["path"]?.text == "status")
    #expect(conflict["policy"]?.text == "manual")
    #expect(conflict["open"]?.bool == true)
    let values = try #require(conflict["values"]?.items)
    #expect(values.map { $0["author"]?.text } == ["field/karim", "field/amina"])
    #expect(values.map { $0["value"]?.text } == ["Dropped", "Closed"])
    let status = try mesh.must("syncclient", "status", "--data", "karim", "--json").json
    #expect(status["collections"]?.items?.first?["conflicts"]?.int == 1)
    let seen = try mesh.record("P149995", in: "karim")
    #expect(seen["fields"]?["region"]?.text == "Casa")

    // The office settles it on its own store, while its server runs.
    #expect(try mesh.client("conflicts", "--data", "casablanca", "--check").status == 1)
    try mesh.must(
      "syncclient", "resolve", "--data", "casablanca", "projects", "P149995", "status", "--take",
      "field/amina")
    for device in ["amina", "karim"] {
      #expect(try mesh.exchange(device, with: "casablanca")["inSync"]?.bool == true)
    }
    #expect(try mesh.exchange("casablanca", with: "rabat")["inSync"]?.bool == true)
    try expectTheSameEverywhere(["casablanca", "rabat", "amina", "karim"])
    for store in ["casablanca", "rabat", "amina", "karim"] {
      #expect(try mesh.client("conflicts", "--data", store, "--check").status == 0)
      #expect(try mesh.record("P149995", in: store)["fields"]?["status"]?.text == "Closed")
    }

    // Nothing more to say: one round trip, and nothing is carried.
    let quiet = try mesh.sync("karim", with: "casablanca").json
    #expect(quiet["roundTrips"]?.int == 1)
    let still = try #require(quiet["collections"]?.items?.first)
    #expect(still["sent"]?.int == 0)
    #expect(still["received"]?.int == 0)
    #expect(still["inSync"]?.bool == true)
  }

  @Test func setsAndJournalsKeepWhatBothAdded() throws {
    for device in ["amina", "karim"] { try mesh.exchange(device, with: "casablanca", "pull") }
    try mesh.must(
      "syncclient", "put", "--data", "casablanca", "projects", "P149995",
      #"partners=["ONCF","OCP"]"#)
    for device in ["amina", "karim"] { try mesh.exchange(device, with: "casablanca", "pull") }
    try mesh.must(
      "syncclient", "put", "--data", "amina", "projects", "P149995", "partners+=Onepoint",
      "partners-=ONCF", "visits+=Site is fenced.")
    try mesh.must(
      "syncclient", "put", "--data", "karim", "projects", "P149995", "partners+=CDG",
      "visits+=زيارة الموقع")
    for device in ["amina", "karim", "amina"] { try mesh.exchange(device, with: "casablanca") }
    try mesh.exchange("casablanca", with: "rabat")
    try expectTheSameEverywhere(["casablanca", "rabat", "amina", "karim"])
    let fields = try #require(try mesh.record("P149995", in: "rabat")["fields"])
    #expect(Set(fields["partners"]?.items?.map(\.text) ?? []) == ["CDG", "OCP", "Onepoint"])
    let visits = fields["visits"]?.items ?? []
    #expect(visits.map { $0["value"]?.text } == ["Site is fenced.", "زيارة الموقع"])
    #expect(visits.map { $0["author"]?.text } == ["field/amina", "field/karim"])
    #expect(try mesh.client("conflicts", "--data", "rabat", "--check").status == 0)
  }

  @Test func aDeletionAgainstAnEditIsDecidedByAPerson() throws {
    for device in ["amina", "karim"] { try mesh.exchange(device, with: "casablanca", "pull") }
    for id in ["P149995", "P149653"] {
      try mesh.must("syncclient", "rm", "--data", "amina", "projects", id)
      try mesh.must("syncclient", "put", "--data", "karim", "projects", id, "region=Oriental")
    }
    // Deleted alone, without anybody against it.
    try mesh.must("syncclient", "rm", "--data", "amina", "projects", "P144539")
    for device in ["amina", "karim", "amina"] { try mesh.exchange(device, with: "casablanca") }
    try expectTheSameEverywhere(["casablanca", "amina", "karim"])

    let open = try mesh.client("conflicts", "--data", "amina", "--json").lines
    #expect(Set(open.map { $0["id"]?.text }) == ["P149995", "P149653"])
    #expect(open.allSatisfy { $0["path"]?.text == "$deleted" })

    // One is kept, the other goes; the third is brought back.
    try mesh.must(
      "syncclient", "resolve", "--data", "amina", "projects", "P149995", "$deleted", "--absent")
    try mesh.must(
      "syncclient", "resolve", "--data", "karim", "projects", "P149653", "$deleted", "--take",
      "field/amina")
    #expect(try mesh.record("P144539", in: "karim")["deleted"]?.bool == true)
    let edit = try mesh.client(
      "put", "--data", "karim", "projects", "P144539", "region=Oriental", "--json")
    #expect(edit.status == 65)
    #expect(try edit.json["error"]?["name"]?.text == "record-deleted")
    try mesh.must(
      "syncclient", "resolve", "--data", "karim", "projects", "P144539", "$deleted", "--absent")
    for device in ["amina", "karim", "amina"] { try mesh.exchange(device, with: "casablanca") }
    try expectTheSameEverywhere(["casablanca", "amina", "karim"])
    for (id, deleted) in [("P149995", false), ("P149653", true), ("P144539", false)] {
      #expect(try mesh.record(id, in: "casablanca")["deleted"]?.bool == deleted)
    }
    let kept = try mesh.record("P149995", in: "casablanca")
    #expect(kept["fields"]?["region"]?.text == "Oriental")
    #expect(try mesh.client("conflicts", "--data", "casablanca", "--check").status == 0)
  }

  @Test func whatAnExportHoldsCanBeImportedElsewhere() throws {
    try mesh.must(
      "syncclient", "put", "--data", "casablanca", "projects", "future-hub", "--from", "-",
      input:
        #"{"title": {"ar": "مركز"}, "partners": ["Onepoint", "CRI"], "milestones": {"a=b": {}}}"#
    )
    try mesh.must(
      "syncclient", "put", "--data", "casablanca", "projects", "future-hub", "visits+=First.")
    let schema = try mesh.must(
      "syncclient", "schema", "show", "--data", "casablanca", "projects", "--json")
    try schema.output.write(toFile: "\(mesh.path)/schema.json", atomically: true, encoding: .utf8)
    try mesh.must("syncclient", "schema", "set", "--data", "rabat", "copies", "schema.json")
    #expect(try copied() == 201)

    // A deletion is taken over too; what has not changed is no write.
    try mesh.must("syncclient", "rm", "--data", "casablanca", "projects", "P048309")
    #expect(try copied() == 1)
    #expect(try copied() == 0)
  }

  /// Exports the projects at one office, imports them at the other, and compares.
  /// - Returns: how many writes that took.
  private func copied() throws -> Int? {
    let exported = try mesh.must(
      "syncclient", "export", "--data", "casablanca", "projects", "--deleted")
    #expect(try exported.lines.count == 201)
    try exported.output.write(
      toFile: "\(mesh.path)/all.ndjson", atomically: true, encoding: .utf8)
    let imported = try mesh.must(
      "syncclient", "import", "--data", "rabat", "copies", "all.ndjson", "--json"
    ).json
    let copies = try mesh.must("syncclient", "export", "--data", "rabat", "copies", "--deleted")
    let originals = try exported.lines.map { try Self.comparable($0) }
    #expect(try copies.lines.map { try Self.comparable($0) } == originals)
    return imported["written"]?.int
  }

  /// A record's ID and values; a journal's entries without when and by whom they were written down.
  private static func comparable(_ record: JSONValue) throws -> String {
    var fields = try #require(record["fields"])
    if case .object(var members) = fields,
      let place = members.firstIndex(where: { $0.name == "visits" })
    {
      let texts = members[place].value.items?.compactMap { $0["value"] } ?? []
      members[place] = JSONMember("visits", .array(texts))
      fields = .object(members)
    }
    return "\(record["id"]?.text ?? "") \(record["deleted"]?.bool ?? false) \(fields.encoded())"
  }

  @Test func whatTheOfficeWritesWhileItServesIsInTheNextPull() throws {
    #expect(try mesh.exchange("amina", with: "casablanca", "pull")["applied"]?.int == 201)
    try mesh.must(
      "syncclient", "put", "--data", "casablanca", "projects", "P149995", "region=Casablanca",
      "--by", "Salma")
    let pulled = try mesh.exchange("amina", with: "casablanca", "pull")
    #expect(pulled["received"]?.int == 1)
    #expect(pulled["inSync"]?.bool == true)
    let record = try mesh.record("P149995", in: "amina")
    #expect(record["fields"]?["region"]?.text == "Casablanca")

    // A pull sends nothing of the device's own, a push fetches nothing.
    try mesh.must("syncclient", "put", "--data", "amina", "projects", "P149653", "region=Rabat")
    try mesh.must("syncclient", "put", "--data", "casablanca", "projects", "P144539", "region=Fes")
    let push = try mesh.exchange("amina", with: "casablanca", "push")
    #expect(push["sent"]?.int == 1)
    #expect(push["applied"]?.int == 0)
    #expect(try mesh.record("P144539", in: "amina")["fields"]?["region"] == nil)
    #expect(try mesh.record("P149653", in: "casablanca")["fields"]?["region"]?.text == "Rabat")
  }

  @Test func theServerEndsInGoodOrderAndSaysWhoWasThere() throws {
    try mesh.exchange("amina", with: "casablanca")
    let replicas = try mesh.must("syncserver", "replicas", "--data", "casablanca", "--json").lines
    #expect(replicas.map { $0["identity"]?.text } == ["field/amina"])
    #expect(replicas.first?["behind"]?["projects"]?.int == 0)
    let server = try #require(mesh.server("casablanca"))
    #expect(server.end(with: SIGTERM) == 0)
    let sessions = server.errors.split(separator: "\n").filter { $0.contains(" session ") }
    #expect(sessions.count == 1)
    #expect(sessions.first?.contains("identity=field/amina") == true)
    #expect(sessions.first?.contains("collections=projects") == true)
    #expect(sessions.first?.contains("sent=201") == true)
  }
}
