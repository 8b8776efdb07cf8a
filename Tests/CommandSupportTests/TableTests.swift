import OfficeSyncCommandSupport
import Testing

@Suite struct TableTests {
  private static let columns = [
    Table.Column("ID", isKept: true), Table.Column("Place"),
    Table.Column("Jobs", alignment: .trailing), Table.Column("Status"),
  ]
  private static let rows = [
    ["future-hub", "الدار البيضاء / Casablanca (500)", "500", "signed"],
    ["p2", "Fès\u{202E}", "12", "open\nnow"],
  ]

  private func lines(_ terminal: Terminal, rows: [[String]] = rows) -> [String] {
    var table = Table(Self.columns, for: terminal)
    return rows.flatMap { table.add($0) } + table.finish()
  }

  @Test func alignsByColumnsAndIsolatesOnATerminal() {
    #expect(
      lines(.screen(80)) == [
        "ID          Place                             Jobs  Status",
        "future-hub  \u{2068}الدار البيضاء / Casablanca (500)\u{2069}   500  signed",
        "p2          Fès\\u{202E}                         12  open\\nnow",
      ])
  }

  @Test func aPipeHasTheSameWithoutIsolates() {
    #expect(
      lines(.plain) == [
        "ID          Place                             Jobs  Status",
        "future-hub  الدار البيضاء / Casablanca (500)   500  signed",
        "p2          Fès\\u{202E}                         12  open\\nnow",
      ])
  }

  @Test func langCHasEscapes() {
    let place =
      #"\u{627}\u{644}\u{62F}\u{627}\u{631} \u{627}\u{644}\u{628}\u{64A}\u{636}\u{627}\u{621}"#
      + " / Casablanca (500)"
    let row = "future-hub  \(place)   500  signed"
    let shown = lines(.screen(200, ["LANG": "C"]))
    #expect(shown[1] == row)
    #expect(shown.allSatisfy { $0.utf8.allSatisfy { 0x20...0x7E ~= $0 } })
  }

  @Test func theWidestColumnGivesWayFirst() {
    #expect(
      lines(.screen(40)) == [
        "ID          Place        Jobs  Status",
        "future-hub  \u{2068}الدار البي…\u{2069}   500  signed",
        "p2          Fès\\u{202E}    12  open\\nnow",
      ])
  }

  @Test(arguments: [30, 35, 40, 50, 60, 80])
  func noLineIsLongerThanTheTerminal(columns: Int) {
    for line in lines(.screen(columns)) { #expect(line.columns <= columns) }
  }

  @Test func idsAreKeptWholeWhileOthersCanGive() {
    #expect(lines(.screen(35)).allSatisfy { !$0.hasPrefix("future…") })
  }

  @Test func noRowsNoLines() {
    #expect(lines(.plain, rows: []).isEmpty)
  }

  @Test func manyRowsComeOutAsTheyGoIn() {
    var table = Table([Table.Column("N", alignment: .trailing)], for: .plain)
    let early = (0..<1_000).flatMap { table.add(["\($0)"]) }
    #expect(early.count == 1_001)
    #expect(early.first == "  N")
    #expect(table.add(["1000000"]) == ["1000000"])
    #expect(table.finish().isEmpty)
  }

  @Test func boldTitlesOnlyWhereStylesAreAllowed() {
    let colourful = Terminal(
      isTerminal: true, reportedColumns: 80, environment: ["LANG": "C", "TERM": "xterm"])
    #expect(lines(colourful)[0].hasPrefix("\u{1B}[1m"))
    for environment in [["NO_COLOR": "1"], ["TERM": "dumb"]] {
      let terminal = Terminal(isTerminal: true, reportedColumns: 80, environment: environment)
      #expect(!terminal.allowsStyles)
    }
    #expect(!Terminal.plain.allowsStyles)
  }

  @Test func theTerminalsWidthComesFromItselfThenFromColumns() {
    func columns(_ reported: Int?, _ variable: String?) -> Int? {
      let environment = variable.map { ["COLUMNS": $0] } ?? [:]
      return Terminal(isTerminal: true, reportedColumns: reported, environment: environment).columns
    }
    #expect(columns(120, "60") == 120)
    #expect(columns(0, "60") == 60)
    #expect(columns(nil, nil) == 80)
    #expect(columns(nil, "wide") == 80)
    #expect(Terminal.plain.columns == nil)
  }
}
