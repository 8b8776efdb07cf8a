/// The keys of a TOML document (https://toml.io/en/v1.0.0) with the values that settings have: texts, whole numbers, true or
/// false, and lists of texts. Of any other value it is only said that it is another.
///
/// No setting is in a table, so what follows a table's header or the first brace is not looked at: whoever knows the settings
/// refuses the key before it.
struct SettingsDocument {
  enum Value: Hashable, Sendable {
    case text(String)
    case number(Int)
    case flag(Bool)
    case list([Value])
    case other
  }

  struct Entry: Hashable, Sendable {
    var key: String
    /// Counted from 1.
    var line: Int
    var value: Value
  }

  /// In the order of the document, each key once.
  let entries: [Entry]

  /// - Throws: ``SettingsSyntaxError``
  init(parsing text: String) throws(SettingsSyntaxError) {
    var parser = SettingsParser(text)
    entries = try parser.parse()
  }

  subscript(key: String) -> Entry? { entries.first { $0.key == key } }

  /// A line that reads as this key and text.
  static func line(_ key: String, _ text: String) -> String { "\(key) = \(quoted(text))\n" }

  static func line(_ key: String, _ texts: [String]) -> String {
    "\(key) = [\(texts.map(quoted).joined(separator: ", "))]\n"
  }

  private static func quoted(_ text: String) -> String {
    let quoted = text.unicodeScalars.map { scalar in
      switch scalar {
      case "\"", "\\": "\\\(scalar)"
      case "\u{0}"..."\u{1F}", "\u{7F}":
        "\\u00" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
      default: String(scalar)
      }
    }
    return "\"\(quoted.joined())\""
  }
}

/// Where a document is no TOML, and why.
struct SettingsSyntaxError: Error, Hashable {
  var line: Int
  var reason: String
}
