import Testing

@testable import OfficeSyncCommandSupport

/// Held against the examples of https://toml.io/en/v1.0.0.
@Suite struct SettingsDocumentTests {
  private func value(_ text: String) throws -> SettingsDocument.Value? {
    try SettingsDocument(parsing: "key = \(text)\n")["key"]?.value
  }

  @Test(arguments: [
    (#""a\tb \"c\" \\ \u00e9 \U0001F600""#, "a\tb \"c\" \\ é 😀"),
    (#"'C:\Users\nodejs'"#, #"C:\Users\nodejs"#),
    ("\"\"\"\nRoses are red\r\nViolets\"\"\"", "Roses are red\nViolets"),
    ("\"\"\"The quick \\\n\n   brown \\  \n fox\\\"\"\"\"", "The quick brown fox\""),
    ("'''\nI [dw]on't need \\d{2}\n'''", "I [dw]on't need \\d{2}\n"),
    (#""""a""""""#, "a\"\""), ("''''b''''", "'b'"), ("\"\"\"\"\"\"", ""), ("''", ""),
  ])
  func texts(_ text: String, _ value: String) throws {
    #expect(try self.value(text) == .text(value))
  }

  @Test(arguments: [
    ("+99", 99), ("42", 42), ("0", 0), ("-17", -17), ("5_349_221", 5_349_221),
    ("0xDEAD_BEEF", 0xDEAD_BEEF), ("0o755", 0o755), ("0b1101", 0b1101), ("-0", 0),
    ("9223372036854775807", Int.max),
  ])
  func numbers(_ text: String, _ value: Int) throws {
    #expect(try self.value(text) == .number(value))
  }

  @Test(arguments: [
    "007", "1__2", "_1", "1_", "0x", "0x_1", "1.5", "6.6e-3", "inf", "True", "1979-05-27T07:32:00Z",
    "9223372036854775808", "0xFFFFFFFFFFFFFFFF", "{ a = 1 }", "--1", "0x-1",
  ])
  func whatIsNoNumberIsSomethingElse(_ text: String) throws {
    #expect(try value(text) == .other)
  }

  @Test func flags() throws {
    #expect(try value("true") == .flag(true))
    #expect(try value("false # not yet") == .flag(false))
  }

  @Test func lists() throws {
    let list = "[ # first\n 'a',\r\n\n \"b\" , # second\n]  # end"
    #expect(try value(list) == .list([.text("a"), .text("b")]))
    #expect(try value("[]") == .list([]))
    #expect(try value("[1, 'a', true]") == .list([.number(1), .text("a"), .flag(true)]))
    #expect(try value("[ 'a', ['b'] ]") == .list([.other]))
  }

  @Test func keysStandBareOrInQuotes() throws {
    let document = try SettingsDocument(
      parsing: "\u{FEFF}# one\n\"a b\"='1'\n 'c' = 2\t# two\n1-_z.x = 3\n[ d . e ]\nwhat=ever\n")
    #expect(
      document.entries == [
        SettingsDocument.Entry(key: "a b", line: 2, value: .text("1")),
        SettingsDocument.Entry(key: "c", line: 3, value: .number(2)),
        SettingsDocument.Entry(key: "1-_z", line: 4, value: .other),
        SettingsDocument.Entry(key: "d", line: 5, value: .other),
      ])
    #expect(try SettingsDocument(parsing: "").entries.isEmpty)
    #expect(try SettingsDocument(parsing: "[[a]]").entries.map(\.key) == ["a"])
  }

  @Test(arguments: [
    ("a = 'x' b = 1", 1), ("\na = \"x\ny\"", 2), ("a = \"\\x\"", 1), ("a = \"\\ud800\"", 1),
    ("a = \"\\u12\"", 1), ("a = '''\nx", 2), ("\n\na", 3), ("= 1", 1), ("a = 1\na = 2", 2),
    ("a = 1\n[a]", 2), ("a = ['x'\n'y']", 2), ("a = [", 1), ("\"\"\"a\"\"\" = 1", 1),
    ("a = 1\r", 1),
    ("a.= 1", 1), ("a = 'x\u{7}'", 1), ("a = \"\\u0000\"", 1), ("a = '''\u{1}'''", 1),
    ("a = \"\\", 1),
  ])
  func whatIsNoTOMLIsSaidWithItsLine(_ text: String, _ line: Int) {
    let error = #expect(throws: SettingsSyntaxError.self) { try SettingsDocument(parsing: text) }
    #expect(error?.line == line)
  }
}
