import Foundation
import OfficeSyncRecords
import OfficeSyncTestSupport
import Testing

/// Who may do what, and what else keeps an exchange from happening.
@Suite struct AccessTests {
  private let mesh: Mesh

  init() throws {
    mesh = try Mesh()
    try mesh.office("rabat")
    try mesh.device("amina")
    for collection in ["projects", "secrets"] {
      try mesh.must("syncclient", "put", "--data", "rabat", collection, "A1", "title=One")
    }
    try mesh.start("rabat")
  }

  @Test func whatIsNotGrantedIsRefusedWithTheLineThatGrantsIt() throws {
    for name in ["secrets", "nonexistent"] {
      let run = try mesh.client(
        "pull", "--data", "amina", "--server", mesh.address("rabat"), name, "--json")
      #expect(run.status == 77)
      #expect(try run.json["error"]?["name"]?.text == "not-allowed")
      let remedy = try #require(try run.json["error"]?["remedy"]?.text)
      #expect(remedy.contains("`syncserver access grant field/amina \(name) --read`"), "\(remedy)")
      #expect(try run.json.collection(name)?["error"]?["name"]?.text == "not-allowed")
    }

    // People are shown the same line as scripts. It does what it says, at once.
    let shown = try mesh.client(
      "pull", "--data", "amina", "--server", mesh.address("rabat"), "secrets")
    #expect(shown.status == 77)
    #expect(shown.errors.contains("syncserver access grant field/amina secrets --read"))
    try mesh.must(
      "syncserver", "access", "grant", "--data", "rabat", "field/amina", "secrets", "--read")
    let granted = try mesh.exchange("amina", with: "rabat", "pull", collection: "secrets")
    #expect(granted["applied"]?.int == 1)
    let replicas = try mesh.must("syncserver", "replicas", "--data", "rabat", "--json").lines
    #expect(replicas.map { $0["identity"]?.text } == ["field/amina"])
  }

  @Test func oneRefusedCollectionDoesNotKeepTheOthersBack() throws {
    try mesh.grant("field/amina", "projects", at: "rabat")
    let run = try mesh.client(
      "sync", "--data", "amina", "--server", mesh.address("rabat"), "projects", "secrets", "--json")
    #expect(run.status == 77)
    #expect(try run.json["ok"]?.bool == false)
    #expect(try run.json.collection("projects")?["applied"]?.int == 1)
    #expect(try run.json.collection("projects")?["error"] == nil)
    #expect(try run.json.collection("secrets")?["error"]?["code"]?.int == 77)
  }

  @Test func whoMayOnlyReadKeepsOwnWritesAtHome() throws {
    try mesh.must(
      "syncserver", "access", "grant", "--data", "rabat", "field/amina", "projects", "--read")
    #expect(try mesh.exchange("amina", with: "rabat", "pull")["applied"]?.int == 1)
    try mesh.must("syncclient", "put", "--data", "amina", "projects", "A1", "title=Mine")
    let run = try mesh.sync("amina", with: "rabat", "push")
    #expect(run.status == 77)
    #expect(
      try run.json["error"]?["remedy"]?.text?.contains("access grant field/amina projects") == true)
    #expect(try mesh.record("A1", in: "rabat")["fields"]?["title"]?.text == "One")
    #expect(try mesh.record("A1", in: "amina")["fields"]?["title"]?.text == "Mine")

    // Once granted, the same write goes.
    try mesh.grant("field/amina", "projects", at: "rabat")
    try mesh.exchange("amina", with: "rabat")
    #expect(try mesh.record("A1", in: "rabat")["fields"]?["title"]?.text == "Mine")
  }

  @Test func whatIsTakenAwayIsGoneAtTheNextSync() throws {
    try mesh.grant("field/amina", "projects", at: "rabat")
    try mesh.exchange("amina", with: "rabat")
    try mesh.must(
      "syncserver", "access", "revoke", "--data", "rabat", "field/amina", "projects")
    try mesh.must("syncclient", "put", "--data", "amina", "projects", "A1", "title=Mine")
    let run = try mesh.sync("amina", with: "rabat")
    #expect(run.status == 77)
    #expect(try run.json["error"]?["name"]?.text == "not-allowed")
    #expect(try mesh.record("A1", in: "rabat")["fields"]?["title"]?.text == "One")
    let wildcard = try mesh.run(
      "syncserver", "access", "revoke", "--data", "rabat", "office/oujda", "projects", "--json")
    #expect(wildcard.status == 65)
    #expect(try wildcard.json["error"]?["name"]?.text == "granted-by-wildcard")
  }

  @Test func exchangesOfOneStoreWaitForEachOther() throws {
    try mesh.grant("field/amina", "projects", at: "rabat")
    let (peer, address) = try mesh.startPeer(["serve"], label: "silent")
    let first = try RunningProgram(
      "syncclient", ["sync", "--data", "amina", "--server", address], in: mesh.path, label: "first")
    let lock = "\(mesh.path)/amina/network.lock"
    try first.wait { _ in
      (try? String(contentsOfFile: lock, encoding: .utf8))?.contains(
        "\(first.process.processIdentifier)") == true
    }
    let second = try mesh.sync("amina", with: "rabat")
    #expect(second.status == 75)
    #expect(try second.json["error"]?["name"]?.text == "busy")
    #expect(
      try second.json["error"]?["message"]?.text?.contains("\(first.process.processIdentifier)")
        == true)
    // Reading and writing records goes on meanwhile.
    try mesh.must("syncclient", "put", "--data", "amina", "projects", "A2", "title=Two")

    let waiting = try RunningProgram(
      "syncclient",
      ["sync", "--data", "amina", "--server", mesh.address("rabat"), "--wait", "60", "--json"],
      in: mesh.path, label: "waiting")
    peer.end(with: SIGKILL)
    #expect(first.waited() == 69)
    #expect(waiting.waited() == 0)
    #expect(waiting.output.hasPrefix(#"{"ok":true,"#))
  }
}
