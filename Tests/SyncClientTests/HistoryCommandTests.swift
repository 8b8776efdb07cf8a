import OfficeSyncCommandSupport
import OfficeSyncRecords
import OfficeSyncStorage
import OfficeSyncTestSupport
import Testing

@testable import syncclient

/// `log` and `undo`.
struct HistoryCommandTests {
  private let client: CommandLine
  private let replica = "00000000000000010000000000000002"

  init() async throws {
    client = try CommandLine("office/rabat")
  }

  private func put(_ fields: [(String, String)], at milliseconds: UInt64, note: String = "") throws
  {
    try client.store().write(
      to: CollectionName("projects"), wallMilliseconds: milliseconds, note: note
    ) { writer in
      _ = try writer.put(
        RecordID("p1"), changes: fields.map { (try FieldPath($0.0), .value(.text($0.1))) },
        context: nil)
    }
  }

  private func title() async throws -> JSONValue? {
    try await client("get", "projects", "p1", "--json").json()["fields"]?["title"]
  }

  @Test func linesHaveTheExactValues() async throws {
    try put([("title", "old"), ("region", "Fes")], at: 1_000, note: "Salma")
    try put([("title", "new")], at: 2_000)
    let lines = try await client("log", "projects", "p1", "--json").output
    #expect(
      lines == """
        {"collection":"projects","id":"p1","path":"title","value":"new","dot":"\(replica):2",\
        "author":"office/rabat","at":"1970-01-01T00:00:02.000Z","current":true,"overtaken":null,\
        "here":true,"session":null}
        {"collection":"projects","id":"p1","path":"region","value":"Fes","dot":"\(replica):1",\
        "author":"office/rabat","at":"1970-01-01T00:00:01.000Z","note":"Salma","current":true,\
        "overtaken":null,"here":true,"session":null}
        {"collection":"projects","id":"p1","path":"title","value":"old","dot":"\(replica):1",\
        "author":"office/rabat","at":"1970-01-01T00:00:01.000Z","note":"Salma","current":false,\
        "overtaken":{"at":"1970-01-01T00:00:02.000Z","by":"\(replica):2"},"here":true,\
        "session":null}

        """)
    let one = try await client("log", "projects", "p1", "region", "--json").lines()
    #expect(one.map { $0["path"] } == [.string("region")])
  }

  @Test func theTableSaysItInWords() async throws {
    let schema = try client.folder.write(
      #"{"fields":{"title":{"label":{"en":"Name"}},"tags":{"policy":"set"},"notes":{"policy":"journal"}}}"#,
      to: "schema.json")
    try put([("title", "old\u{202E}")], at: 1_000, note: "Salma")
    try put([("title", "new")], at: 62_000)
    #expect(try await client("schema", "set", "projects", schema).status == .done)
    try await client("put", "projects", "p1", "tags+=rail", "notes+=seen")
    try await client("put", "projects", "p1", "tags-=rail")
    try await client("rm", "projects", "p1")
    try await client("undo", "projects", "p1", "$deleted")
    let answer = try await client("log", "projects", "p1")
    let rows = answer.output.split(separator: "\n").map { line in
      line.split(separator: /\s{2,}/).map(String.init)
    }
    #expect(
      rows[0] == [
        "At (UTC)", "By", "Field", "Label", "Value", "Write", "Through", "Overtaken",
      ])
    let said = rows.dropFirst().map { $0.dropFirst(2) }
    #expect(said.contains(["title", "Name", "new", "00000000:2", "here", "current"]))
    #expect(
      said.contains(["title", "Name", #"old\u{202E}"#, "00000000:1", "here", "1970-01-01 00:01"]))
    #expect(said.contains { $0.starts(with: ["tags", "+rail"]) })
    #expect(said.contains { $0.starts(with: ["tags", "-rail"]) })
    #expect(said.contains { $0.starts(with: ["notes", "seen"]) })
    #expect(said.contains { $0.starts(with: ["$deleted", "deleted"]) })
    #expect(said.contains { $0.starts(with: ["$deleted", "brought back"]) })
    #expect(rows.last?.prefix(2) == ["1970-01-01 00:00", "Salma (office/rabat)"])
    #expect(answer.errors.contains("syncclient undo projects p1 '$deleted' --to 00000000:"))
  }

  @Test func aRecordThatIsNotThereHasNone() async throws {
    let answer = try await client("log", "projects", "p1", "--json")
    #expect(answer.status == .no)
    #expect(answer.output == "")
  }

  @Test func aPurgedRecordSaysSo() async throws {
    try put([("title", "secret")], at: 1_000)
    try put([("title", "secret too")], at: 2_000)
    try client.store().write(
      to: CollectionName("projects"), wallMilliseconds: 3_000, note: ""
    ) { writer in
      _ = try writer.purge(RecordID("p1"))
    }
    let answer = try await client("log", "projects", "p1")
    #expect(!answer.output.contains("secret"))
    #expect(answer.errors.hasPrefix("p1 was purged"))
  }

  @Test func undoWritesTheEarlierValueAnew() async throws {
    try put([("title", "first")], at: 1_000)
    try put([("title", "second")], at: 2_000)
    try put([("title", "third")], at: 3_000)
    let answer = try await client(
      "undo", "projects", "p1", "title", "--by", "Salma", "--json")
    #expect(answer.output == "{\"dot\":\"\(replica):4\",\"changed\":true}\n")
    #expect(try await title() == .string("second"))
    let newest = try #require(try await client("log", "projects", "p1", "--json").lines().first)
    #expect(newest["note"] == .string("Salma"))

    try await client("undo", "projects", "p1", "title", "--to", "\(replica):1")
    #expect(try await title() == .string("first"))
    let again = try await client("undo", "projects", "p1", "title", "--to", "0:1", "--json")
    #expect(again.output == "{\"dot\":null,\"changed\":false}\n")
  }

  @Test(arguments: [
    (["p2", "title"], "unknown-choice"), (["p1", "region"], "nothing-to-undo"),
    (["p1", "title", "--to", "0:9"], "unknown-choice"),
    (["p1", "title", "--to", "soon"], "unknown-choice"), (["p1", "$schema"], "bad-name"),
    (["p1", "notes"], "schema-violation"),
  ])
  func whatCannotBeUndoneIsRefused(arguments: [String], name: String) async throws {
    let schema = try client.folder.write(
      #"{"fields":{"notes":{"policy":"journal"}}}"#, to: "schema.json")
    #expect(try await client("schema", "set", "projects", schema).status == .done)
    try put([("title", "first"), ("region", "Fes")], at: 1_000)
    try put([("title", "second")], at: 2_000)
    let line = ["undo", "projects"] + arguments + ["--data", client.data]
    let answer = try await CommandLine.run(line, in: client.folder)
    #expect(answer.status == .badData)
    #expect(answer.failure?.name == name)
    #expect(try await title() == .string("second"))
  }

  @Test func configTomlSaysHowLongItIsKept() async throws {
    try put([("title", "first")], at: 1_000)
    try put([("title", "second")], at: 2_000)
    func logged() async throws -> Int {
      try await client("log", "projects", "p1", "--json").lines().count
    }
    #expect(try await logged() == 2)
    // A file that cannot be read changes nothing.
    try client.folder.write("history = 'long'\n", to: "store/config.toml")
    #expect(try await logged() == 2)
    try client.folder.write("history = 0\n", to: "store/config.toml")
    #expect(try await logged() == 1)
    try client.folder.write("", to: "store/config.toml")
    #expect(try await logged() == 1)
    try put([("title", "third")], at: 3_000)
    #expect(try await logged() == 2)
  }
}
