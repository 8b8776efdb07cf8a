import Foundation
import OfficeSyncRecords
import Testing

/// A file that is wrong somewhere is refused as a whole, by name, line and field.
@Suite struct BadFileTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    var content: [UInt8]
    var line: Int
    var field: String?
    /// A part of the reason.
    var reason: String

    var testDescription: String { name }

    init(_ name: String, _ content: String, line: Int, field: String? = nil, _ reason: String) {
      self.init(name, Array(content.utf8), line: line, field: field, reason)
    }

    init(_ name: String, _ content: [UInt8], line: Int, field: String? = nil, _ reason: String) {
      (self.name, self.content, self.line) = (name, content, line)
      (self.field, self.reason) = (field, reason)
    }
  }

  static let cases = [
    Case(
      "unclosed.csv", "id,title\nA1,one\nA2,\"two\nA3,three\n", line: 3, field: "title",
      "never closes"),
    Case("short.csv", "id,title,status\nA1,one\n", line: 2, field: "status", "2 cells"),
    Case("long.csv", "id,title\nA1,one\nA2,two,three\n", line: 3, "3 cells"),
    Case("twice.csv", "id,title\nA1,one\nA2,two\nA1,three\n", line: 4, field: "id", "line 2"),
    Case(
      "latin.csv", Array("id,title\nA1,one\nA2,d".utf8) + [0xE9] + Array("p\n".utf8), line: 3,
      field: "title", "utf-8"),
    Case(
      "large.csv", "id,title\nA1,\(String(repeating: "x", count: 65_537))\n", line: 2,
      field: "title", "65536 bytes"),
    Case("schema.csv", "id,jobs\nA1,3\nA2,many\n", line: 3, field: "jobs", "whole number"),
    Case("allowed.csv", "id,status\nA1,signed\nA2,maybe\n", line: 3, field: "status", "allow"),
    Case("noid.csv", "id,title\nA1,one\n,two\n", line: 3, field: "id", "no ID"),
    Case("broken.ndjson", "{\"id\":\"A1\"}\n{\"id\":\"A2\",\n", line: 2, "column"),
    Case("list.ndjson", "{\"id\":\"A1\"}\n[1]\n", line: 2, "not a JSON object"),
    Case(
      "schema.ndjson", "{\"id\":\"A1\",\"jobs\":3}\n{\"id\":\"A2\",\"jobs\":\"many\"}\n", line: 2,
      field: "jobs", "whole number"),
  ]

  private let mesh: Mesh
  private let before: String?

  init() throws {
    mesh = try Mesh()
    try mesh.must("syncserver", "init", "--data", "rabat", "--name", "rabat")
    try #"{"fields":{"jobs":{"type":"integer"},"status":{"type":"text","allowed":["signed"]}}}"#
      .write(toFile: "\(mesh.path)/schema.json", atomically: true, encoding: .utf8)
    try mesh.must("syncclient", "schema", "set", "--data", "rabat", "projects", "schema.json")
    try mesh.must("syncclient", "put", "--data", "rabat", "projects", "B1", "title=Kept")
    before = try mesh.fingerprint("projects", in: "rabat")
  }

  private func write(_ content: [UInt8], to name: String) throws {
    try Data(content).write(to: URL(filePath: "\(mesh.path)/\(name)"))
  }

  @Test(arguments: cases)
  func nothingOfItIsStored(_ file: Case) throws {
    try write(file.content, to: file.name)
    let run = try mesh.client("import", "--data", "rabat", "projects", file.name)
    #expect(run.status == 65)
    #expect(run.output == "")
    let place = file.field.map { "line \(file.line), \($0): " } ?? "line \(file.line): "
    #expect(run.errors.contains("error: \(file.name), \(place)"), "\(run.errors)")
    #expect(run.errors.contains(file.reason), "\(run.errors)")

    let document = try mesh.client("import", "--data", "rabat", "projects", file.name, "--json")
    #expect(document.status == 65)
    #expect(try document.json["error"]?["name"]?.text == "bad-rows")
    let problem = try document.json["problems"]?.items?.first
    #expect(problem?["line"]?.int == file.line)
    #expect(problem?["field"]?.text == file.field)
    #expect(try mesh.fingerprint("projects", in: "rabat") == before)
  }

  @Test func oneHundredProblemsAreListedAndNotMore() throws {
    let rows = (1...250).map { "A\($0),many\n" }
    try write(Array(("id,jobs\n" + rows.joined()).utf8), to: "many.csv")
    let run = try mesh.client("import", "--data", "rabat", "projects", "many.csv", "--json")
    #expect(run.status == 65)
    #expect(try run.json["problems"]?.items?.map { $0["line"]?.int } == Array(2...101))
    #expect(try run.json["written"]?.int == 0)
    #expect(try mesh.fingerprint("projects", in: "rabat") == before)
  }

  @Test func theSameHoldsForAPipe() throws {
    let run = try mesh.client(
      "import", "--data", "rabat", "projects", "-", input: "id,title\nA1,one\nA2\n")
    #expect(run.status == 65)
    #expect(run.errors.contains("line 3, title: "), "\(run.errors)")
    #expect(try mesh.fingerprint("projects", in: "rabat") == before)
    let good = try mesh.client(
      "import", "--data", "rabat", "projects", "-", input: "id,title\nA1,one\nA2,two\n")
    #expect(good.status == 0)
    #expect(try mesh.fingerprint("projects", in: "rabat") != before)
  }
}
