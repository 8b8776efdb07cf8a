extension JSONValue {
  /// The document on one line, without spaces. Reading it gives this value again, byte for byte.
  ///
  /// Escaped is what RFC 8259 demands (quotes, backslashes, U+0000–U+001F) and three characters that end a line or
  /// vanish elsewhere: U+007F, U+2028, U+2029. All other text stands as it is.
  public func encoded() -> String {
    var bytes: [UInt8] = []
    encode(into: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Appends what ``encoded()`` gives, as UTF-8.
  public func encode(into bytes: inout [UInt8]) {
    switch self {
    case .null: bytes.append(contentsOf: "null".utf8)
    case .boolean(let value): bytes.append(contentsOf: (value ? "true" : "false").utf8)
    case .number(let token): bytes.append(contentsOf: token.utf8)
    case .string(let text): Self.writeText(text, into: &bytes)
    case .array(let elements):
      Self.writeItems(elements, "[", "]", into: &bytes) { $0.encode(into: &$1) }
    case .object(let members):
      Self.writeItems(members, "{", "}", into: &bytes) { member, bytes in
        Self.writeText(member.name, into: &bytes)
        bytes.append(UInt8(ascii: ":"))
        member.value.encode(into: &bytes)
      }
    }
  }

  private static func writeItems<Item>(
    _ items: [Item], _ open: Unicode.Scalar, _ close: Unicode.Scalar, into bytes: inout [UInt8],
    _ write: (Item, inout [UInt8]) -> Void
  ) {
    bytes.append(UInt8(ascii: open))
    var isFirst = true
    for item in items {
      if !isFirst { bytes.append(UInt8(ascii: ",")) }
      isFirst = false
      write(item, &bytes)
    }
    bytes.append(UInt8(ascii: close))
  }

  private static func writeText(_ text: String, into bytes: inout [UInt8]) {
    bytes.append(UInt8(ascii: "\""))
    var text = text
    text.withUTF8 { utf8 in
      var run = 0
      var index = 0
      while index < utf8.count {
        let length = escapedLength(utf8, at: index)
        if length > 0 {
          bytes.append(contentsOf: utf8[run..<index])
          writeEscape(utf8, at: index, into: &bytes)
          run = index + length
        }
        index += max(length, 1)
      }
      bytes.append(contentsOf: utf8[run...])
    }
    bytes.append(UInt8(ascii: "\""))
  }

  /// Bytes of the scalar at `index` if it must be escaped, else 0.
  private static func escapedLength(_ utf8: UnsafeBufferPointer<UInt8>, at index: Int) -> Int {
    let byte = utf8[index]
    if byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte == 0x7F {
      return 1
    }
    // U+2028 and U+2029 are E2 80 A8 and E2 80 A9.
    guard byte == 0xE2, index + 2 < utf8.count else { return 0 }
    return utf8[index + 1] == 0x80 && utf8[index + 2] & 0xFE == 0xA8 ? 3 : 0
  }

  private static func writeEscape(
    _ utf8: UnsafeBufferPointer<UInt8>, at index: Int, into bytes: inout [UInt8]
  ) {
    switch utf8[index] {
    case UInt8(ascii: "\""): bytes.append(contentsOf: #"\""#.utf8)
    case UInt8(ascii: "\\"): bytes.append(contentsOf: #"\\"#.utf8)
    case 0x08: bytes.append(contentsOf: #"\b"#.utf8)
    case 0x0C: bytes.append(contentsOf: #"\f"#.utf8)
    case 0x0A: bytes.append(contentsOf: #"\n"#.utf8)
    case 0x0D: bytes.append(contentsOf: #"\r"#.utf8)
    case 0x09: bytes.append(contentsOf: #"\t"#.utf8)
    case 0xE2: bytes.append(contentsOf: (utf8[index + 2] == 0xA8 ? #"\u2028"# : #"\u2029"#).utf8)
    case let control:
      bytes.append(contentsOf: (control < 0x10 ? #"\u000"# : #"\u00"#).utf8)
      bytes.append(contentsOf: String(control, radix: 16).utf8)
    }
  }
}
