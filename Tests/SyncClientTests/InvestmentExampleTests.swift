import Foundation
import OfficeSyncRecords
import OfficeSyncTestSupport
import Testing

@testable import syncclient

/// The example in `Examples/investments`, and the whole lists that its map is made for.
struct InvestmentExampleTests {
  private static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
  private static let example = root.appending(path: "Examples/investments")
  /// Real lists, too large for the repository; see issue 3.
  private static let lists = root.appending(path: "../shared/data").standardized

  @Test func sampleComesInWhole() throws {
    let found = try Self.importing(
      Array(Data(contentsOf: Self.example.appending(path: "sample.csv"))))
    #expect(found.problems.isEmpty)
    #expect(found.drafts.count == 200)
    let education = try #require(found.drafts.first { $0.id.description == "P095714" })
    let values = try Self.changes(education)
    #expect(values["approvedOn"] == .value(.date(try #require(CivilDate("2009-09-01")))))
    #expect(values["disclosedOn"] == .value(.date(try #require(CivilDate("2007-05-24")))))
    #expect(values["budget/amount"] == .value(.decimal(try #require(DecimalNumber("4249750020")))))
    #expect(values["budget/currency"] == .value(.text("USD")))
    #expect(values["isSupplement"] == .value(.boolean(false)))
    #expect(values["dueBy"] == nil)
    #expect(
      try found.drafts.contains { draft in
        guard case .value(.text(let text))? = try Self.changes(draft)["objective"] else {
          return false
        }
        return text.contains("\r\n")
      })
  }

  @Test func schemaNamesEveryPathOfTheMap() throws {
    let schema = try Self.schema.get()
    #expect(schema.problems.isEmpty)
    for rule in schema.rules.values { #expect(rule.label.keys.sorted() == ["ar", "en", "fr"]) }
    let map = try Self.map()
    for path in map.columns.values.map(\.path) + map.constants.map(\.path) {
      #expect(schema.rule(for: path) != .standard, "\(path)")
    }
  }

  @Test func recordMadeByHandFitsTheSchema() throws {
    let json = try JSONValue(
      parsing: Array(Data(contentsOf: Self.example.appending(path: "future-hub.json"))))
    let draft = ImportDraft(
      line: 1, id: try RecordID("future-hub"), edits: try Edit.merging(json))
    let values = try Self.changes(draft)
    #expect(values["jobsTarget"] == .value(.integer(500)))
    #expect(values["region"] == .value(.text("Casablanca-Settat")))
    #expect(values["announcedOn"] == .value(.date(try #require(CivilDate("2025-07-22")))))
    #expect(values.keys.count { $0.hasPrefix("partners/") } == 2)
  }

  /// Counts are those of the lists' own README, or counted with Python's csv module.
  @Test(
    .enabled(if: FileManager.default.fileExists(atPath: lists.path)),
    arguments: [
      (
        "wb_projects_2025-03-31.csv.zst", 27_132,
        ["objective": 15_306, "agency": 7_653, "approvedOn": 26_492, "dueBy": 15_095]
      ),
      (
        "wb_projects_2024-08-29.csv.zst", 22_569,
        ["objective": 11_353, "agency": 6_696, "approvedOn": 17_588, "dueBy": 15_945]
      ),
    ])
  func wholeListsComeIn(file: String, rows: Int, counts: [String: Int]) throws {
    let found = try Self.importing(Self.unpacked(Self.lists.appending(path: file)))
    #expect(found.problems.isEmpty)
    #expect(found.drafts.count == rows)
    #expect(Set(found.drafts.map(\.id)).count == rows)
    var filled: [String: Int] = [:]
    for draft in found.drafts {
      for edit in draft.edits { filled[edit.path.description, default: 0] += 1 }
    }
    for (path, count) in counts { #expect(filled[path] == count, "\(path)") }
    #expect(filled["source"] == rows)
  }

  private static func map() throws -> ImportMap {
    try ImportMap(json: Array(Data(contentsOf: example.appending(path: "map-world-bank.json"))))
  }

  private static func importing(
    _ bytes: [UInt8]
  ) throws -> (drafts: [ImportDraft], problems: [ImportProblem]) {
    let reading = CSVReading(bytes, splitAt: Array(stride(from: 0, to: bytes.count, by: 65_536)))
    var problems = reading.problems
    let plan = ImportPlan(
      map: try map(), header: reading.header ?? [],
      schema: try schema.get(), report: { problems.append($0) })
    let drafts = reading.rows.compactMap { row in
      plan?.draft(of: row, report: { problems.append($0) })
    }
    return (drafts, problems)
  }

  private static let schema = Result {
    try Schema(
      json: JSONValue(
        parsing: Array(Data(contentsOf: example.appending(path: "schema.json")))))
  }

  /// What a draft writes into an empty record, once the schema has had its say.
  private static func changes(_ draft: ImportDraft) throws -> [String: Sibling.Content] {
    let editor = RecordEditor(
      schema: try schema.get(), replica: ReplicaID(high: 0, low: 1),
      elementSegment: { String(UInt(bitPattern: $0.hashValue), radix: 16) })
    let changes = try editor.changes(draft.edits, to: Record(), nextTime: { .zero })
    return Dictionary(uniqueKeysWithValues: changes.map { ($0.path.description, $0.content) })
  }

  private static func unpacked(_ file: URL) throws -> [UInt8] {
    let run = try ChildProcess.run(["zstd", "-dc", file.path])
    #expect(run.status == 0, "\(run.errorText)")
    return Array(run.output)
  }
}
