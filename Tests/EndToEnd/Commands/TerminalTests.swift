import Foundation
import OfficeSyncRecords
import OfficeSyncTestSupport
import Testing

/// What a person sees: tables, Arabic beside French, questions.
@Suite struct TerminalTests {
  private static let name = "الدار البيضاء / Casablanca (500)"
  private let folder: TestFolder

  init() throws {
    folder = try TestFolder()
    let made = try BuiltPrograms.run(
      "syncserver", ["init", "--data", "rabat", "--name", "rabat"], in: folder.path)
    #expect(made.status == 0)
    for (id, place) in [("future-hub", Self.name), ("ligne", "Tanger")] {
      #expect(try client(["put", "projects", id, "place=\(place)", "status=signed"]).status == 0)
    }
  }

  private func client(_ arguments: [String]) throws -> ProgramRun {
    try BuiltPrograms.run("syncclient", arguments + ["--data", "rabat"], in: folder.path)
  }

  /// - Parameter locale: what `LC_ALL` says.
  private func onTerminal(
    _ arguments: [String], of store: String = "rabat", in folder: String? = nil, columns: Int = 80,
    locale: String = "C.UTF-8", typing: String = ""
  ) throws -> ProgramRun {
    let terminal = RepositoryFiles.path("Tests/EndToEnd/Python/terminal.py")
    return try BuiltPrograms.run(
      "env",
      [
        "LC_ALL=\(locale)", "python3", terminal, String(columns),
        "\(BuiltPrograms.folder)/syncclient",
      ] + arguments + ["--data", store], in: folder ?? self.folder.path, input: typing)
  }

  @Test func arabicStandsUnharmedInIsolatesOfItsOwn() throws {
    let shown = try onTerminal(["get", "projects", "future-hub"])
    #expect(shown.status == 0)
    // FIRST STRONG ISOLATE … POP DIRECTIONAL ISOLATE (Unicode UAX #9).
    #expect(shown.output.contains("\u{2068}\(Self.name)\u{2069}"), "\(shown.output)")
    #expect(try onTerminal(["ls", "projects"]).output.contains(Self.name))
  }

  @Test func aPipeAndJSONCarryTheExactBytes() throws {
    let piped = try client(["get", "projects", "future-hub", "--json"])
    #expect(piped.output.contains(#""place":"\#(Self.name)""#))
    #expect(!piped.output.contains("\u{2068}"))
  }

  @Test func aLocaleWithoutUTF8GetsEscapes() throws {
    for locale in ["C", "POSIX"] {
      let shown = try onTerminal(["get", "projects", "future-hub"], locale: locale)
      #expect(shown.status == 0)
      #expect(shown.output.utf8.allSatisfy { $0 < 0x80 })
      #expect(shown.output.contains(#"\u{627}\u{644}\u{62F}\u{627}\u{631}"#), "\(shown.output)")
      #expect(shown.output.contains("/ Casablanca (500)"))
    }
  }

  @Test func nothingFromOutsideMovesTheCursor() throws {
    let evil = "red \u{1B}[31m\u{202E}text\u{7}\nnew line"
    #expect(try client(["put", "projects", "evil", "place=\(evil)"]).status == 0)
    for arguments in [
      ["get", "projects", "evil"], ["ls", "projects", "--columns", "place"],
    ] {
      let shown = try onTerminal(arguments, columns: 200)
      #expect(shown.status == 0)
      for mark in ["\u{1B}[31m", "\u{202E}", "\u{7}"] { #expect(!shown.output.contains(mark)) }
      #expect(shown.output.contains(#"\u{202E}"#), "\(shown.output)")
    }
    #expect(try client(["get", "projects", "evil", "--json"]).output.contains("\u{202E}text"))
  }

  @Test func aTableFitsTheTerminal() throws {
    let long = String(repeating: "Développement urbain ", count: 30)
    #expect(try client(["put", "projects", "long", "title=\(long)"]).status == 0)
    for columns in [40, 80, 120] {
      let shown = try onTerminal(["ls", "projects", "--columns", "title,place"], columns: columns)
      #expect(shown.output.contains("Dévelop"))
      #expect(shown.status == 0)
      let text = shown.output.replacing(#/\x1B\[\d*m/#, with: "")
      // The command that is named below the table is to be copied whole.
      let table = text.split(whereSeparator: \.isNewline).prefix { !$0.hasPrefix("Next, ") }
      #expect(table.count == 4)
      for line in table {
        let width = line.unicodeScalars.count { $0 != "\u{2068}" && $0 != "\u{2069}" }
        #expect(width <= columns, "\(line)")
      }
    }
  }

  @Test func resolveAsksOnATerminalAndNowhereElse() throws {
    let mesh = try Mesh()
    try mesh.office("rabat")
    try mesh.device("amina")
    try mesh.grant("field/amina", "projects", at: "rabat")
    try mesh.start("rabat")
    for (store, status) in [("rabat", "signed"), ("amina", "cancelled")] {
      try mesh.must("syncclient", "put", "--data", store, "projects", "A1", "status=\(status)")
    }
    try mesh.exchange("amina", with: "rabat")
    let arguments = ["resolve", "projects", "A1", "status"]

    let elsewhere = try mesh.client(
      "resolve", "projects", "A1", "status", "--data", "amina", "--json")
    #expect(elsewhere.status == 64)
    #expect(try elsewhere.json["error"]?["remedy"]?.text?.contains("--take") == true)

    let shown = try onTerminal(arguments, of: "amina", in: mesh.path, typing: "7\n2\n")
    #expect(shown.status == 0)
    for text in ["cancelled", "signed", "field/amina", "office/rabat", "1 to 2"] {
      #expect(shown.output.contains(text), "\(shown.output)")
    }
    #expect(try mesh.record("A1", in: "amina")["fields"]?["status"]?.text == "signed")
    #expect(try mesh.record("A1", in: "amina")["conflicts"]?["status"] == nil)
  }
}
