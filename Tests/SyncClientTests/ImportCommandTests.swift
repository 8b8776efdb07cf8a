import Foundation
import OfficeSyncCommandSupport
import OfficeSyncRecords
import OfficeSyncStorage
import OfficeSyncTestSupport
import Testing

@testable import syncclient

/// `import` and `export`.
struct ImportCommandTests {
  private let client: CommandLine

  init() throws { client = try CommandLine() }

  private func write(_ text: String, to name: String) throws -> String {
    try client.folder.write(text, to: name)
  }

  @Test func theSameFileTwiceWritesNothing() async throws {
    let file = try write("id,title\n1,Pôle\n2,\"a, b\"\n", to: "in.csv")
    let first = try await client("import", "projects", file, "--json")
    #expect(
      first.output
        == "{\"ok\":true,\"rows\":2,\"written\":2,\"unchanged\":0,\"dryRun\":false}\n")
    let again = try await client("import", "projects", file, "--json").json()
    #expect(again["written"] == .number("0"))
    #expect(again["unchanged"] == .number("2"))
    #expect(
      try await client("get", "projects", "2", "--json").json()["fields"]
        == .object([JSONMember("title", .string("a, b"))]))
  }

  @Test func aTryStoresNothingAndTellsWhatItWould() async throws {
    let file = try write("id,title\n1,x\n", to: "in.csv")
    let answer = try await client("import", "projects", file, "--dry-run", "--json").json()
    #expect(answer["written"] == .number("1"))
    #expect(answer["dryRun"] == .boolean(true))
    #expect(try client.store().collections().isEmpty)
  }

  @Test(arguments: [
    ("in.csv", "id,title\n1,x\n2,\"open\n", 3, "title"),
    ("in.csv", "id,title\n1,x\n2\n", 3, "title"),
    ("in.csv", "id,title\n1,x\n1,y\n", 3, "id"),
    ("in.csv", "id,title\n1,\u{0}\n", 2, "title"),
    ("in.ndjson", "{\"id\":\"1\"}\n{\"id\":\"2\",\"a\":[}\n", 2, nil),
    ("in.ndjson", "{\"id\":\"1\",\"a\":1}\n{\"a\":2}\n", 2, "id"),
    ("in.ndjson", "{\"id\":\"1\",\"a\":1}\n{\"id\":\"1\"}\n", 2, "id"),
  ])
  func whatIsWrongIsNamedAndNothingStored(
    name: String, text: String, line: Int, field: String?
  ) async throws {
    let file = try write(text, to: name)
    let answer = try await client("import", "projects", file, "--json")
    #expect(answer.status == .badData)
    let failure = try #require(answer.failure)
    #expect(failure.name == "bad-rows")
    #expect(failure.message.hasPrefix("\(file), line \(line)"))
    let problem = try #require(failure.json["problems"]?.items.first)
    #expect(problem["line"] == .number(String(line)))
    #expect(problem["field"] == (field.map { .string($0) } ?? .null))
    #expect(failure.json["written"] == .number("0"))
    #expect(try client.store().collections().isEmpty)
  }

  @Test func oneProblemIsToldOnce() async throws {
    let file = try write("id,a\n1,x\n2\n", to: "in.csv")
    let answer = try await client("import", "projects", file)
    #expect(answer.failure?.message.hasPrefix("\(file), line 3") == true)
    #expect(answer.errors == "")
  }

  @Test func atMostAHundredProblemsAreListed() async throws {
    let rows = (0..<500).map { _ in "1\n" }.joined()
    let answer = try await client("import", "projects", write("id,a\n" + rows, to: "in.csv"))
    #expect(answer.errors.split(separator: "\n").count == 100)
  }

  @Test func theSchemaIsHeldAgainstEveryRow() async throws {
    let office = try CommandLine("office/rabat")
    let schema = try office.folder.write(
      #"{"fields":{"status":{"allowed":["Active"]},"tags":{"policy":"set"}}}"#, to: "s.json")
    try await office("schema", "set", "projects", schema)
    let bad = try office.folder.write("id,status\n1,Active\n2,Nope\n", to: "bad.csv")
    #expect(
      try await office("import", "projects", bad).failure?.message
        .hasPrefix("\(bad), line 3, status: \"Nope\" is not one of") == true)
    let good = try office.folder.write("id,tags\n1,a\n", to: "good.csv")
    try await office("import", "projects", good)
    #expect(
      try await office("get", "projects", "1", "--json").json()["fields"]?.encoded()
        == #"{"tags":["a"]}"#)
  }

  @Test func emptyCellsAreLeftOutOrRemove() async throws {
    let file = try write("id,a,b\n1,,new\n", to: "in.csv")
    try await client("put", "projects", "1", "a=old", "b=old")
    try await client("import", "projects", file)
    #expect(
      try await client("get", "projects", "1", "--json").json()["fields"]?.encoded()
        == #"{"a":"old","b":"new"}"#)
    try await client("import", "projects", file, "--empty", "unset")
    #expect(
      try await client("get", "projects", "1", "--json").json()["fields"]?.encoded()
        == #"{"b":"new"}"#)
  }

  @Test func aRowForADeletedRecordIsAProblem() async throws {
    try await client("put", "projects", "1", "a=x")
    try await client("rm", "projects", "1")
    let file = try write("id,a\n2,y\n1,y\n", to: "in.csv")
    let answer = try await client("import", "projects", file)
    #expect(answer.failure?.message.contains("line 3, a: the record is deleted") == true)
    #expect(try await client("get", "projects", "2").status == .no)
  }

  @Test func aPipeIsSpooledAndLeavesNothingBehind() async throws {
    let pipe = "\(client.folder.path)/pipe"
    #expect(mkfifo(pipe, 0o600) == 0)
    let rows = (0..<20_000).map { "\($0),row \($0)\n" }.joined()
    // A thread of its own: opening a pipe blocks until the other end is open too.
    Thread.detachNewThread {
      try? Data(("id,title\n" + rows).utf8).write(to: URL(fileURLWithPath: pipe))
    }
    let answer = try await client("import", "projects", pipe, "--json").json()
    #expect(answer["written"] == .number("20000"))
    let files = try FileManager.default.contentsOfDirectory(atPath: client.data)
    #expect(files.allSatisfy { $0.hasPrefix("store.sqlite") })
  }

  @Test func whatWasExportedAsDeletedComesBackDeleted() async throws {
    try await client("put", "projects", "gone", "a=old", "b=1")
    try await client("rm", "projects", "gone")
    let exported = try await client("export", "projects", "--deleted").output
    let file = try write(exported, to: "out.ndjson")
    // Here it is deleted already.
    #expect(
      try await client("import", "projects", file, "--json").json()["written"] == .number("0"))
    // Where it never was, and where it still is, with other values.
    try await client("put", "copy-2", "gone", "a=new", "c=2")
    for (collection, fields) in [
      ("copy-1", #"{"a":"old","b":1}"#), ("copy-2", #"{"a":"old","b":1,"c":2}"#),
    ] {
      for written in ["1", "0"] {
        let answer = try await client("import", collection, file, "--json").json()
        #expect(answer["written"] == .number(written))
      }
      let record = try await client("get", collection, "gone", "--json").json()
      #expect(record["deleted"] == .boolean(true))
      #expect(record["fields"]?.encoded() == fields)
      #expect(record["conflicts"]?.names == [])
      #expect(try await client("ls", collection, "--json").output == "")
    }
  }

  @Test func exportedLinesComeBackAsNoChange() async throws {
    try await client("put", "projects", "p1", "a=1.50", "b=[1,{\"c\":null}]", "m/x=é", "e=")
    try await client("put", "projects", "p2", "at=2026-01-01")
    let exported = try await client("export", "projects").output
    let file = try write(exported, to: "out.ndjson")
    #expect(
      try await client("import", "projects", file, "--json").json()["written"] == .number("0"))
    #expect(
      try await client("import", "copy", file, "--json").json()["written"] == .number("2"))
    let copy = try await client("export", "copy").lines()
    #expect(
      try copy.map { $0["fields"] }
        == exported.split(separator: "\n").map {
          try JSONValue(parsing: String($0))["fields"]
        })
  }

  @Test func csvQuotesWhatNeedsItAndKeepsTheRest() async throws {
    try await client("put", "projects", "p1", "a=x,y", "b=say \"no\"", "c=line\nbreak", "d=")
    try await client("put", "projects", "p2", "a==1+1", "id=taken", "l=[1,2]")
    let csv = try await client("export", "projects", "--format", "csv").output
    #expect(
      csv == """
        $id,a,b,c,d,id,l\r
        p1,"x,y","say ""no\""","line\nbreak","",,\r
        p2,=1+1,,,,taken,"[1,2]"\r

        """)
  }

  @Test func optionsOfCSVAreRefusedForLines() async throws {
    let file = try write("{\"id\":\"1\"}\n", to: "in.ndjson")
    #expect(try await client("import", "projects", file, "--empty", "unset").status == .usage)
    #expect(try await client("import", "projects", file, "--encoding", "ebcdic").status == .usage)
  }
}
