import Foundation
import OfficeSyncRecords
import OfficeSyncTestSupport
import Testing

/// Servers that keep each other current by themselves.
@Suite struct StandingPeerTests {
  private let mesh: Mesh

  init() throws {
    mesh = try Mesh()
    for office in ["casablanca", "rabat", "fes"] { try mesh.office(office) }
  }

  private func add(_ peer: String, to office: String, _ options: String...) throws {
    let run = try BuiltPrograms.run(
      "syncserver", ["peer", "add", "--data", office, peer] + options, in: mesh.path)
    #expect(run.status == 0, "\(run.errors)")
  }

  /// Waits until a store shows a value: nothing is said of how soon.
  private func wait(for value: String, of id: String, in office: String) throws {
    for _ in 0..<600 {
      let run = try mesh.client("get", "--data", office, "projects", id, "--json")
      if run.status == 0, try run.json["fields"]?["title"]?.text == value { return }
      usleep(50_000)
    }
    Issue.record("\(id) of \(office) never became \(value)")
  }

  /// A chain: what is entered at one end shows at the other, both ways, by whichever program.
  @Test func aChangePassesAlongAChain() throws {
    for office in ["casablanca", "rabat", "fes"] { try mesh.start(office) }
    try mesh.put("fes", "before", "title=There before")
    try add(mesh.address("rabat"), to: "casablanca")
    try add(mesh.address("rabat"), to: "fes")
    try wait(for: "There before", of: "before", in: "casablanca")
    for round in 0..<3 {
      try mesh.put("casablanca", "hub", "title=Hub \(round)")
      try wait(for: "Hub \(round)", of: "hub", in: "fes")
      try mesh.put("fes", "port", "title=Port \(round)")
      try wait(for: "Port \(round)", of: "port", in: "casablanca")
    }
    // A device's push at one end.
    try mesh.device("amina")
    try mesh.grant("field/*", "projects", at: "casablanca")
    try mesh.put("amina", "site", "title=Site")
    try mesh.exchange("amina", with: "casablanca")
    try wait(for: "Site", of: "site", in: "fes")

    let listed = try mesh.must("syncserver", "peer", "list", "--data", "fes", "--json").lines
    #expect(listed.map { $0["server"]?.text } == [mesh.address("rabat")])
    #expect(listed.first?["identity"]?.text == "office/rabat")
    #expect(listed.first?["result"]?.text == "ok")
    #expect(listed.first?["every"] == .null)
    let replicas = try mesh.must("syncserver", "replicas", "--data", "fes", "--json").lines
    #expect(replicas.contains { $0["identity"]?.text == "office/rabat" })
    for office in ["casablanca", "rabat", "fes"] { try mesh.stop(office) }
    let fingerprints = try ["casablanca", "rabat", "fes"].map {
      try mesh.fingerprint("projects", in: $0)
    }
    #expect(Set(fingerprints).count == 1)
  }

  @Test func afterAnOutageTheyCatchUp() throws {
    for office in ["casablanca", "rabat"] { try mesh.start(office) }
    let address = mesh.address("rabat")
    try add(address, to: "casablanca")
    try mesh.put("casablanca", "hub", "title=Hub")
    try wait(for: "Hub", of: "hub", in: "rabat")
    mesh.server("rabat")?.end(with: SIGKILL)
    try mesh.put("casablanca", "hub", "title=Meanwhile")
    try mesh.put("rabat", "port", "title=Meanwhile")
    try mesh.server("casablanca")?.wait { $0.errors.contains("cannot be kept current with") }
    try mesh.start("rabat", at: address)
    try wait(for: "Meanwhile", of: "hub", in: "rabat")
    try wait(for: "Meanwhile", of: "port", in: "casablanca")
  }

  #if os(Linux)
    /// Each look that libdispatch takes at its pool wakes an idle server, once a second for good, from the first task there on.
    @Test func nothingRunsInLibdispatchsPool() throws {
      for office in ["casablanca", "rabat"] { try mesh.start(office) }
      try add(mesh.address("rabat"), to: "casablanca")
      try mesh.put("casablanca", "hub", "title=Hub")
      try wait(for: "Hub", of: "hub", in: "rabat")
      for office in ["casablanca", "rabat"] {
        let process = try #require(mesh.server(office)).process.processIdentifier
        let tasks = URL(filePath: "/proc/\(process)/task")
        let names = try FileManager.default.contentsOfDirectory(atPath: tasks.path).map {
          try String(contentsOf: tasks.appending(path: "\($0)/comm"), encoding: .utf8)
        }
        #expect(names.count > 4)
        // The pool's threads are named after its queues: "…root.default-qos", cut to the last 15 characters.
        #expect(!names.contains { $0.hasSuffix("-qos\n") }, "\(names)")
      }
    }
  #endif

  @Test func onASchedule() throws {
    for office in ["casablanca", "rabat"] { try mesh.start(office) }
    try add(mesh.address("rabat"), to: "casablanca", "--every", "1")
    for round in 0..<2 {
      try mesh.put("casablanca", "hub", "title=Hub \(round)")
      try wait(for: "Hub \(round)", of: "hub", in: "rabat")
      try mesh.put("rabat", "port", "title=Port \(round)")
      try wait(for: "Port \(round)", of: "port", in: "casablanca")
    }
  }

  @Test func removedIsLeftAlone() throws {
    for office in ["casablanca", "rabat"] { try mesh.start(office) }
    let address = mesh.address("rabat")
    try add(address, to: "casablanca")
    try mesh.put("casablanca", "hub", "title=Hub")
    try wait(for: "Hub", of: "hub", in: "rabat")
    let removed = try mesh.must(
      "syncserver", "peer", "remove", "--data", "casablanca", address, "--json")
    #expect(try removed.json["changed"]?.bool == true)
    try mesh.server("rabat")?.wait { $0.errors.contains("session broken off") }
    try mesh.put("casablanca", "hub", "title=Alone")
    let again = try mesh.must(
      "syncserver", "peer", "remove", "--data", "casablanca", address, "--json")
    #expect(try again.json["changed"]?.bool == false)
    #expect(
      try mesh.record("hub", in: "rabat")["fields"]?["title"]?.text == "Hub")
    let listed = try mesh.must("syncserver", "peer", "list", "--data", "casablanca", "--json")
    #expect(listed.output == "")
  }
}
