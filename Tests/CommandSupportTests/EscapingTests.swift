import OfficeSyncCommandSupport
import Testing

@Suite struct EscapingTests {
  @Test(arguments: [
    ("plain text, C:\\temp", "plain text, C:\\temp"),
    ("two\nlines\r\tend", "two\\nlines\\r\\tend"),
    ("\u{1B}[31mred\u{7}", "\\u{1B}[31mred\\u{7}"),
    ("a\u{202E}b", "a\\u{202E}b"),
    ("\u{9B}2J\u{7F}", "\\u{9B}2J\\u{7F}"),
    ("a\u{2028}b\u{2029}c\u{85}d", "a\\u{2028}b\\u{2029}c\\u{85}d"),
    ("\u{FEFF}a\u{200B}b\u{AD}c\u{2060}", "\\u{FEFF}a\\u{200B}b\\u{AD}c\\u{2060}"),
    ("pass\u{200D}word", "pass\\u{200D}word"),
    ("x\u{E000}\u{10FFFF}", "x\\u{E000}\\u{10FFFF}"),
    ("\u{E0041}\u{3164}\u{115F}", "\\u{E0041}\\u{3164}\\u{115F}"),
    ("Fès é 500\u{202F}000 €", "Fès é 500\u{202F}000 €"),
    ("می\u{200C}خواهم", "می\u{200C}خواهم"),
    ("👩\u{200D}💻 ❤\u{FE0F}", "👩\u{200D}💻 ❤\u{FE0F}"),
    ("a\u{FE0F}", "a\\u{FE0F}"),
  ])
  func showsWhatCannotBeSeen(text: String, expected: String) {
    #expect(text.escaped(for: .utf8) == expected)
  }

  @Test func isolatesRightToLeftTextOnATerminal() {
    let office = "الدار البيضاء / Casablanca (500)"
    #expect(office.escaped(for: .utf8) == office)
    #expect(office.escaped(for: .isolated) == "\u{2068}\(office)\u{2069}")
    #expect("Fès".escaped(for: .isolated) == "Fès")
  }

  @Test func aTextCannotEndItsOwnIsolate() {
    #expect("ا\u{2069}b".escaped(for: .isolated) == "\u{2068}ا\\u{2069}b\u{2069}")
  }

  @Test func asciiEscapesEverythingElse() {
    #expect("Fès دار".escaped(for: .ascii) == "F\\u{E8}s \\u{62F}\\u{627}\\u{631}")
  }

  @Test func bytesThatAreNoTextComeOutAsNumbers() {
    let bytes: [UInt8] = [0x61, 0xFF, 0xC3, 0xA9, 0xED, 0xA0, 0x80, 0x0A, 0xE2, 0x82]
    #expect(String(escaping: bytes, for: .utf8) == "a\\xFFé\\xED\\xA0\\x80\\n\\xE2\\x82")
    #expect(String(escaping: "دار".utf8, for: .isolated) == "\u{2068}دار\u{2069}")
    #expect(String(escaping: [], for: .utf8).isEmpty)
  }

  /// What must never reach a terminal, written independently of the code under test.
  private static func isForbidden(_ value: UInt32) -> Bool {
    switch value {
    case 0...0x1F, 0x7F...0x9F, 0x061C, 0x200B, 0x200E, 0x200F, 0x2028...0x202E, 0x2060...0x206F,
      0xFEFF, 0xFFF9...0xFFFB, 0xE0000...0xE0FFF, 0xFFFE, 0xFFFF:
      true
    default: false
    }
  }

  private static let interesting: [Unicode.Scalar] = [
    "\n", "\r", "\t", "\u{1B}", "\u{7F}", "\u{85}", "\u{9B}", "\u{61C}", "\u{200B}", "\u{200C}",
    "\u{200D}", "\u{200E}", "\u{202A}", "\u{202E}", "\u{2028}", "\u{2066}", "\u{2069}", "\u{FEFF}",
    "\u{FE0F}", "\u{E0001}", "a", "\\", "é", "د", "👩", "\u{301}", "中",
  ]

  @Test(arguments: 1...20)
  func noForbiddenScalarGetsThrough(seed: Int) {
    var random = SplitMix(seed: UInt64(seed))
    for _ in 0..<500 {
      var text = ""
      for _ in 0..<Int.random(in: 0...12, using: &random) {
        let any = Unicode.Scalar(UInt32.random(in: 0...0x10FFFF, using: &random))
        let chosen = Bool.random(using: &random) ? any : nil
        text.unicodeScalars.append(
          chosen ?? Self.interesting.randomElement(using: &random) ?? "a")
      }
      for style in TextStyle.allCases {
        var shown = Substring(text.escaped(for: style))
        if style == .isolated, shown.hasPrefix("\u{2068}"), shown.hasSuffix("\u{2069}") {
          shown = shown.dropFirst().dropLast()
        }
        #expect(
          !shown.unicodeScalars.contains { Self.isForbidden($0.value) }, "\(text.debugDescription)")
        if style == .ascii { #expect(shown.utf8.allSatisfy { 0x20...0x7E ~= $0 }) }
        #expect(String(escaping: text.utf8, for: style) == text.escaped(for: style))
      }
    }
  }

  @Test(arguments: [
    (["LANG": "C"], TextStyle.ascii),
    (["LANG": "fr_MA.UTF-8"], .utf8),
    (["LANG": "fr_MA.utf8"], .utf8),
    (["LANG": "fr_MA.UTF-8", "LC_ALL": "C"], .ascii),
    (["LANG": "C", "LC_CTYPE": "C.UTF-8", "LC_ALL": ""], .utf8),
  ])
  func theLocaleNamesTheCharacterSet(environment: [String: String], style: TextStyle) {
    #expect(TextStyle.charset(of: environment) == style)
  }
}
