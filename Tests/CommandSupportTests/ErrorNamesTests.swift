import Foundation
import OfficeSyncCommandSupport
import Testing

/// Holds `docs/ERRORS.md` against the sources, so that no name is given out without its row.
@Suite struct ErrorNamesTests {
  private struct Entry: Hashable {
    var name: String
    var code: Int32
  }

  private static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// The text of every source file of all modules.
  private func sources() throws -> [String] {
    let folder = Self.root.appending(path: "Sources")
    let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
    var texts: [String] = []
    while let file = files?.nextObject() as? URL {
      guard file.pathExtension == "swift" else { continue }
      texts.append(try String(contentsOf: file, encoding: .utf8))
    }
    return texts
  }

  /// Every `CommandError(.status, "name"`.
  private func entriesInSources() throws -> Set<Entry> {
    let statuses = Dictionary(
      uniqueKeysWithValues: OfficeSyncCommandSupport.ExitStatus.allCases.map {
        ("\($0)", $0.rawValue)
      })
    var entries: Set<Entry> = []
    for text in try sources() {
      for match in text.matches(of: /CommandError\(\s*\.(\w+),\s*"([^"]*)"/) {
        let code = try #require(statuses[String(match.1)], "\(match.1)")
        entries.insert(Entry(name: String(match.2), code: code))
      }
    }
    return entries
  }

  private func entriesInDocument() throws -> [Entry] {
    let document = Self.root.appending(path: "docs/ERRORS.md")
    return try String(contentsOf: document, encoding: .utf8)
      .matches(of: /(?m)^\| `([a-z0-9-]+)` \| (\d+) \| [^|]+ \| [^|]+ \|$/)
      .map { Entry(name: String($0.1), code: try #require(Int32($0.2))) }
  }

  @Test func everyErrorHasItsRow() throws {
    let sources = try entriesInSources()
    let document = Set(try entriesInDocument())
    #expect(sources.count > 10)
    #expect(sources.subtracting(document) == [], "missing in docs/ERRORS.md")
  }

  @Test func noRowIsLeftOver() throws {
    let sources = try sources().joined()
    for entry in try entriesInDocument() { #expect(sources.contains("\"\(entry.name)\"")) }
  }

  @Test func aNameHasOneRowAndTheRowsAreSorted() throws {
    let names = try entriesInDocument().map(\.name)
    #expect(Set(names).count == names.count)
    let text = try String(contentsOf: Self.root.appending(path: "docs/ERRORS.md"), encoding: .utf8)
    for table in text.split(separator: "\n## ") {
      let rows = table.split(separator: "\n").filter { $0.hasPrefix("| `") }
      #expect(rows == rows.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) })
    }
  }
}
