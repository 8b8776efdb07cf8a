import OfficeSyncCommandSupport
import Testing

@Suite struct DisplayWidthTests {
  @Test(arguments: [
    ("", 0), ("Casablanca", 10), ("Fès", 3), ("Fe\u{300}s", 3), ("الدار البيضاء", 13),
    ("مَدِينَة", 5), ("投資", 4), ("한국", 4), ("ｱ", 1), ("Ａ", 2), ("🙂", 2), ("👩\u{200D}💻", 2),
    ("❤", 1), ("❤\u{FE0F}", 2), ("🇲🇦", 2), ("\u{2068}دار\u{2069}", 3), ("\u{301}", 0), ("€", 1),
    ("…", 1), ("\u{202F}", 1),
  ])
  func columnsOfAText(text: String, columns: Int) {
    #expect(text.columns == columns)
  }

  @Test(arguments: [
    ("Casablanca", 10, TextStyle.utf8, "Casablanca"),
    ("Casablanca", 9, .utf8, "Casablan…"),
    ("Casablanca", 9, .ascii, "Casabl..."),
    ("Casablanca", 1, .utf8, "…"),
    ("Casablanca", 2, .ascii, ".."),
    ("Casablanca", 0, .utf8, ""),
    ("投資投資", 6, .utf8, "投資…"),
    ("投資投資", 7, .utf8, "投資投…"),
    ("Fe\u{300}s-Meknes", 4, .utf8, "Fe\u{300}s…"),
    ("ab\\u{202E}cd", 6, .ascii, "ab..."),
    ("ab\\u{202E}cd", 11, .utf8, "ab\\u{202E}…"),
    ("ab\\u{202E}cd", 12, .utf8, "ab\\u{202E}cd"),
  ])
  func aCutFallsBetweenGraphemes(text: String, limit: Int, style: TextStyle, expected: String) {
    #expect(text.truncated(toColumns: limit, style: style) == expected)
  }

  @Test(arguments: 1...10)
  func aCutTextNeverTakesMoreThanItMay(seed: Int) {
    var random = SplitMix(seed: UInt64(seed))
    let pieces = ["a", "é", "投", "👩\u{200D}💻", "د", "\u{301}", "\\u{202E}", "\\u{", "}", "🇲🇦"]
    for _ in 0..<200 {
      let text = (0..<8).map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
      let limit = Int.random(in: 0...12, using: &random)
      #expect(text.truncated(toColumns: limit, style: .utf8).columns <= limit)
    }
  }
}
