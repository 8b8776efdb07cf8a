import OfficeSyncCommandSupport
import OfficeSyncRecords
import OfficeSyncStorage
import Testing

@testable import syncclient

/// `conflicts` and `resolve`. A conflict is made by a write that did not see what was there.
struct ConflictCommandTests {
  private let client: CommandLine
  private let replica = "00000000000000010000000000000002"

  init() async throws {
    client = try CommandLine()
    let store = try client.store()
    let projects = try CollectionName("projects")
    try store.write(to: projects, wallMilliseconds: 1_000, note: "Amina") { writer in
      _ = try writer.put(
        RecordID("p1"), changes: [(FieldPath("title"), .value(.text("old")))], context: nil)
    }
    try store.write(to: projects, wallMilliseconds: 2_000, note: "") { writer in
      _ = try writer.put(
        RecordID("p1"), changes: [(FieldPath("title"), .value(.text("new")))],
        context: VersionVector())
    }
  }

  @Test func theSettledAreListedOnDemand() async throws {
    #expect(try await client("conflicts", "--json").output.isEmpty)
    #expect(try await client("conflicts", "--check").status == .done)
    let line = try #require(try await client("conflicts", "--all", "--json").lines().first)
    #expect(
      line.encoded() == """
        {"collection":"projects","id":"p1","path":"title","policy":"latest","open":false,\
        "values":[{"value":"new","dot":"\(replica):2","author":"field/amina","at":"1970-01-01T00:00:02.000Z"},\
        {"value":"old","dot":"\(replica):1","author":"field/amina","at":"1970-01-01T00:00:01.000Z","note":"Amina"}]}
        """)
    let table = try await client("conflicts", "--all").output
    #expect(table.contains("Amina (field/amina)"))
    #expect(table.contains("1970-01-01T00:00:02.000Z"))
  }

  @Test func takingOneSettlesIt() async throws {
    let answer = try await client("resolve", "projects", "p1", "title", "--take", "2", "--json")
    #expect(try answer.json()["changed"] == .boolean(true))
    let record = try await client("get", "projects", "p1", "--json").json()
    #expect(record["fields"]?.encoded() == #"{"title":"old"}"#)
    #expect(record["conflicts"]?.names == [])
    #expect(try await client("conflicts", "--all", "--json").output.isEmpty)
  }

  @Test func anotherValueOrNoneSettlesItToo() async throws {
    try await client("resolve", "projects", "p1", "title", "--value", "-third")
    #expect(
      try await client("get", "projects", "p1", "--json").json()["fields"]?.encoded()
        == #"{"title":"-third"}"#)
    try await client("resolve", "projects", "p1", "title", "--absent")
    #expect(
      try await client("get", "projects", "p1", "--json").json()["fields"]?.encoded() == "{}")
  }

  @Test(arguments: [
    (["title", "--take", "3"], "unknown-choice"), (["title", "--take", "soon"], "unknown-choice"),
    (["title", "--take", "office/rabat"], "unknown-choice"),
    (["nothing", "--absent"], "unknown-choice"), (["title"], "choice-needed"),
    (["title", "--take", "1", "--if-clock", "{}"], "record-changed"),
    (["title", "--take", "1", "--if-clock", "7"], "bad-value"),
    (["title", "--take", "field/amina"], "unknown-choice"),
  ])
  func whatCannotBeDecidedIsRefused(arguments: [String], name: String) async throws {
    let line = ["resolve", "projects", "p1"] + arguments + ["--data", client.data]
    #expect(try await CommandLine.run(line, in: client.folder).failure?.name == name)
    #expect(try await client("conflicts", "--all", "--json").lines().count == 1)
  }

  @Test func theClockThatWasSeenLetsItThrough() async throws {
    let clock = try #require(try await client("get", "projects", "p1", "--json").json()["clock"])
    let answer = try await client(
      "resolve", "projects", "p1", "title", "--take", "\(replica):1", "--if-clock",
      clock.encoded())
    #expect(answer.status == .done)
  }
}
