import Foundation
import OfficeSyncRecords
import OfficeSyncTestSupport
import Testing

/// `syncclient watch`: changes as they arrive, on a store that is kept live.
@Suite struct WatchTests {
  private let mesh: Mesh

  init() throws {
    mesh = try Mesh()
    try mesh.office("rabat")
    try mesh.device("amina")
    try mesh.grant("field/*", "projects", at: "rabat")
  }

  /// Starts a watch, and waits until it has said something.
  private func start(
    _ store: String, _ options: String..., until said: String
  ) throws -> RunningProgram {
    let watch = try RunningProgram(
      "syncclient", ["watch", "--data", store] + options, in: mesh.path,
      label: "watch-\(UUID().uuidString)")
    try watch.wait { $0.errors.contains(said) }
    return watch
  }

  private func live(_ store: String) throws -> RunningProgram {
    try start(
      store, "--server", mesh.address("rabat"), "--json", until: "Live with office/rabat")
  }

  /// Waits for a line about a record that holds this title.
  @discardableResult
  private func line(_ id: String, _ title: String, of watch: RunningProgram) throws -> JSONValue {
    var found: JSONValue?
    try watch.wait { watch in
      found = Self.lines(of: watch).last {
        $0["id"]?.text == id && $0["fields"]?["title"]?.text == title
      }
      return found != nil
    }
    return try #require(found)
  }

  private static func lines(of watch: RunningProgram) -> [JSONValue] {
    // The last one may not be whole yet.
    watch.output.split(separator: "\n").compactMap { try? JSONValue(parsing: String($0)) }
  }

  /// Waits until the office shows a title: nothing is said of how soon.
  private func wait(for title: String, of id: String, in store: String) throws {
    for _ in 0..<1_200 {
      let run = try mesh.client("get", "--data", store, "projects", id, "--json")
      if run.status == 0, try run.json["fields"]?["title"]?.text == title { return }
      usleep(50_000)
    }
    Issue.record("\(id) of \(store) never became \(title)")
  }

  @Test func changesOfEitherSideShowAndGoAcross() throws {
    try mesh.start("rabat")
    try mesh.put("rabat", "old", "title=There before")
    try mesh.exchange("amina", with: "rabat")
    let watch = try live("amina")
    try mesh.put("rabat", "hub", "title=Hub", "status=announced")
    let arrived = try line("hub", "Hub", of: watch)
    #expect(arrived["collection"]?.text == "projects")
    #expect(arrived["deleted"] == .boolean(false))
    #expect(arrived["conflicts"] == .object([]))
    let changes = arrived["changes"]?.items ?? []
    #expect(changes.map { $0["path"]?.text } == ["status", "title"])
    #expect(
      changes.allSatisfy { $0["author"]?.text == "office/rabat" && $0["former"] == .array([]) })
    #expect(changes.allSatisfy { $0["dot"]?.text?.hasSuffix(":2") ?? false })

    // An own write, by another run, while the watch holds the network's lock.
    try mesh.put("amina", "hub", "title=Hub of Rabat")
    let own = try line("hub", "Hub of Rabat", of: watch)
    let change = try #require(own["changes"]?.items?.first)
    #expect(own["changes"]?.items?.count == 1)
    #expect(change["author"]?.text == "field/amina")
    #expect(change["former"]?.items?.map { $0["value"]?.text } == ["Hub"])
    #expect(change["former"]?.items?.map { $0["author"]?.text } == ["office/rabat"])
    try wait(for: "Hub of Rabat", of: "hub", in: "rabat")
    let busy = try mesh.sync("amina", with: "rabat")
    #expect(busy.status == 75)
    #expect(try busy.json["error"]?["name"]?.text == "busy")

