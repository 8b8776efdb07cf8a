import OfficeSyncRecords

/// The character encodings that an import file may have. All three have ASCII's bytes where ASCII does, and no other
/// character holds such a byte, so that separators and quotes can be found before decoding.
enum TextEncoding: String, Hashable, Sendable, CaseIterable {
  case utf8 = "utf-8"
  case windows1252 = "windows-1252"
  case latin1 = "iso-8859-1"

  /// Takes the usual names, in any case; nil for others.
  init?(name: String) {
    switch name.lowercased() {
    case "utf-8", "utf8": self = .utf8
    case "windows-1252", "cp1252": self = .windows1252
    case "iso-8859-1", "latin-1", "latin1": self = .latin1
    default: return nil
    }
  }

  /// The first byte that stands for nothing in the encoding.
  struct InvalidByte: Error, Hashable, Sendable {
    let offset: Int
  }

  /// - Throws: ``InvalidByte``; nothing is replaced or left out.
  func decode(_ bytes: Span<UInt8>) throws(InvalidByte) -> String {
    switch self {
    case .utf8:
      do {
        return String(copying: try UTF8Span(validating: bytes))
      } catch {
        throw InvalidByte(offset: error.byteOffsets.lowerBound)
      }
    case .windows1252, .latin1:
      var text = String.UnicodeScalarView()
      for index in bytes.indices {
        guard let scalar = scalar(bytes[index]) else { throw InvalidByte(offset: index) }
        text.append(scalar)
      }
      return String(text)
    }
  }

  private func scalar(_ byte: UInt8) -> Unicode.Scalar? {
    guard self == .windows1252, (0x80...0x9F).contains(byte) else { return Unicode.Scalar(byte) }
    return Self.windows1252Upper[Int(byte) - 0x80]
  }

  /// Bytes 80–9F; five of them stand for nothing (unicode.org, CP1252.TXT).
  private static let windows1252Upper: [Unicode.Scalar?] = [
    "€", nil, "‚", "ƒ", "„", "…", "†", "‡", "ˆ", "‰", "Š", "‹", "Œ", nil, "Ž", nil,
    nil, "‘", "’", "“", "”", "•", "–", "—", "˜", "™", "š", "›", "œ", nil, "ž", "Ÿ",
  ]
}
