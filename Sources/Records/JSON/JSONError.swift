/// Why bytes are not a JSON document, and where.
public struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What is wrong, in words that finish the sentence "at this place …".
  ///
  /// Open for new kinds; compare with the constants.
  public struct Reason: Hashable, Sendable, CustomStringConvertible {
    public let description: String

    public static let empty = Reason("there is nothing but white space")
    public static let unexpectedEnd = Reason("the document ends too early")
    public static let unexpectedByte = Reason("this cannot stand here")
    public static let trailingBytes = Reason("something follows the end of the document")
    public static let invalidLiteral = Reason("only true, false and null are words of JSON")
    public static let invalidNumber = Reason("this is not a JSON number")
    public static let invalidEscape = Reason("this is not a JSON escape")
    public static let loneSurrogate = Reason("this escape is half of a surrogate pair")
    public static let controlCharacter = Reason("a control character in a text must be escaped")
    public static let invalidUTF8 = Reason("this is not UTF-8")
    public static let duplicateName = Reason("this member stands twice in its object")
    public static let tooDeep = Reason("arrays and objects are nested more than 64 deep")
  }

  public let reason: Reason
  /// Bytes before the place, counted from 0 and with a byte-order mark.
  public let byteOffset: Int
  /// Line of the place, counted from 1; lines end with LF.
  public let line: Int
  /// Unicode scalars in the line up to and with the place, counted from 1. A byte-order mark does not count.
  public let column: Int

  public var description: String { "line \(line), column \(column): \(reason)" }
}

extension JSONError.Reason {
  private init(_ description: String) { self.description = description }
}

extension JSONError {
  /// Cost: linear in `byteOffset`, since lines are counted when there is an error to tell.
  init(_ reason: Reason, at byteOffset: Int, in bytes: Span<UInt8>) {
    var line = 1
    var column = 1
    var index = JSONParser.byteOrderMarkLength(bytes)
    while index < min(byteOffset, bytes.count) {
      let byte = bytes[index]
      index += 1
      if byte == UInt8(ascii: "\n") {
        line += 1
        column = 1
      } else if byte & 0xC0 != 0x80 {
        column += 1
      }
    }
    self.reason = reason
    self.byteOffset = byteOffset
    self.line = line
    self.column = column
  }
}
