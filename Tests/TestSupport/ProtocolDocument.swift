import Foundation
import OfficeSyncRecords

/// The parts of `docs/PROTOCOL.md` that tests hold against the code.
public struct ProtocolDocument {
  public struct MessageRow: Hashable {
    public var name: String
    public var type: UInt8
    public var direction: String
  }

  /// One frame of the worked session: its block begins with `# SIDE MESSAGE`, and `#` starts a comment in each line.
  public struct Frame: Hashable {
    public var from: String
    public var name: String
    public var bytes: [UInt8]
  }

  private let lines: [String]

  public init() throws {
    let text = try String(
      contentsOfFile: RepositoryFiles.path("docs/PROTOCOL.md"), encoding: .utf8)
    lines = text.components(separatedBy: "\n")
  }

  /// The table "message | type | direction".
  public var messages: [MessageRow] {
    rows(below: "| message | type | direction |").compactMap { cells in
      guard cells.count == 3, let type = UInt8(cells[1].dropFirst(2), radix: 16) else { return nil }
      return MessageRow(name: cells[0], type: type, direction: cells[2])
    }
  }

  /// The table "code | name | in | …".
  public var failureCodes: [UInt64: String] {
    var codes: [UInt64: String] = [:]
    for cells in rows(below: "| code | name | in | meaning, and what to do |") {
      if let code = UInt64(cells[0]) { codes[code] = cells[1] }
    }
    return codes
  }

  /// The table "limit | value": the number that each row begins with.
  public var limits: [String: UInt64] {
    var limits: [String: UInt64] = [:]
    for cells in rows(below: "| limit | value |") where cells.count == 2 {
      let digits = cells[1].filter { $0 != "," }.prefix { $0.isNumber }
      limits[cells[0].filter { $0 != "`" }] = UInt64(digits)
    }
    return limits
  }

  /// Every ` ```hex ` block of a section, by its heading's beginning.
  public func hexBlocks(of heading: String) -> [(title: String, bytes: [UInt8])] {
    guard let start = lines.firstIndex(where: { $0.hasPrefix(heading) }) else { return [] }
    let rest = lines[(start + 1)...]
    let section = rest.prefix { !$0.hasPrefix("## ") }
    var blocks: [(title: String, bytes: [UInt8])] = []
    var inBlock = false
    for line in section {
      if line.hasPrefix("```") {
        inBlock = line == "```hex"
        if inBlock { blocks.append(("", [])) }
      } else if inBlock {
        let parts = line.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
        let digits = parts[0].filter { $0 != " " }
        if digits.isEmpty, parts.count == 2, blocks[blocks.count - 1].bytes.isEmpty {
          blocks[blocks.count - 1].title = parts[1].trimmingCharacters(in: .whitespaces)
        }
        blocks[blocks.count - 1].bytes += Hex.bytes(of: digits) ?? []
      }
    }
    return blocks
  }

  /// The worked session.
  public var frames: [Frame] {
    hexBlocks(of: "## 15.").map { block in
      let words = block.title.split(separator: " ").map(String.init)
      return Frame(
        from: words.first ?? "", name: words.dropFirst().first?.lowercased() ?? "",
        bytes: block.bytes)
    }
  }

  private func rows(below header: String) -> [[String]] {
    guard let start = lines.firstIndex(of: header) else { return [] }
    return lines[(start + 2)...].prefix { $0.hasPrefix("|") }.map { line in
      line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
    }
  }
}
