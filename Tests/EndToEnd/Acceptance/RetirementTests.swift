import Foundation
import OfficeSyncRecords
import OfficeSyncTestSupport
import Testing

/// Devices that are gone for good (PEERS, F6 and feature 48).
@Suite struct AcceptedRetirementTests {
  private let mesh: Mesh

  init() throws {
    mesh = try Mesh()
    for office in ["rabat", "fes"] {
      try mesh.office(office)
      try mesh.grant("field/*", "projects", at: office)
      try mesh.start(office)
    }
    try mesh.put("rabat", "hub", "title=Hub")
    try mesh.exchange("fes", with: "rabat")
  }

  private func laptop(_ name: String) throws {
    try mesh.device(name)
    try mesh.exchange(name, with: "rabat")
  }

  private func known(in store: String) throws -> Set<String> {
    let status = try mesh.must("syncserver", "status", "--data", store, "--json").json
    guard case .object(let members) = status.collection("projects")?["knowledge"] else { return [] }
    return Set(members.map(\.name))
  }

  /// The frames of a sync that has nothing to do.
  private func idleBytes(_ store: String) throws -> Int {
    let report = try mesh.sync(store, with: "rabat").json
    #expect(report["collections"]?.items?.first?["inSync"]?.bool == true)
    #expect(report["roundTrips"]?.int == 1)
    return (report["frameBytesSent"]?.int ?? 0) + (report["frameBytesReceived"]?.int ?? 0)
  }

