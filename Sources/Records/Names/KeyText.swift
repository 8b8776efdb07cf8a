@_spi(_Unicode) import Swift

/// The rules that every key text obeys: UTF-8, Normalization Form C (UAX #15), no control characters.
enum KeyText {
  /// - Throws: ``NameError`` `.empty`, `.tooLong`, `.notUTF8`, `.notNFC`, `.controlCharacter`.
  static func check(_ bytes: some Collection<UInt8>, bytesMax: Int) throws(NameError) {
    if bytes.isEmpty { throw .empty }
    if bytes.count > bytesMax { throw .tooLong(bytesMax: bytesMax) }
    var isASCII = true
    for byte in bytes {
      if byte < 0x20 || byte == 0x7F { throw .controlCharacter }
      if byte >= 0x80 { isASCII = false }
    }
    if isASCII { return }
    guard let text = String(validating: bytes, as: UTF8.self) else { throw .notUTF8 }
    // C1 controls: the C0 ones and DEL were seen as bytes.
    for scalar in text.unicodeScalars where (0x80...0x9F).contains(scalar.value) {
      throw .controlCharacter
    }
    if !isNFC(text) { throw .notNFC }
  }

  /// Puts outside text into the form that keys have. Checks nothing.
  static func normalized(_ text: String) -> [UInt8] {
    if text.utf8.allSatisfy({ $0 < 0x80 }) { return Array(text.utf8) }
    var composed = String.UnicodeScalarView()
    composed.append(contentsOf: text._nfc)
    return Array(String(composed).utf8)
  }

  private static func isNFC(_ text: String) -> Bool {
    text.unicodeScalars.elementsEqual(text._nfc)
  }
}
