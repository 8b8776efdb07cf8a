import Foundation
import OfficeSyncRecords
import Testing

/// A laptop's folder is copied to a second laptop, and both go on. The copy is told apart when it is opened, or, as for an
/// image of a whole disk, where its writes meet the first one's.
@Suite struct CopiedLaptopTests {
  private let mesh: Mesh

  init() throws {
    mesh = try Mesh()
    for office in ["rabat", "fes"] {
      try mesh.office(office)
      try mesh.grant("field/*", "projects", at: office)
      try mesh.start(office)
    }
    try mesh.device("amina")
    try mesh.put("rabat", "hub", "title=Hub")
    try mesh.exchange("fes", with: "rabat")
    try mesh.exchange("amina", with: "rabat")
    try mesh.put("amina", "hub", "status=visited")
    try mesh.exchange("amina", with: "rabat")
  }

  private func expectBoth(_ stores: String...) throws {
    let fingerprints = try stores.map { try mesh.fingerprint("projects", in: $0) }
    #expect(Set(fingerprints).count == 1)
    for store in stores {
      #expect(Set(try mesh.values(store, "hub", "status")) == ["by the first", "by the second"])
      #expect(try mesh.values(store, "second", "title") == ["Port"])
    }
  }

  /// Copies the laptop so that nothing tells the copy apart, and lets both write.
  private func imageOfTheDisk() throws {
    let id = try #require(try mesh.replica("amina"))
    try mesh.copyFolder("amina", to: "second")
    try mesh.forgetPlace("second")
    try mesh.put("amina", "hub", "status=by the first")
    try mesh.put("second", "hub", "status=by the second")
    try mesh.put("second", "second", "title=Port")
    #expect(try mesh.replica("second") == id)
  }

  /// Named after syncthing issue 3997, two machines with one identity: here both keep their writes.
  @Test func diskImageUsedOnTwoLaptopsST3997() throws {
    try imageOfTheDisk()
    let id = try #require(try mesh.replica("amina"))
    #expect(try mesh.exchange("amina", with: "rabat")["inSync"]?.bool == true)

    let run = try mesh.client(
      "sync", "--data", "second", "--server", mesh.address("rabat"), "--json")
    #expect(run.status == 0)
    let healed = try #require(try run.json["healed"]?.items)
    #expect(healed.count == 1)
    #expect(healed.first?["formerReplica"]?.text == id)
    #expect(try run.json["collections"]?.items?.first?["inSync"]?.bool == true)
    // Both sides are told in words.
    #expect(run.errors.contains("another store writes as this one's replica \(id)"))
    let log = try #require(mesh.server("rabat")).errors
    #expect(log.contains("the client's store was copied or put back from a copy"))

    try mesh.exchange("amina", with: "rabat")
    try mesh.exchange("fes", with: "rabat")
    try expectBoth("amina", "second", "rabat", "fes")
    #expect(try mesh.replica("amina") == id)
    #expect(try mesh.replica("second") != id)
    // The office knows whose they are, and which is in use.
    let replicas = try mesh.must("syncserver", "replicas", "--data", "rabat", "--json").lines
    let own = replicas.filter { $0["identity"]?.text == "field/amina" }
    #expect(own.count == 2)
    // Nothing more to heal.
    #expect(try mesh.sync("second", with: "rabat").json["healed"]?.items?.isEmpty == true)
    #expect(try mesh.sync("second", with: "rabat").json["roundTrips"]?.int == 1)
  }

  @Test func twoOfficesMeetTheBranchesWeeksApart() throws {
    try imageOfTheDisk()
    let id = try #require(try mesh.replica("amina"))
    #expect(try mesh.exchange("amina", with: "rabat")["inSync"]?.bool == true)
    let pushed = try mesh.sync("second", with: "fes")
    #expect(pushed.status == 0)
    #expect(try pushed.json["healed"]?.items?.isEmpty == true)

    // Until the offices meet nobody can know.
    let met = try mesh.client("sync", "--data", "fes", "--server", mesh.address("rabat"), "--json")
    #expect(met.status == 0)
    #expect(try met.json["collections"]?.items?.first?["inSync"]?.bool == true)
    #expect(met.errors.contains("two stores have written as field/amina's replica \(id)"))
    #expect(
      try #require(mesh.server("rabat")).errors.contains(
        "writes beyond the end of a replica ID, which was forked or retired, go by a new name"))

    for (laptop, office) in [("amina", "fes"), ("second", "rabat")] {
      let told = try mesh.sync(laptop, with: office)
      #expect(told.status == 0)
      #expect(try told.json["healed"]?.items?.isEmpty == false)
      #expect(try mesh.replica(laptop) != id)
    }
    try expectBoth("amina", "second", "rabat", "fes")
    try mesh.put("second", "second", "title=Harbour")
    #expect(try mesh.exchange("second", with: "fes")["inSync"]?.bool == true)
    #expect(try mesh.exchange("fes", with: "rabat")["inSync"]?.bool == true)
    #expect(try mesh.values("rabat", "second", "title") == ["Harbour"])
  }

  /// The usual copy: its file is another one, and it takes a new ID before anything is written.
  @Test func aCopiedFolderTakesANewIDWhenItIsOpened() throws {
    let id = try #require(try mesh.replica("amina"))
    try mesh.copyFolder("amina", to: "second")
    try mesh.put("amina", "hub", "status=by the first")
    try mesh.put("second", "hub", "status=by the second")
    try mesh.put("second", "second", "title=Port")
    #expect(try mesh.replica("amina") == id)
    #expect(try mesh.replica("second") != id)
    let status = try mesh.must("syncclient", "status", "--data", "second")
    #expect(status.output.contains("earlier writes go by \(id)"))

    for laptop in ["amina", "second", "amina"] {
      let run = try mesh.sync(laptop, with: "rabat")
      #expect(run.status == 0)
      #expect(try run.json["healed"]?.items?.isEmpty == true)
    }
    try expectBoth("amina", "second", "rabat")
    let rows = try mesh.must("syncserver", "replicas", "--data", "rabat", "--json").lines
    #expect(rows.contains { $0["replica"]?.text == id && $0["successor"]?.text != nil })
  }
}