  @Test("Acceptance 7: 20 replicas retired: metadata shrinks, no ghost conflict (ST#10590)")
  func retiredDevicesWeighNothingAndStayGone() throws {
    try laptop("karim")
    for name in ["karim", "fes"] { _ = try mesh.sync(name, with: "rabat") }
    let before = try (known(in: "rabat"), known(in: "fes"), idleBytes("karim"), idleBytes("fes"))
    let lost = (0..<20).map { "lost\($0)" }
    for name in lost {
      try laptop(name)
      try mesh.put(name, "hub", "\(name)=was here")
      try mesh.put(name, "of-\(name)", "title=\(name)")
      try mesh.exchange(name, with: "rabat")
    }
    try mesh.exchange("fes", with: "rabat")
    #expect(try known(in: "fes").count == before.1.count + 20)

    for name in lost {
      let retired = try mesh.must(
        "syncserver", "retire", "--data", "rabat", "field/\(name)", "--json")
      #expect(try retired.json["replica"]?.text == mesh.replica(name))
      #expect(try retired.json["collections"]?.items?.first?["writes"]?.int == 2)
    }
    // The other office and the laptop that is in use hear of it with their next sync.
    for name in ["karim", "fes"] { try mesh.exchange(name, with: "rabat") }
    #expect(try (known(in: "rabat"), known(in: "fes")) == (before.0, before.1))
    #expect(try idleBytes("karim") <= before.2 + 32)
    #expect(try idleBytes("fes") <= before.3 + 32)
    let replicas = try mesh.must("syncserver", "replicas", "--data", "rabat", "--json").lines
    #expect(replicas.count { $0["retired"]?.text != nil } == 20)

    // Life goes on, what they wrote stays, and nothing of it conflicts with anything.
    for store in ["rabat", "karim", "fes"] { try mesh.put(store, "hub", "\(store)=edited") }
    for _ in 0..<2 { for name in ["karim", "fes"] { try mesh.exchange(name, with: "rabat") } }
    for store in ["rabat", "karim", "fes"] {
      let hub = try mesh.record("hub", in: store)
      for name in lost { #expect(hub["fields"]?[name]?.text == "was here") }
      for name in ["rabat", "karim", "fes"] { #expect(hub["fields"]?[name]?.text == "edited") }
      #expect(try mesh.client("conflicts", "--data", store, "--all", "--json").lines.isEmpty)
      #expect(
        try mesh.fingerprint("projects", in: store) == mesh.fingerprint("projects", in: "rabat"))
    }
  }

  /// A laptop that was given up turns up again, at the other office, with what it had not sent; then an old copy of it does.
  @Test func aRetiredLaptopIsToldAndLosesNothing() throws {
    try laptop("amina")
    try mesh.put("amina", "hub", "status=visited")
    try mesh.exchange("amina", with: "rabat")
    try mesh.copyFolder("amina", to: "backup")
    try mesh.put("amina", "port", "title=Port")
    try mesh.exchange("amina", with: "rabat")
    let id = try #require(try mesh.replica("amina"))
    let retired = try mesh.must("syncserver", "retire", "--data", "rabat", String(id.prefix(8)))
    #expect(retired.output.contains("field/amina's replica \(id) is retired"))
    #expect(retired.errors.contains("pki revoke --dir DIR field/amina"))
    try mesh.exchange("fes", with: "rabat")

    try mesh.put("amina", "hub", "status=not sent before")
    let run = try mesh.sync("amina", with: "fes")
    #expect(run.status == 0)
    let healed = try #require(try run.json["healed"]?.items?.first)
    #expect(healed["formerReplica"]?.text == id && healed["retired"]?.bool == true)
    #expect(try run.json.collection("projects")?["inSync"]?.bool == true)
    #expect(run.errors.contains("an office has retired this store's replica \(id)"))
    #expect(try mesh.replica("amina") != id)
    let log = try #require(mesh.server("fes")).errors
    #expect(log.contains("the client's store was retired"))

    try mesh.put("backup", "hub", "backup=edited")
    #expect(try mesh.exchange("backup", with: "rabat")["inSync"]?.bool == true)
    #expect(try mesh.replica("backup") != id)
    for _ in 0..<2 {
      for name in ["fes", "amina", "backup"] { try mesh.exchange(name, with: "rabat") }
    }
    for store in ["rabat", "fes", "amina", "backup"] {
      let hub = try mesh.record("hub", in: store)
      #expect(hub["fields"]?["status"]?.text == "not sent before")
      #expect(hub["fields"]?["backup"]?.text == "edited")
      #expect(try mesh.record("port", in: store)["fields"]?["title"]?.text == "Port")
      #expect(try mesh.client("conflicts", "--data", store, "--all", "--json").lines.isEmpty)
    }
  }

  /// The link breaks in the middle of its push, and it is never seen again.
  @Test func nobodyWaitsForTheRestOfWhatALostLaptopSent() throws {
    try laptop("amina")
    // What does not compress.
    var random = SplitMix64(seed: 7)
    let rows = (0..<400).map { number in
      let text = (0..<32).map { _ in String(random.next(), radix: 36) }.joined()
      return "P\(number),\(text)\n"
    }.joined()
    try mesh.folder.write("id,text\n" + rows, to: "many.csv")
    try mesh.must("syncclient", "import", "--data", "amina", "projects", "many.csv")
    let cut = try mesh.startPeer(
      ["cut", String(mesh.port("rabat")), "--after", "60000"], label: "cut")
    let broken = try mesh.client(
      "push", "--data", "amina", "--server", cut.address, "--json")
    #expect(broken.status == 69)
    #expect(try mesh.exchange("fes", with: "rabat")["inSync"]?.bool == false)
    #expect(try mesh.exchange("fes", with: "rabat")["inSync"]?.bool == false)

    try mesh.must("syncserver", "retire", "--data", "rabat", "field/amina")
    #expect(try mesh.exchange("fes", with: "rabat")["inSync"]?.bool == true)
    let came = try mesh.must("syncclient", "ls", "--data", "fes", "projects", "--json").lines.count
    #expect(came > 1 && came < 401)
    #expect(
      try mesh.client("verify", "--data", "fes", "--server", mesh.address("rabat")).status == 0)
    // It is found after all.
    #expect(try mesh.exchange("amina", with: "rabat")["inSync"]?.bool == true)
    #expect(try mesh.exchange("fes", with: "rabat")["inSync"]?.bool == true)
    for store in ["rabat", "fes"] {
      let all = try mesh.must("syncclient", "ls", "--data", store, "projects", "--json").lines
      #expect(all.count == 401)
      #expect(try mesh.client("conflicts", "--data", store, "--all", "--json").lines.isEmpty)
    }
  }

  @Test func whatCannotBeRetiredIsRefusedInWords() throws {
    try laptop("amina")
    func refused(_ who: String, _ name: String) throws {
      let run = try mesh.run("syncserver", "retire", "--data", "rabat", who, "--json")
      #expect(run.status == 65)
      #expect(try run.json["error"]?["name"]?.text == name)
    }
    try refused(try #require(try mesh.replica("rabat")), "own-replica")
    try refused("field/nobody", "unknown-replica")
    try refused("xyz", "unknown-replica")
    try refused("", "unknown-replica")
    let device = try mesh.must("syncserver", "retire", "--data", "rabat", "field/amina", "--json")
    #expect(try device.json["collections"]?.items?.isEmpty == true)
    try refused("field/amina", "unknown-replica")
  }
}
