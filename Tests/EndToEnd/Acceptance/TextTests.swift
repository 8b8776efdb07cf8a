import OfficeSyncRecords
import OfficeSyncTestSupport
import Testing

/// Texts that other programs altered, doubled or choked on (PEERS, F14).
@Suite struct AcceptedTextTests {
  private static let arabic = "مشروع "

  @Test("Acceptance 13: NFC and NFD, U+202E, 64 KiB of Arabic (owncloud#6338, tool-suite-X#38)")
  func textIsKeptAsTyped() throws {
    let mesh = try Mesh()
    try mesh.office("rabat")
    for device in ["amina", "karim"] { try mesh.device(device) }
    try mesh.grant("field/*", "projects", at: "rabat")
    try mesh.start("rabat")
    let (composed, decomposed) = ("F\u{E8}s", "Fe\u{300}s")

    // Two keyboards, one record; its text stays as each typed it.
    try mesh.must(
      "syncclient", "put", "--data", "amina", "projects", decomposed, "title=\(decomposed)")
    try mesh.must("syncclient", "put", "--data", "karim", "projects", composed, "city=\(composed)")
    // A title that turns the line around.
    let turned = "Port \u{202E}dneirf"
    try mesh.must("syncclient", "put", "--data", "amina", "projects", "turned", "title=\(turned)")
    // As long as a text may be, and one byte more.
    let bytes = Self.arabic.utf8.count
    let longest =
      String(repeating: Self.arabic, count: 65_536 / bytes)
      + String(repeating: ".", count: 65_536 % bytes)
    #expect(longest.utf8.count == 65_536)
    try mesh.folder.write("{\"id\":\"long\",\"title\":\"\(longest)\"}\n", to: "long.ndjson")
    try mesh.folder.write("{\"id\":\"longer\",\"title\":\"\(longest).\"}\n", to: "longer.ndjson")
    try mesh.must("syncclient", "import", "--data", "amina", "projects", "long.ndjson")
    let refused = try mesh.client("import", "--data", "amina", "projects", "longer.ndjson")
    #expect(refused.status == 65)

    for device in ["amina", "karim", "amina"] { try mesh.exchange(device, with: "rabat") }
    for store in ["rabat", "amina", "karim"] {
      let ids = try mesh.must("syncclient", "ls", "--data", store, "projects", "--json").lines
        .compactMap { $0["id"]?.text }
      #expect(ids.map { Array($0.utf8) } == [composed, "long", "turned"].map { Array($0.utf8) })
      let fields = try #require(try mesh.record(composed, in: store)["fields"])
      #expect(fields["title"]?.text.map { Array($0.utf8) } == Array(decomposed.utf8))
      #expect(fields["city"]?.text.map { Array($0.utf8) } == Array(composed.utf8))
      #expect(try mesh.record("turned", in: store)["fields"]?["title"]?.text == turned)
      #expect(try mesh.record("long", in: store)["fields"]?["title"]?.text == longest)
      // On a terminal the mark is shown, and turns nothing.
      let shown = try mesh.must("syncclient", "get", "--data", store, "projects", "turned").output
      #expect(shown.contains("Port \\u{202E}dneirf"))
      #expect(!shown.unicodeScalars.contains("\u{202E}"))
    }
  }
}