    // What was there before it began is no news.
    #expect(!watch.output.contains("There before"))
    #expect(watch.end(with: SIGTERM) == 143)
    #expect(Self.lines(of: watch).count == 3, "\(watch.output)")
    #expect(Self.lines(of: watch).last?["error"]?["name"]?.text == "terminated")
    let status = try mesh.must("syncclient", "status", "--data", "amina", "--json").json
    #expect(status["peers"]?.items?.first?["result"]?.text == "ok")
    try mesh.exchange("amina", with: "rabat")
  }

  @Test func inWordsAndWithoutANetwork() throws {
    try mesh.put("amina", "hub", "title=Hub")
    let watch = try start("amina", "--local", until: "Watching.")
    let other = try start("amina", "--local", until: "Watching.")
    try mesh.put("amina", "hub", "title=Hub of Rabat", "budget=7")
    try mesh.must("syncclient", "rm", "--data", "amina", "projects", "hub")
    try watch.wait { $0.output.contains("    deleted\n") }
    let lines = watch.output.split(separator: "\n").map(String.init)
    #expect(lines.contains("    title: Hub -> Hub of Rabat"))
    #expect(lines.contains("    budget: 7"))
    #expect(lines.first?.hasSuffix(" projects hub field/amina") ?? false)
    // Any number may run where no network is used.
    try other.wait { $0.output.contains("    deleted\n") }
    #expect(watch.end(with: SIGINT) == 130)
    #expect(other.end(with: SIGINT) == 130)
  }

  @Test func onAnOfficesStoreWhatComesToTheServerShows() throws {
    try mesh.start("rabat")
    let watch = try start("rabat", "--json", until: "Watching.")
    try mesh.put("amina", "site", "title=Site")
    try mesh.exchange("amina", with: "rabat")
    #expect(
      try line("site", "Site", of: watch)["changes"]?.items?.first?["author"]?.text == "field/amina"
    )
    #expect(watch.end(with: SIGTERM) == 143)
  }

  @Test func afterAnOutageItCatchesUp() throws {
    try mesh.start("rabat")
    let address = mesh.address("rabat")
    let watch = try live("amina")
    mesh.server("rabat")?.end(with: SIGKILL)
    try watch.wait { $0.errors.contains("It is tried again") }
    // Meanwhile what is written here shows, and waits.
    try mesh.put("amina", "hub", "title=Written meanwhile")
    try line("hub", "Written meanwhile", of: watch)
    try mesh.put("rabat", "port", "title=Written meanwhile")
    try mesh.start("rabat", at: address)
    try line("port", "Written meanwhile", of: watch)
    try wait(for: "Written meanwhile", of: "hub", in: "rabat")
    #expect(watch.end(with: SIGTERM) == 143)
  }

  @Test func theServerNeedNotBeThereAtTheStart() throws {
    try mesh.start("rabat")
    let address = mesh.address("rabat")
    try mesh.stop("rabat")
    let watch = try start(
      "amina", "--server", address, "--json", until: "It is tried again")
    try mesh.put("amina", "hub", "title=Alone")
    try line("hub", "Alone", of: watch)
    try mesh.start("rabat", at: address)
    try wait(for: "Alone", of: "hub", in: "rabat")
    #expect(watch.end(with: SIGTERM) == 143)
  }

  @Test func killedItLeavesNothingBehind() throws {
    try mesh.start("rabat")
    let first = try live("amina")
    try mesh.put("amina", "hub", "title=Before")
    try line("hub", "Before", of: first)
    #expect(first.end(with: SIGKILL) == 128 + SIGKILL)
    try mesh.put("rabat", "port", "title=After")
    try mesh.put("amina", "hub", "title=After")
    // The lock went with the process.
    let second = try live("amina")
    try wait(for: "After", of: "hub", in: "rabat")
    try wait(for: "After", of: "port", in: "amina")
    #expect(second.end(with: SIGTERM) == 143)
    #expect(
      try mesh.fingerprint("projects", in: "amina") == mesh.fingerprint("projects", in: "rabat"))
  }

  @Test func aRevokedCertificateEndsIt() throws {
    try mesh.start("rabat")
    let watch = try live("amina")
    try mesh.must("syncserver", "pki", "revoke", "--dir", "ca", "field/amina")
    try mesh.copyAuthority(to: "rabat")
    let status = watch.waited()
    #expect(status == 77)
    let name = Self.lines(of: watch).last?["error"]?["name"]?.text
    #expect(["certificate-revoked", "certificate-refused"].contains(name), "\(watch.output)")
    #expect(mesh.server("rabat")?.errors.contains("session broken off") ?? false)
  }

  @Test func aGrantThatIsTakenAwayOrGivenActsAtOnce() throws {
    try mesh.start("rabat")
    let watch = try live("amina")
    try mesh.put("rabat", "hub", "title=Seen")
    try line("hub", "Seen", of: watch)
    try mesh.must("syncserver", "access", "revoke", "--data", "rabat", "field/*", "projects")
    try watch.wait { $0.errors.contains("does not give field/amina access to projects") }
    try mesh.put("rabat", "hub", "title=Hidden")
    try mesh.put("amina", "own", "title=Kept here")
    try line("own", "Kept here", of: watch)
    try mesh.grant("field/amina", "projects", at: "rabat")
    try line("hub", "Hidden", of: watch)
    try wait(for: "Kept here", of: "own", in: "rabat")
    #expect(watch.end(with: SIGTERM) == 143)
  }
}
