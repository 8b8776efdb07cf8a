extension String {
  /// The text as it may stand in one line of a terminal or of a text log.
  ///
  /// This is the one function between outside text (names, host names, record text, messages of
  /// peers) and a person's screen. Control characters, line and paragraph separators, bidi
  /// controls, invisible, private and unassigned code points come out visibly, as `\n`, `\r`, `\t`
  /// or `\u{202E}`. What remains cannot move the cursor, start a line, or reorder its neighbours.
  ///
  /// A backslash in the text stays as it is: the result is for eyes, and machine output carries the
  /// exact bytes.
  public func escaped(for style: TextStyle) -> String {
    if utf8.allSatisfy({ 0x20...0x7E ~= $0 }) { return self }
    let result = escapedScalars(for: style)
    return style == .isolated && result.hasRightToLeft ? result.isolated : result
  }

  /// The same for bytes that need not be UTF-8: each byte that is not part of a scalar is written
  /// `\xHH`.
  public init(escaping bytes: some Collection<UInt8>, for style: TextStyle) {
    let bytes = Array(bytes)
    var position = 0
    var iterator = bytes.makeIterator()
    var parser = Unicode.UTF8.ForwardParser()
    var valid = ""
    var result = ""
    parsing: while true {
      switch parser.parseScalar(from: &iterator) {
      case .valid(let encoded):
        valid.unicodeScalars.append(Unicode.UTF8.decode(encoded))
        position += encoded.count
      case .error(let length):
        result += valid.escapedScalars(for: style)
        valid = ""
        for byte in bytes[position..<position + length] {
          let digits = String(byte, radix: 16, uppercase: true)
          result += "\\x" + (digits.count < 2 ? "0" : "") + digits
        }
        position += length
      case .emptyInput:
        break parsing
      }
    }
    result += valid.escapedScalars(for: style)
    self = style == .isolated && result.hasRightToLeft ? result.isolated : result
  }

  /// The (already escaped) text between FIRST STRONG ISOLATE and POP DIRECTIONAL ISOLATE (UAX #9).
  var isolated: String { "\u{2068}\(self)\u{2069}" }

  /// Whether the text holds a scalar of a right-to-left script, by the blocks that Unicode keeps
  /// for them.
  var hasRightToLeft: Bool {
    unicodeScalars.contains { scalar in
      switch scalar.value {
      case 0x0590...0x08FF, 0xFB1D...0xFDFF, 0xFE70...0xFEFE, 0x1_0800...0x1_0FFF,
        0x1_E800...0x1_EFFF:
        true
      default: false
      }
    }
  }

  private func escapedScalars(for style: TextStyle) -> String {
    let scalars = Array(unicodeScalars)
    var result = ""
    result.reserveCapacity(utf8.count)
    for (index, scalar) in scalars.enumerated() {
      let before = index > 0 ? scalars[index - 1] : nil
      let after = index + 1 < scalars.count ? scalars[index + 1] : nil
      if (scalar.isASCII || style != .ascii) && scalar.isHarmless(between: before, and: after) {
        result.unicodeScalars.append(scalar)
      } else {
        result += scalar.visibleEscape
      }
    }
    return result
  }
}

extension Unicode.Scalar {
  fileprivate var visibleEscape: String {
    switch self {
    case "\n": "\\n"
    case "\r": "\\r"
    case "\t": "\\t"
    default: "\\u{\(String(value, radix: 16, uppercase: true))}"
    }
  }

  /// Whether the scalar may stand in one line of text: visible, or an invisible one where its
  /// script needs it.
  fileprivate func isHarmless(between before: Unicode.Scalar?, and after: Unicode.Scalar?) -> Bool {
    if 0x20...0x7E ~= value { return true }
    switch properties.generalCategory {
    case .control, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned:
      return false
    case .format:
      if isArabicSign { return true }
      // ZERO WIDTH (NON-)JOINER shapes Persian and Indic words and joins emoji. Anywhere else it
      // only hides.
      return (value == 0x200C || value == 0x200D) && before?.joins == true && after?.joins == true
    default:
      if !properties.isDefaultIgnorableCodePoint { return true }
      // VARIATION SELECTOR-15 and -16 choose between text and emoji; other ignorable code points
      // only hide.
      return (value == 0xFE0E || value == 0xFE0F) && before?.properties.isEmoji == true
    }
  }

  /// The signs of Arabic numbers and verses: format characters by their category, yet visible.
  var isArabicSign: Bool {
    0x0600...0x0605 ~= value || value == 0x06DD || value == 0x08E2
  }

  /// Whether a joiner beside this scalar can have its proper meaning.
  private var joins: Bool {
    if isASCII || value == 0x200C || value == 0x200D { return false }
    switch properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
      .nonspacingMark, .spacingMark, .enclosingMark:
      return true
    default:
      return properties.isEmoji
    }
  }
}
