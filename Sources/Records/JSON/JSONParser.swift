extension JSONValue {
  /// Arrays and objects may be nested this deep, so that no document can exhaust the stack.
  public static let depthMax = 64

  /// Reads exactly one JSON document (RFC 8259), strictly.
  ///
  /// Beyond the grammar it refuses what the RFC leaves open and what would lose something: a member name that
  /// stands twice in one object (names are equal when their UTF-8 is), half a surrogate pair, invalid UTF-8,
  /// nesting beyond ``depthMax``, and bytes after the document. A byte-order mark at the start is taken.
  ///
  /// - Throws: ``JSONError``, naming the place.
  public init(parsing bytes: Span<UInt8>) throws(JSONError) {
    var parser = JSONParser()
    self = try parser.document(bytes)
  }

  /// Reads exactly one JSON document; see ``init(parsing:)-(Span<UInt8>)``.
  public init(parsing bytes: [UInt8]) throws(JSONError) {
    try self.init(parsing: bytes.span)
  }

  /// Reads exactly one JSON document; see ``init(parsing:)-(Span<UInt8>)``.
  public init(parsing text: String) throws(JSONError) {
    try self.init(parsing: Array(text.utf8))
  }
}

/// A recursive-descent reader of one document: `position` moves over the bytes that each call is handed.
struct JSONParser {
  var position = 0
  private var depth = 0
  /// Members and elements of all containers still open; each container takes its tail when it closes.
  /// One array for the document saves growing a new one for every small object.
  private var openMembers: [JSONMember] = []
  private var openElements: [JSONValue] = []

  mutating func document(_ bytes: Span<UInt8>) throws(JSONError) -> JSONValue {
    position = Self.byteOrderMarkLength(bytes)
    skipSpace(bytes)
    guard position < bytes.count else { throw JSONError(.empty, at: position, in: bytes) }
    let value = try value(bytes)
    skipSpace(bytes)
    guard position == bytes.count else { throw fail(.trailingBytes, bytes) }
    return value
  }

  static func byteOrderMarkLength(_ bytes: Span<UInt8>) -> Int {
    bytes.count >= 3 && bytes[0] == 0xEF && bytes[1] == 0xBB && bytes[2] == 0xBF ? 3 : 0
  }

  func fail(_ reason: JSONError.Reason, _ bytes: Span<UInt8>) -> JSONError {
    JSONError(position < bytes.count ? reason : .unexpectedEnd, at: position, in: bytes)
  }

  private mutating func value(_ bytes: Span<UInt8>) throws(JSONError) -> JSONValue {
    guard position < bytes.count else { throw fail(.unexpectedEnd, bytes) }
    switch bytes[position] {
    case UInt8(ascii: "\""): return .string(try text(bytes))
    case UInt8(ascii: "{"): return try object(bytes)
    case UInt8(ascii: "["): return try array(bytes)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number(bytes)
    case UInt8(ascii: "t"): return try literal("true", .boolean(true), bytes)
    case UInt8(ascii: "f"): return try literal("false", .boolean(false), bytes)
    case UInt8(ascii: "n"): return try literal("null", .null, bytes)
    case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"):
      throw fail(.invalidLiteral, bytes)
    default: throw fail(.unexpectedByte, bytes)
    }
  }

  private mutating func object(_ bytes: Span<UInt8>) throws(JSONError) -> JSONValue {
    try open(bytes)
    let first = openMembers.count
    if skip(UInt8(ascii: "}"), bytes) { return close(.object([])) }
    var names = NameSet()
    repeat {
      skipSpace(bytes)
      let start = position
      guard peek(bytes) == UInt8(ascii: "\"") else { throw fail(.unexpectedByte, bytes) }
      let name = try text(bytes)
      guard names.insert(name, among: openMembers[first...]) else {
        throw JSONError(.duplicateName, at: start, in: bytes)
      }
      guard skip(UInt8(ascii: ":"), bytes) else { throw fail(.unexpectedByte, bytes) }
      skipSpace(bytes)
      openMembers.append(JSONMember(name, try value(bytes)))
    } while skip(UInt8(ascii: ","), bytes)
    guard skip(UInt8(ascii: "}"), bytes) else { throw fail(.unexpectedByte, bytes) }
    let members = Array(openMembers[first...])
    openMembers.removeSubrange(first...)
    return close(.object(members))
  }

