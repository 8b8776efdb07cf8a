import Foundation
import OfficeSyncCommandSupport
import OfficeSyncRecords
import OfficeSyncStorage
import OfficeSyncTestSupport
import Testing

@testable import syncclient

/// `put`, `unset`, `get`, `ls`, `rm`, `collections`.
struct RecordCommandTests {
  @Test func whatIsPutIsThereAndTheSameAgainIsNoWrite() async throws {
    let client = try CommandLine()
    let first = try await client("put", "projects", "p1", "n=-5", "title=Future Hub", "--json")
    #expect(
      first.output
        == "{\"dot\":\"00000000000000010000000000000002:1\",\"changed\":true}\n")
    let again = try await client("put", "projects", "p1", "n=-5", "--json")
    #expect(again.output == "{\"dot\":null,\"changed\":false}\n")
    let record = try await client("get", "projects", "p1", "--json")
    #expect(
      record.output == """
        {"collection":"projects","id":"p1","deleted":false,"fields":{"n":-5,"title":"Future Hub"},\
        "clock":{"00000000000000010000000000000002":1},"conflicts":{}}

        """)
  }

  @Test func valuesAreJSONIfTheyParseAsThat() async throws {
    let client = try CommandLine()
    try await client(
      "put", "projects", "p1", "a=1.50", "b=[1,2]", "c=true", "d=01", "e=", "f={\"x\":{\"y\":null}}"
    )
    let fields = try await client("get", "projects", "p1", "--json").json()["fields"]
    #expect(
      fields?.encoded()
        == #"{"a":1.50,"b":[1,2],"c":true,"d":"01","e":"","f":{"x":{"y":null}}}"#)
  }

  @Test func putMergesAnObjectFromAFile() async throws {
    let client = try CommandLine()
    let file = try client.folder.write(#"{"title":{"fr":"Pôle"},"jobs":500}"#, to: "in.json")
    try await client("put", "projects", "p1", "title/ar=قطب")
    try await client("put", "projects", "p1", "--from", file)
    let fields = try await client("get", "projects", "p1", "--json").json()["fields"]
    #expect(fields?.encoded() == #"{"jobs":500,"title":{"ar":"قطب","fr":"Pôle"}}"#)
    let reserved = try client.folder.write(#"{"$deleted":true}"#, to: "in.json")
    #expect(try await client("put", "projects", "p1", "--from", reserved).status == .badData)
    let broken = try client.folder.write("{\n\"a\":", to: "in.json")
    let answer = try await client("put", "projects", "p1", "--from", broken)
    #expect(answer.failure?.name == "bad-json")
    #expect(answer.failure?.message.contains("line 2") == true)
  }

  @Test(arguments: [
    (["put", "Bad Name", "x", "a=1"], OfficeSyncCommandSupport.ExitStatus.badData, "bad-name"),
    (["put", "projects", "$schema", "a=1"], .badData, "bad-name"),
    (["put", "projects", "x", "nothing"], .badData, "bad-name"),
    (["put", "projects", "x", "$a=1"], .badData, "bad-name"),
    (["put", "projects", "x", "a=1", "a=2"], .badData, "bad-value"),
    (["put", "projects", "x", "a+=1"], .badData, "schema-violation"),
    (["ls", "projects", "--where", "a"], .badData, "bad-condition"),
    (["put", "projects", "x", "--from", "/nowhere/x.json"], .storage, "file-not-found"),
  ])
  func mistakesHaveTheirCode(
    line: [String], status: OfficeSyncCommandSupport.ExitStatus, name: String
  ) async throws {
    let client = try CommandLine()
    let answer = try await CommandLine.run(line + ["--data", client.data], in: client.folder)
    #expect(answer.status == status)
    #expect(answer.failure?.name == name)
    #expect(try client.store().collections().isEmpty)
  }

  @Test func withoutAStoreNothingIsMade() async throws {
    let folder = try TestFolder()
    let answer = try await CommandLine.run(
      ["ls", "projects", "--data", "\(folder.path)/none"], in: folder)
    #expect(answer.status == .usage)
    #expect(answer.failure?.remedy.contains("syncclient init --data") == true)
    #expect(!FileManager.default.fileExists(atPath: "\(folder.path)/none"))
  }

  @Test func limitsAreToldByName() async throws {
    let client = try CommandLine()
    let long = String(repeating: "x", count: WriteLimits.textBytesMax + 1)
    #expect(try await client("put", "projects", "x", "a=\(long)").failure?.name == "over-limit")
    let note = String(repeating: "x", count: WriteInfo.noteBytesMax + 1)
    #expect(
      try await client("put", "projects", "x", "a=1", "--by", note).failure?.name == "over-limit")
  }

  @Test func unsetTakesWhatStandsBelowToo() async throws {
    let client = try CommandLine()
    try await client("put", "projects", "p1", "m/a/due=1", "m/b=2", "n=3")
    try await client("unset", "projects", "p1", "m", "never/there")
    let fields = try await client("get", "projects", "p1", "--json").json()["fields"]
    #expect(fields?.encoded() == #"{"n":3}"#)
  }

  @Test func theDeletedAreShownAsSuchAndListedOnlyOnDemand() async throws {
    let client = try CommandLine()
    try await client("put", "projects", "a", "n=1")
    try await client("put", "projects", "b", "n=2")
    #expect(try await client("rm", "projects", "a", "--json").json()["changed"] == .boolean(true))
    #expect(try await client("rm", "projects", "a", "--json").json()["changed"] == .boolean(false))
    #expect(try await client("rm", "projects", "never", "--json").status == .done)
    #expect(try await client("get", "projects", "a", "--json").json()["deleted"] == .boolean(true))
    #expect(try await client("put", "projects", "a", "n=3").failure?.name == "record-deleted")
    #expect(try await client("ls", "projects", "--json").lines().map { $0["id"] } == [.string("b")])
    #expect(try await client("ls", "projects", "--json", "--deleted").lines().count == 2)
    #expect(try await client("export", "projects").lines().count == 1)
    let summary = try await client("collections", "--json").json()
    #expect(summary["records"] == .number("1"))
    #expect(summary["unsent"] == .number("3"))
  }

  @Test func anAnswerOfNoIsOne() async throws {
    let client = try CommandLine()
    let missing = try await client("get", "projects", "p1", "--json")
    #expect(missing.status == .no)
    #expect(missing.failure == nil)
    let empty = try await client("ls", "projects", "--json")
    #expect(empty.status == .done)
    #expect(empty.output.isEmpty)
  }

  @Test func listingIsInOrderOverPagesAndFiltered() async throws {
    let client = try CommandLine()
    let rows = (0..<1_203).map { "{\"id\":\"r\(1_000_000 + $0)\",\"even\":\($0 % 2 == 0)}\n" }
    let file = try client.folder.write(rows.shuffled().joined(), to: "rows.ndjson")
    try await client("import", "projects", file)
    let all = try await client("ls", "projects", "--json").lines()
    #expect(all.map { $0["id"] } == (0..<1_203).map { .string("r\(1_000_000 + $0)") })
    let even = try await client("ls", "projects", "--where", "even=true", "--json").lines()
    #expect(even.count == 602)
    let one = try await client(
      "ls", "projects", "--where", "even=true", "--where", "id=x", "--json")
    #expect(one.output.isEmpty)
  }

  @Test func quietSaysNothing() async throws {
    let client = try CommandLine()
    let put = try await client("put", "projects", "p1", "a=1", "--quiet")
    #expect(put.output + put.errors == "")
    let list = try await client("ls", "projects", "--quiet", "--json")
    #expect(list.output + list.errors == "")
  }

  @Test func tablesKeepTextOfBothDirections() async throws {
    let client = try CommandLine()
    try await client("put", "projects", "p1", "title=الدار البيضاء / Casablanca (500)")
    let table = try await client("ls", "projects").output
    #expect(table.contains("p1      الدار البيضاء / Casablanca (500)"))
    let record = try await client("get", "projects", "p1").output
    #expect(record.contains("title  الدار البيضاء / Casablanca (500)"))
  }

  @Test func whoSatAtTheDeskIsKept() async throws {
    let client = try CommandLine()
    try await client("put", "projects", "p1", "a=1", "--by", "Amina")
    let record = try #require(
      try client.store().snapshot(of: CollectionName("projects")).record(RecordID("p1")))
    let write = try #require(record.siblings(at: FieldPath("a")).first).write
    #expect(write.note == "Amina")
    #expect(write.author == (try Identity("field/amina")))
  }
}
