extension Character {
  /// The columns of a terminal that this grapheme cluster (UAX #29) takes: 0, 1 or 2.
  ///
  /// 2 for East Asian wide and fullwidth characters (UAX #11) and for emoji; 0 for a cluster of
  /// nothing but marks and format characters, our own isolates among them; 1 for the rest, Arabic
  /// with its marks included.
  public var columns: Int {
    if isASCII { return asciiValue.map { 0x20...0x7E ~= $0 } == true ? 1 : 0 }
    guard let base = unicodeScalars.first(where: { !$0.takesNoColumn }) else { return 0 }
    if base.isWide { return 2 }
    let choosesEmoji = unicodeScalars.contains { $0.value == 0xFE0F } && base.properties.isEmoji
    return choosesEmoji ? 2 : 1
  }
}

extension StringProtocol {
  /// The columns of a terminal that this text takes when written in one line.
  public var columns: Int { reduce(0) { $0 + $1.columns } }
}

extension String {
  /// The (already escaped) text, cut at a grapheme cluster so that it takes at most `limit`
  /// columns.
  ///
  /// What was cut shows as `…`, or as `...` in the style ``TextStyle/ascii``. An escape such as
  /// `\u{202E}` is kept or cut as a whole.
  public func truncated(toColumns limit: Int, style: TextStyle) -> String {
    if columns <= limit { return self }
    let ellipsis = style == .ascii ? String(repeating: ".", count: max(0, min(3, limit))) : "…"
    var room = limit - ellipsis.columns
    if room < 0 { return "" }
    var result = ""
    var rest = self[...]
    while !rest.isEmpty {
      let unit = rest.firstUnit
      room -= unit.columns
      if room < 0 { break }
      result += unit
      rest = rest[unit.endIndex...]
    }
    return result + ellipsis
  }
}

extension Substring {
  /// The first grapheme cluster, or the escape `\u{…}` that begins the text.
  fileprivate var firstUnit: Substring {
    let longest = 10  // \u{10FFFF}
    if hasPrefix("\\u{"), let end = prefix(longest).firstIndex(of: "}") {
      return self[...end]
    }
    return prefix(1)
  }
}

extension Unicode.Scalar {
  fileprivate var takesNoColumn: Bool {
    switch properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .control, .lineSeparator, .paragraphSeparator: true
    case .format: !isArabicSign
    default: false
    }
  }

  /// East Asian Width W or F (EastAsianWidth.txt of Unicode 16), by blocks. Emoji are wide by their
  /// `Emoji_Presentation`, which the standard library knows; unassigned gaps inside a block count
  /// as wide.
  fileprivate var isWide: Bool {
    switch value {
    case ..<0x1100: false
    case 0x1100...0x115F,  // Hangul initial consonants
      0x2329...0x232A,  // angle brackets
      0x2E80...0x303E, 0x3041...0x4DBF, 0x4E00...0xA4CF,  // CJK, kana, Yi
      0xA960...0xA97F, 0xAC00...0xD7A3,  // Hangul
      0xF900...0xFAFF, 0xFE10...0xFE19, 0xFE30...0xFE6F,  // compatibility forms
      0xFF01...0xFF60, 0xFFE0...0xFFE6,  // fullwidth forms
      0x1_6FE0...0x1_8DFF, 0x1_AFF0...0x1_B2FF,  // Tangut, Khitan, kana supplements
      0x1_F1E6...0x1_F1FF, 0x1_F200...0x1_F265,  // flags, enclosed ideographs
      0x2_0000...0x3_FFFD:  // CJK extensions
      true
    default: properties.isEmojiPresentation
    }
  }
}