  private mutating func array(_ bytes: Span<UInt8>) throws(JSONError) -> JSONValue {
    try open(bytes)
    let first = openElements.count
    if skip(UInt8(ascii: "]"), bytes) { return close(.array([])) }
    repeat {
      skipSpace(bytes)
      openElements.append(try value(bytes))
    } while skip(UInt8(ascii: ","), bytes)
    guard skip(UInt8(ascii: "]"), bytes) else { throw fail(.unexpectedByte, bytes) }
    let elements = Array(openElements[first...])
    openElements.removeSubrange(first...)
    return close(.array(elements))
  }

  private mutating func open(_ bytes: Span<UInt8>) throws(JSONError) {
    guard depth < JSONValue.depthMax else { throw fail(.tooDeep, bytes) }
    depth += 1
    position += 1
  }

  private mutating func close(_ value: JSONValue) -> JSONValue {
    depth -= 1
    return value
  }

  private mutating func literal(
    _ word: StaticString, _ value: JSONValue, _ bytes: Span<UInt8>
  ) throws(JSONError) -> JSONValue {
    let start = position
    for offset in 0..<word.utf8CodeUnitCount {
      guard let byte = peek(bytes) else { throw fail(.unexpectedEnd, bytes) }
      guard byte == word.utf8Start[offset] else {
        throw JSONError(.invalidLiteral, at: start, in: bytes)
      }
      position += 1
    }
    return value
  }

  /// `-? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)?`; whatever follows is the caller's to refuse.
  private mutating func number(_ bytes: Span<UInt8>) throws(JSONError) -> JSONValue {
    let start = position
    if peek(bytes) == UInt8(ascii: "-") { position += 1 }
    if peek(bytes) == UInt8(ascii: "0") {
      position += 1
      if let next = peek(bytes), isDigit(next) { throw fail(.invalidNumber, bytes) }
    } else {
      try digits(bytes)
    }
    if peek(bytes) == UInt8(ascii: ".") {
      position += 1
      try digits(bytes)
    }
    if let exponent = peek(bytes), exponent | 0x20 == UInt8(ascii: "e") {
      position += 1
      if let sign = peek(bytes), sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") {
        position += 1
      }
      try digits(bytes)
    }
    return .number(
      bytes.extracting(start..<position).withUnsafeBufferPointer {
        String(decoding: $0, as: UTF8.self)
      })
  }

  private mutating func digits(_ bytes: Span<UInt8>) throws(JSONError) {
    let start = position
    while position < bytes.count, isDigit(bytes[position]) { position += 1 }
    guard position > start else { throw fail(.invalidNumber, bytes) }
  }

  private func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

  func peek(_ bytes: Span<UInt8>) -> UInt8? {
    position < bytes.count ? bytes[position] : nil
  }

  /// Skips white space and then `byte`, if it stands there.
  private mutating func skip(_ byte: UInt8, _ bytes: Span<UInt8>) -> Bool {
    skipSpace(bytes)
    guard peek(bytes) == byte else { return false }
    position += 1
    return true
  }

  private mutating func skipSpace(_ bytes: Span<UInt8>) {
    while position < bytes.count {
      switch bytes[position] {
      case UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "\t"):
        position += 1
      default: return
      }
    }
  }
}

/// The names of one object. Looking through a few members is quicker than hashing them.
private struct NameSet {
  private static let scanMax = 24
  private var hashed: Set<Name> = []

  /// False if `name` stands among the members already.
  mutating func insert(_ name: String, among members: ArraySlice<JSONMember>) -> Bool {
    if members.count < Self.scanMax {
      return !members.contains { Name($0.name) == Name(name) }
    }
    if hashed.isEmpty { hashed = Set(members.lazy.map { Name($0.name) }) }
    return hashed.insert(Name(name)).inserted
  }

  /// A text that equals another when their UTF-8 does. `String` alone would take é and e + U+0301 for one.
  private struct Name: Hashable {
    let text: String
    init(_ text: String) { self.text = text }

    static func == (left: Name, right: Name) -> Bool {
      // The first test is the fast one, and is false for most.
      left.text == right.text && left.text.utf8.elementsEqual(right.text.utf8)
    }

    func hash(into hasher: inout Hasher) {
      // Equal bytes are canonically equivalent, so String's hash serves.
      text.hash(into: &hasher)
    }
  }
}
