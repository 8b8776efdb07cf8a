/// Swift source as far as the tidy tests must understand it.
enum SwiftCode {
  private enum Place: Equatable {
    case code
    case lineComment
    case blockComment(depth: Int)
    case text(quotes: Int, hashes: Int)
  }

  /// The source with comments and string literals (interpolations too) turned to blanks, line by line as before.
  static func blanked(_ bytes: [UInt8]) -> String {
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    var place = Place.code
    var index = 0

    func follows(_ text: String) -> Bool {
      bytes[index...].starts(with: text.utf8)
    }
    func count(of character: Character, at position: Int) -> Int {
      bytes[position...].prefix { $0 == character.asciiValue }.count
    }
    /// Nearly all bytes begin or end nothing.
    func isPlain(_ byte: UInt8) -> Bool {
      byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "/") && byte != UInt8(ascii: "#")
        && byte != UInt8(ascii: "*") && byte != UInt8(ascii: "\\") && byte != UInt8(ascii: "\n")
    }
    func pass(_ length: Int, blank: Bool) {
      for byte in bytes[index..<min(index + length, bytes.count)] {
        result.append(blank && byte != UInt8(ascii: "\n") ? UInt8(ascii: " ") : byte)
      }
      index += length
    }

    while index < bytes.count {
      if isPlain(bytes[index]) {
        pass(1, blank: place != .code)
        continue
      }
      switch place {
      case .code:
        let hashes = count(of: "#", at: index)
        let quotes = count(of: "\"", at: index + hashes)
        if follows("//") {
          place = .lineComment
        } else if follows("/*") {
          place = .blockComment(depth: 1)
          pass(2, blank: true)
        } else if quotes > 0 {
          // Two are an empty literal; three begin one of several lines.
          if quotes != 2 { place = .text(quotes: quotes < 3 ? 1 : 3, hashes: hashes) }
          pass(hashes + min(quotes, 3) + (quotes == 2 ? hashes : 0), blank: true)
        } else {
          pass(max(hashes, 1), blank: false)
        }
      case .lineComment:
        if follows("\n") { place = .code }
        pass(1, blank: true)
      case .blockComment(let depth):
        if follows("/*") {
          place = .blockComment(depth: depth + 1)
          pass(2, blank: true)
        } else if follows("*/") {
          place = depth == 1 ? .code : .blockComment(depth: depth - 1)
          pass(2, blank: true)
        } else {
          pass(1, blank: true)
        }
      case .text(let quotes, let hashes):
        let marks = String(repeating: "#", count: hashes)
        if follows(String(repeating: "\"", count: quotes) + marks) {
          place = .code
          pass(quotes + hashes, blank: true)
        } else {
          pass(follows("\\" + marks) ? hashes + 2 : 1, blank: true)
        }
      }
    }
    return String(decoding: result, as: UTF8.self)
  }
}
