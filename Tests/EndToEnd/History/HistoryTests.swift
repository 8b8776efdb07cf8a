import Foundation
import OfficeSyncRecords
import Testing

/// Two offices and a device: each tells what it saw itself, and from whom it has it.
@Suite struct HistoryTests {
  private let mesh: Mesh

  init() throws {
    mesh = try Mesh()
    for office in ["casablanca", "rabat"] {
      try mesh.office(office)
      try mesh.start(office)
    }
    try mesh.device("amina")
    try mesh.grant("field/*", "projects", at: "casablanca")
  }

  private func put(_ store: String, _ assignment: String) throws {
    try mesh.must(
      "syncclient", "put", "--data", store, "projects", "p1", assignment, "--by", "Salma")
  }

  private func log(_ store: String, _ path: String = "status") throws -> [JSONValue] {
    try mesh.must("syncclient", "log", "--data", store, "projects", "p1", path, "--json").lines
  }

  private func values(_ lines: [JSONValue]) -> [String?] { lines.map { $0["value"]?.text } }

  @Test func overtakenValuesAreShownWhereTheyWereSeen() throws {
    try put("casablanca", "status=planned")
    try mesh.exchange("amina", with: "casablanca", "pull")
    // Nobody but Amina ever sees her first try.
    try put("amina", "status=singed")
    try put("amina", "status=signed")
    try mesh.exchange("amina", with: "casablanca")
    try mesh.exchange("casablanca", with: "rabat")

    let hers = try log("amina")
    #expect(values(hers) == ["signed", "singed", "planned"])
    #expect(hers.map { $0["author"]?.text } == ["field/amina", "field/amina", "office/casablanca"])
    #expect(hers.map { $0["current"]?.bool } == [true, false, false])
    #expect(hers.map { $0["here"]?.bool } == [true, true, false])
    #expect(hers[2]["session"]?["identity"]?.text == "office/casablanca")
    #expect(hers[2]["session"]?["address"]?.text == mesh.address("casablanca"))
    #expect(hers[2]["overtaken"]?["by"]?.text == hers[1]["dot"]?.text)

    let theirs = try log("casablanca")
    #expect(values(theirs) == ["signed", "planned"])
    #expect(theirs[0]["note"]?.text == "Salma")
    #expect(theirs[0]["session"]?["identity"]?.text == "field/amina")
    #expect(theirs[0]["session"]?["address"]?.text?.hasPrefix("127.0.0.1:") == true)
    #expect(theirs[1]["here"]?.bool == true)
    #expect(theirs[1]["overtaken"]?["by"]?.text == theirs[0]["dot"]?.text)

    // Rabat came later: it has the value by Amina through Casablanca, and saw nothing else.
    let far = try log("rabat")
    #expect(values(far) == ["signed"])
    #expect(far[0]["author"]?.text == "field/amina")
    #expect(far[0]["session"]?["identity"]?.text == "office/casablanca")

    let table = try mesh.must("syncclient", "log", "--data", "casablanca", "projects", "p1")
    #expect(table.output.contains("Salma (field/amina)"))
    #expect(table.errors.contains("syncclient undo projects p1 status --to "))
  }

  @Test func anEarlierValueIsWrittenAnewAndTravels() throws {
    try put("casablanca", "status=planned")
    try put("casablanca", "status=dropped")
    try mesh.exchange("casablanca", with: "rabat")
    let earlier = try #require(try log("casablanca").last)
    #expect(earlier["value"]?.text == "planned")

    // Rabat never saw it.
    let unknown = try mesh.client(
      "undo", "--data", "rabat", "projects", "p1", "status", "--json")
    #expect(unknown.status == 65)
    #expect(try unknown.json["error"]?["name"]?.text == "nothing-to-undo")

    let dot = try #require(earlier["dot"]?.text)
    let undone = try mesh.must(
      "syncclient", "undo", "--data", "casablanca", "projects", "p1", "status", "--to",
      String(dot.prefix(6)) + dot.suffix(2), "--json")
    #expect(try undone.json["changed"]?.bool == true)
    try mesh.exchange("casablanca", with: "rabat")
    #expect(try mesh.record("p1", in: "rabat")["fields"]?["status"]?.text == "planned")
    #expect(values(try log("rabat")) == ["planned", "dropped"])
    #expect(
      try mesh.fingerprint("projects", in: "rabat")
        == mesh.fingerprint("projects", in: "casablanca"))
  }

  @Test func aRunningServerMindsWhatConfigTomlSaysNext() throws {
    try put("amina", "status=first")
    try mesh.exchange("amina", with: "casablanca")
    try put("amina", "status=second")
    try mesh.exchange("amina", with: "casablanca")
    #expect(values(try log("casablanca")) == ["second", "first"])
    try Data("history = 0\n".utf8).write(
      to: URL(filePath: "\(mesh.path)/casablanca/config.toml"))
    #expect(values(try log("casablanca")) == ["second"])
    try put("amina", "status=third")
    try mesh.exchange("amina", with: "casablanca")
    let now = try log("casablanca")
    #expect(values(now) == ["third"])
    #expect(now.first?["session"] == .null)
    #expect(values(try log("amina")) == ["third", "second", "first"])
  }
}
