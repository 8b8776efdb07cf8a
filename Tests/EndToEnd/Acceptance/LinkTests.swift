import Foundation
import OfficeSyncRecords
import OfficeSyncTestSupport
import Testing

/// What users of other programs lost to a bad link, tried with this one (PEERS, F8 and F9).
@Suite struct AcceptedLinkTests {
  private let mesh: Mesh

  init() throws {
    mesh = try Mesh()
    try mesh.office("rabat")
    try mesh.grant("field/*", "projects", at: "rabat")
    try mesh.start("rabat")
  }

  /// A line to the office that breaks.
  private func cutting(_ options: String..., label: String) throws -> (
    peer: RunningProgram, address: String
  ) {
    try mesh.startPeer(["cut", String(mesh.port("rabat"))] + options, label: label)
  }

  private func unsent(at store: String) throws -> Int? {
    try mesh.must("syncclient", "status", "--data", store, "--json").json
      .collection("projects")?["unsent"]?.int
  }

  /// The byte-by-byte run of this is `scripts/interruptions`.
  @Test("Acceptance 4: a first sync cut at any byte, and by Ctrl-C (libsql#1999, powersync#162)")
  func aFirstSyncCutAnywhereGoesOn() throws {
    for number in 1...20 {
      let note = String(repeating: "convention signée ", count: 30)
      try mesh.must(
        "syncclient", "put", "--data", "rabat", "projects", "P\(number)", "note=\(note)")
    }
    try mesh.device("amina")
    let whole = try mesh.sync("amina", with: "rabat").json
    let size = try #require(whole["bytesSent"]?.int) + #require(whole["bytesReceived"]?.int)
    for (n, percent) in [3, 20, 45, 70, 90].enumerated() {
      let device = "device\(n)"
      try mesh.device(device)
      try mesh.must("syncclient", "put", "--data", device, "projects", device, "title=Own")
      let (line, address) = try cutting("--after", "\(size * percent / 100)", label: device)
      let cut = try mesh.client("sync", "--data", device, "--server", address, "--json")
      #expect(cut.status == 69, "\(percent) %: \(cut.output)")
      line.end(with: SIGKILL)
      #expect(try mesh.exchange(device, with: "rabat")["inSync"]?.bool == true)
      #expect(
        try mesh.fingerprint("projects", in: device) == mesh.fingerprint("projects", in: "rabat"))
      #expect(try mesh.record(device, in: "rabat")["fields"]?["title"]?.text == "Own")
    }

    // The line is too slow to be done before Ctrl-C.
    try mesh.device("karim")
    let (_, slow) = try mesh.startPeer(["drip", String(mesh.port("rabat"))], label: "slow")
    let pull = try RunningProgram(
      "syncclient", ["pull", "--data", "karim", "--server", slow], in: mesh.path, label: "pull")
    try pull.wait { _ in
      FileManager.default.fileExists(atPath: "\(mesh.path)/karim/network.lock")
    }
    #expect([0, 130].contains(pull.end(with: SIGINT)))
    #expect(try mesh.exchange("karim", with: "rabat")["inSync"]?.bool == true)
  }

  @Test("Acceptance 5: the acknowledgement is lost and the push repeated (getodk#50, ode#404)")
  func aPushWhoseAnswerWasLostIsOneRecord() throws {
    try mesh.device("amina")
    let put = { (id: String) in
      try mesh.must("syncclient", "put", "--data", "amina", "projects", id, "title=Visited")
    }
    // The first push is longer than those after it.
    _ = try put("A0")
    try mesh.exchange("amina", with: "rabat", "push")
    _ = try put("A1")
    let (whole, address) = try cutting(label: "whole")
    try mesh.must("syncclient", "push", "--data", "amina", "--server", address)
    try whole.wait { $0.output.contains("forth ") && $0.output.hasSuffix("\n") }
    let back = try #require(
      whole.output.split(whereSeparator: \.isWhitespace).last.flatMap { Int($0) })

    _ = try put("A2")
    // TLS's good-bye is 24 bytes, and the answer before it far more: it comes in part.
    let (_, lossy) = try cutting("--back", "\(back - 50)", label: "lossy")
    let push = try mesh.client("push", "--data", "amina", "--server", lossy, "--json")
    #expect(push.status == 69)
    let counter = try mesh.must("syncclient", "status", "--data", "rabat", "--json").json
    #expect(counter.collection("projects")?["records"]?.int == 3)
    #expect(try unsent(at: "amina") == 1)

    let again = try mesh.exchange("amina", with: "rabat", "push")
    #expect(again["applied"]?.int == 0)
    #expect(try unsent(at: "amina") == 0)
    let record = try mesh.record("A2", in: "rabat")
    #expect(record["fields"]?["title"]?.text == "Visited")
    #expect(record["clock"] == (try mesh.record("A2", in: "amina")["clock"]))
    #expect(try mesh.client("conflicts", "--data", "rabat", "--all").output.isEmpty)
    #expect(
      try mesh.fingerprint("projects", in: "amina") == mesh.fingerprint("projects", in: "rabat"))
  }

  @Test("Acceptance 15: status never says that all is sent with one edit unsent (ode#517)")
  func statusNeverPromisesTooMuch() throws {
    try mesh.device("amina")
    try mesh.exchange("amina", with: "rabat")
    for n in 1...3 {
      try mesh.must("syncclient", "put", "--data", "amina", "projects", "A1", "title=v\(n)")
      #expect(try unsent(at: "amina") == n)
    }
    // Nobody there; a line that breaks; one that only fetches.
    let nobody = try mesh.client("sync", "--data", "amina", "--server", "127.0.0.1:1", "--json")
    #expect(nobody.status == 69)
    let (_, address) = try cutting("--after", "1500", label: "broken")
    #expect(try mesh.client("sync", "--data", "amina", "--server", address).status == 69)
    try mesh.exchange("amina", with: "rabat", "pull")
    #expect(try unsent(at: "amina") == 3)
    try mesh.exchange("amina", with: "rabat")
    #expect(try unsent(at: "amina") == 0)

    // Edits while a sync is under way: either they are at the office, or they count as unsent.
    let (_, slow) = try mesh.startPeer(["drip", String(mesh.port("rabat"))], label: "slow")
    try mesh.must("syncclient", "put", "--data", "amina", "projects", "B0", "title=First")
    let sync = try RunningProgram(
      "syncclient", ["sync", "--data", "amina", "--server", slow], in: mesh.path, label: "sync")
    var edits = 0
    while sync.process.isRunning {
      edits += 1
      try mesh.must("syncclient", "put", "--data", "amina", "projects", "B\(edits)", "title=x")
    }
    #expect(sync.waited() == 0)
    let missing = try (0...edits).filter {
      try mesh.run("syncclient", "get", "--data", "rabat", "projects", "B\($0)").status == 1
    }
    #expect(try unsent(at: "amina") == missing.count)
  }
}
