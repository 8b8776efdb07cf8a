extension JSONParser {
  /// Reads a text from its opening quote. Most texts hold no escape and are copied as they stand.
  mutating func text(_ bytes: Span<UInt8>) throws(JSONError) -> String {
    position += 1
    let start = position
    try skipPlain(bytes)
    if peek(bytes) == UInt8(ascii: "\"") {
      position += 1
      return try string(from: bytes.extracting(start..<(position - 1)), at: start, of: bytes)
    }
    var buffer: [UInt8] = []
    var run = start
    while true {
      try append(run..<position, of: bytes, to: &buffer)
      guard let byte = peek(bytes) else { throw fail(.unexpectedEnd, bytes) }
      if byte == UInt8(ascii: "\"") {
        position += 1
        return String(decoding: buffer, as: UTF8.self)
      }
      let scalar = try escape(bytes)
      buffer.append(contentsOf: scalar.utf8)
      run = position
      try skipPlain(bytes)
    }
  }

  /// Moves to the next quote or backslash, or the end.
  private mutating func skipPlain(_ bytes: Span<UInt8>) throws(JSONError) {
    while position < bytes.count {
      let byte = bytes[position]
      if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { return }
      if byte < 0x20 { throw fail(.controlCharacter, bytes) }
      position += 1
    }
  }

  /// Each run between escapes is validated by itself: an escape cannot complete half a scalar.
  private func append(
    _ run: Range<Int>, of bytes: Span<UInt8>, to buffer: inout [UInt8]
  ) throws(JSONError) {
    let text = try string(from: bytes.extracting(run), at: run.lowerBound, of: bytes)
    buffer.append(contentsOf: text.utf8)
  }

  private func string(
    from run: Span<UInt8>, at offset: Int, of bytes: Span<UInt8>
  ) throws(JSONError) -> String {
    do {
      // Twice as quick as `String(validating:as:)` for short texts.
      return String(copying: try UTF8Span(validating: run))
    } catch {
      throw JSONError(.invalidUTF8, at: offset + error.byteOffsets.lowerBound, in: bytes)
    }
  }

  /// Reads one escape from its backslash, or two that make a surrogate pair.
  private mutating func escape(_ bytes: Span<UInt8>) throws(JSONError) -> Unicode.Scalar {
    let start = position
    position += 1
    guard let byte = peek(bytes) else { throw fail(.unexpectedEnd, bytes) }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): break
    default: throw JSONError(.invalidEscape, at: start, in: bytes)
    }
    let unit = try hexUnit(bytes, escapeAt: start)
    if let scalar = Unicode.Scalar(unit) { return scalar }
    guard unit < 0xDC00, peek(bytes) == UInt8(ascii: "\\") else {
      throw JSONError(.loneSurrogate, at: start, in: bytes)
    }
    position += 1
    guard peek(bytes) == UInt8(ascii: "u") else {
      throw JSONError(.loneSurrogate, at: start, in: bytes)
    }
    position += 1
    let second = try hexUnit(bytes, escapeAt: position - 2)
    guard (0xDC00...0xDFFF).contains(second),
      let scalar = Unicode.Scalar(
        0x1_0000 + (UInt32(unit - 0xD800) << 10) + UInt32(second - 0xDC00))
    else { throw JSONError(.loneSurrogate, at: start, in: bytes) }
    return scalar
  }

  private mutating func hexUnit(
    _ bytes: Span<UInt8>, escapeAt start: Int
  ) throws(JSONError) -> UInt16 {
    var unit: UInt16 = 0
    for _ in 0..<4 {
      guard let byte = peek(bytes) else { throw fail(.unexpectedEnd, bytes) }
      let digit: UInt8
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
      case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
      case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - UInt8(ascii: "A") + 10
      default: throw JSONError(.invalidEscape, at: start, in: bytes)
      }
      unit = unit << 4 | UInt16(digit)
      position += 1
    }
    return unit
  }
}
