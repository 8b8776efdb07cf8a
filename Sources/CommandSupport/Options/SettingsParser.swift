/// Reads a ``SettingsDocument``, byte by byte.
struct SettingsParser {
  private let bytes: [UInt8]
  private var place = 0
  private var line = 1
  private var entries: [SettingsDocument.Entry] = []
  /// Whether what comes now is in a table.
  private var isOver = false

  init(_ text: String) {
    let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]
    bytes = Array(text.utf8.trimmingPrefix(byteOrderMark))
  }

  /// - Throws: ``SettingsSyntaxError``
  mutating func parse() throws(SettingsSyntaxError) -> [SettingsDocument.Entry] {
    while !isOver {
      skipBlanks()
      guard let byte = next else { break }
      switch byte {
      case UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "#"): try endLine()
      case UInt8(ascii: "["): try header()
      default: try pair()
      }
    }
    return entries
  }

  // MARK: Lines

  /// `[name]` or `[[name]]`.
  private mutating func header() throws(SettingsSyntaxError) {
    let start = line
    place += 1
    if next == UInt8(ascii: "[") { place += 1 }
    skipBlanks()
    try add(SettingsDocument.Entry(key: try key().first, line: start, value: .other))
    isOver = true
  }

  private mutating func pair() throws(SettingsSyntaxError) {
    let start = line
    let (name, isDotted) = try key()
    guard next == UInt8(ascii: "=") else { throw failure("'=' must follow a key") }
    place += 1
    skipBlanks()
    let value = try value()
    if !isOver {
      skipBlanks()
      try endLine()
    }
    try add(SettingsDocument.Entry(key: name, line: start, value: isDotted ? .other : value))
  }

  private mutating func add(_ entry: SettingsDocument.Entry) throws(SettingsSyntaxError) {
    if entries.contains(where: { $0.key == entry.key }) {
      throw SettingsSyntaxError(line: entry.line, reason: "'\(entry.key)' is there twice")
    }
    entries.append(entry)
  }

  /// A key and the blanks behind it; of one with dots the first part.
  private mutating func key() throws(SettingsSyntaxError) -> (first: String, isDotted: Bool) {
    let first = try keyPart()
    var isDotted = false
    skipBlanks()
    while next == UInt8(ascii: ".") {
      isDotted = true
      place += 1
      skipBlanks()
      _ = try keyPart()
      skipBlanks()
    }
    return (first, isDotted)
  }

  private mutating func keyPart() throws(SettingsSyntaxError) -> String {
    if let quote = next, isQuote(quote) {
      if isThrice(quote) { throw failure("a key stands in single or double quotes") }
      return try text(quote)
    }
    let start = place
    while let byte = next, isBare(byte) { place += 1 }
    if place == start { throw failure("a key is a word of letters, digits, '-' and '_'") }
    return String(decoding: bytes[start..<place], as: UTF8.self)
  }

  /// What may stand behind everything else on a line.
  private mutating func endLine() throws(SettingsSyntaxError) {
    if next == UInt8(ascii: "#") {
      while let byte = next, byte != UInt8(ascii: "\n") { place += 1 }
    }
    if next == UInt8(ascii: "\r") {
      place += 1
      guard next == UInt8(ascii: "\n") else { throw failure("a line ends in the middle") }
    }
    guard let byte = next else { return }
    guard byte == UInt8(ascii: "\n") else { throw failure("something follows the value") }
    place += 1
    line += 1
  }

  // MARK: Values

  private mutating func value() throws(SettingsSyntaxError) -> SettingsDocument.Value {
    switch next {
    case UInt8(ascii: "["):
      place += 1
      return .list(try items())
    case UInt8(ascii: "{"):
      isOver = true
      return .other
    case let quote? where isQuote(quote):
      return .text(isThrice(quote) ? try longText(quote) : try text(quote))
    default: return try word()
    }
  }

  private mutating func items() throws(SettingsSyntaxError) -> [SettingsDocument.Value] {
    var items: [SettingsDocument.Value] = []
    while true {
      try skipLines()
      if next == UInt8(ascii: "]") { break }
      // A list of lists is no setting.
      if next == UInt8(ascii: "[") {
        isOver = true
        return [.other]
      }
      items.append(try value())
      if isOver { return items }
      try skipLines()
      if next == UInt8(ascii: "]") { break }
      guard next == UInt8(ascii: ",") else { throw failure("a list lacks ',' or its end") }
      place += 1
    }
    place += 1
    return items
  }

  /// A number, true or false, or what is no text and none of these.
  private mutating func word() throws(SettingsSyntaxError) -> SettingsDocument.Value {
    let start = place
    let ends = Array(" \t\r\n,]#\"'=".utf8)
    while let byte = next, !ends.contains(byte) { place += 1 }
    if start == place { throw failure("a value is missing") }
    let word = String(decoding: bytes[start..<place], as: UTF8.self)
    switch word {
    case "true": return .flag(true)
    case "false": return .flag(false)
    default: return number(word).map { .number($0) } ?? .other
    }
  }

  /// TOML's whole numbers: `_` stands between digits, and no decimal one begins with 0.
  private func number(_ word: String) -> Int? {
    for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] where word.hasPrefix(prefix) {
      return digits(word.dropFirst(2)).flatMap { Int($0, radix: radix) }
    }
    let isSigned = word.hasPrefix("-") || word.hasPrefix("+")
    guard let digits = digits(word.dropFirst(isSigned ? 1 : 0)),
      digits == "0" || !digits.hasPrefix("0")
    else { return nil }
    return Int((word.hasPrefix("-") ? "-" : "") + digits)
  }

  private func digits(_ word: Substring) -> String? {
    let groups = word.split(separator: "_", omittingEmptySubsequences: false)
    let isPlain = groups.allSatisfy { group in
      !group.isEmpty && group.utf8.allSatisfy { isBare($0) && $0 != UInt8(ascii: "-") }
    }
    return isPlain ? groups.joined() : nil
  }

  // MARK: Texts

  /// On one line.
  private mutating func text(_ quote: UInt8) throws(SettingsSyntaxError) -> String {
    place += 1
    var text: [UInt8] = []
    while let byte = next, byte != quote {
      if byte == UInt8(ascii: "\\"), quote == UInt8(ascii: "\"") {
        text += try escape()
      } else {
        guard byte >= 0x20 && byte != 0x7F || byte == UInt8(ascii: "\t") else { break }
        text.append(byte)
        place += 1
      }
    }
    guard next == quote else { throw failure("a text has no end on its line") }
    place += 1
    return String(decoding: text, as: UTF8.self)
  }

  /// Between three quotes, over several lines.
  private mutating func longText(_ quote: UInt8) throws(SettingsSyntaxError) -> String {
    place += 3
    _ = skipLineEnd()
    var text: [UInt8] = []
    while let byte = next {
      if byte == quote, isThrice(quote) {
        // Of five quotes the first two belong to the text.
        for _ in 0..<2 where bytes[place...].dropFirst(3).first == quote {
          text.append(quote)
          place += 1
        }
        place += 3
        return String(decoding: text, as: UTF8.self)
      }
      if byte == UInt8(ascii: "\\"), quote == UInt8(ascii: "\"") {
        if !skipFold() { text += try escape() }
      } else if skipLineEnd() {
        text.append(UInt8(ascii: "\n"))
      } else {
        guard byte >= 0x20 && byte != 0x7F || byte == UInt8(ascii: "\t") else {
          throw failure("a text holds a control character")
        }
        text.append(byte)
        place += 1
      }
    }
    throw failure("a text has no end")
  }

  private mutating func escape() throws(SettingsSyntaxError) -> [UInt8] {
    place += 1
    guard let byte = next else { throw failure("a text has no end") }
    place += 1
    switch byte {
    case UInt8(ascii: "b"): return [0x08]
    case UInt8(ascii: "t"): return [0x09]
    case UInt8(ascii: "n"): return [0x0A]
    case UInt8(ascii: "f"): return [0x0C]
    case UInt8(ascii: "r"): return [0x0D]
    case UInt8(ascii: "\""), UInt8(ascii: "\\"): return [byte]
    case UInt8(ascii: "u"): return try scalar(digits: 4)
    case UInt8(ascii: "U"): return try scalar(digits: 8)
    default: throw failure("a text holds an escape that TOML has not")
    }
  }

  private mutating func scalar(digits count: Int) throws(SettingsSyntaxError) -> [UInt8] {
    let digits = bytes[place...].prefix(count)
    let text = String(decoding: digits, as: UTF8.self)
    guard digits.count == count, text.allSatisfy(\.isHexDigit),
      let number = UInt32(text, radix: 16), let scalar = Unicode.Scalar(number), number != 0
    else { throw failure("a text holds an escape that is no character") }
    place += count
    return Array(String(scalar).utf8)
  }

  // MARK: Between

  private var next: UInt8? { place < bytes.count ? bytes[place] : nil }

  private func isQuote(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'")
  }

  private func isThrice(_ quote: UInt8) -> Bool {
    bytes[place...].starts(with: [quote, quote, quote])
  }

  private func isBare(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
      true
    default: false
    }
  }

  private mutating func skipBlanks() {
    while next == UInt8(ascii: " ") || next == UInt8(ascii: "\t") { place += 1 }
  }

  /// Blanks, ends of lines and comments.
  private mutating func skipLines() throws(SettingsSyntaxError) {
    skipBlanks()
    while let byte = next,
      [UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "#")].contains(byte)
    {
      try endLine()
      skipBlanks()
    }
  }

  private mutating func skipLineEnd() -> Bool {
    for end in ["\n", "\r\n"] where bytes[place...].starts(with: end.utf8) {
      place += end.utf8.count
      line += 1
      return true
    }
    return false
  }

  /// A backslash at the end of a line takes away what is blank behind it.
  private mutating func skipFold() -> Bool {
    let (start, startLine) = (place, line)
    place += 1
    skipBlanks()
    guard skipLineEnd() else {
      (place, line) = (start, startLine)
      return false
    }
    repeat { skipBlanks() } while skipLineEnd()
    return true
  }

  private func failure(_ reason: String) -> SettingsSyntaxError {
    SettingsSyntaxError(line: line, reason: reason)
  }
}
