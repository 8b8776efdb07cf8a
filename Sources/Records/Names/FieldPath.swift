/// Where a field stands in a record: segments joined by `/`, for instance `milestones/m1/due`.
///
/// A segment is 1–128 bytes of UTF-8 in NFC without control characters. Inside a segment `/`, `%` and `=` are written
/// `%2F`, `%25` and `%3D`, so that a path is one text, splits at `/` without looking ahead and can stand before `=` on
/// a command line. Segments that begin with `$` are reserved; the one in use is the whole path ``deleted``.
public struct FieldPath: Hashable, Comparable, Sendable {
  public static let segmentBytesMax = 128
  public static let segmentsMax = 32
  public static let bytesMax = 1_024
  /// The field that says whether the record is deleted.
  public static let deleted = FieldPath(trusted: Array("$deleted".utf8))

  public let key: ByteString

  init(trusted bytes: [UInt8]) {
    key = ByteString(trusted: bytes)
  }

  /// Reads the form in which paths are stored and sent.
  /// - Throws: ``NameError``
  public init(bytes: [UInt8]) throws(NameError) {
    if bytes == Self.deleted.key.bytes {
      self = .deleted
      return
    }
    try KeyText.check(bytes, bytesMax: Self.bytesMax)
    var (start, depth) = (0, 1)
    for (index, byte) in bytes.enumerated() where byte == UInt8(ascii: "/") {
      depth += 1
      if depth > Self.segmentsMax { throw .tooManySegments(segmentsMax: Self.segmentsMax) }
      try Self.check(segment: bytes[start..<index])
      start = index + 1
    }
    try Self.check(segment: bytes[start...])
    self.init(trusted: bytes)
  }

  /// Whether the bytes are a path all of ASCII without escapes and reserved segments, as most are; false says nothing.
  package static func isPlain(_ bytes: Span<UInt8>) -> Bool {
    guard bytes.count <= bytesMax else { return false }
    var (depth, length) = (1, 0)
    for index in bytes.indices {
      switch bytes[index] {
      case UInt8(ascii: "/"):
        if length == 0 || length > segmentBytesMax { return false }
        (depth, length) = (depth + 1, 0)
      case ..<0x20, 0x7F..., UInt8(ascii: "%"), UInt8(ascii: "="), UInt8(ascii: "$"): return false
      default: length += 1
      }
    }
    return (1...segmentBytesMax).contains(length) && depth <= segmentsMax
  }

  /// Reads a path as a user writes it, brought to NFC, its escapes as in the stored form.
  /// - Throws: ``NameError``
  public init(_ text: String) throws(NameError) {
    try self.init(bytes: KeyText.normalized(text))
  }

  /// Makes a path of plain keys, which are brought to NFC and escaped.
  /// - Throws: ``NameError``
  public init(segments: [String]) throws(NameError) {
    var bytes: [UInt8] = []
    for (index, segment) in segments.enumerated() {
      if index > 0 { bytes.append(UInt8(ascii: "/")) }
      bytes += Self.escaped(segment)
    }
    try self.init(checking: bytes)
  }

  /// The path one level deeper.
  /// - Throws: ``NameError``
  public func appending(_ segment: String) throws(NameError) -> FieldPath {
    try FieldPath(checking: key.bytes + [UInt8(ascii: "/")] + Self.escaped(segment))
  }

  private init(checking bytes: [UInt8]) throws(NameError) {
    if Self.isPlain(bytes.span) { self.init(trusted: bytes) } else { try self.init(bytes: bytes) }
  }

  /// The plain keys, unescaped.
  public var segments: [String] {
    key.bytes.split(separator: UInt8(ascii: "/")).map(Self.unescaped)
  }

  /// The number of segments.
  public var depth: Int { key.bytes.count { $0 == UInt8(ascii: "/") } + 1 }

  /// Whether the path begins with `$`.
  public var isReserved: Bool { key.bytes.first == UInt8(ascii: "$") }

  /// The first `depth` segments: the path itself if it has just so many, nil if it has fewer.
  public func ancestor(depth: Int) -> FieldPath? {
    var segments = 0
    for (index, byte) in key.bytes.enumerated() where byte == UInt8(ascii: "/") {
      segments += 1
      if segments == depth { return FieldPath(trusted: Array(key.bytes[..<index])) }
    }
    return segments + 1 == depth ? self : nil
  }

  /// Whether `self` is `ancestor` or stands below it.
  public func isAtOrBelow(_ ancestor: FieldPath) -> Bool {
    self == ancestor || isBelow(ancestor)
  }

  public func isBelow(_ ancestor: FieldPath) -> Bool {
    let (own, above) = (key.bytes, ancestor.key.bytes)
    return own.count > above.count && own[above.count] == UInt8(ascii: "/")
      && own.starts(with: above)
  }

  public static func < (a: FieldPath, b: FieldPath) -> Bool { a.key < b.key }

  private static func check(segment: ArraySlice<UInt8>) throws(NameError) {
    if segment.isEmpty { throw .empty }
    if segment.first == UInt8(ascii: "$") { throw .reserved }
    if segment.count > segmentBytesMax { throw .tooLong(bytesMax: segmentBytesMax) }
    var index = segment.startIndex
    while index < segment.endIndex {
      switch segment[index] {
      case UInt8(ascii: "="): throw .badEscape
      case UInt8(ascii: "%"):
        guard escapes.contains(where: { segment[index...].starts(with: $0.written) }) else {
          throw .badEscape
        }
        index += 3
      default: index += 1
      }
    }
  }

  private static let escapes: [(plain: UInt8, written: [UInt8])] = [
    (UInt8(ascii: "/"), Array("%2F".utf8)), (UInt8(ascii: "%"), Array("%25".utf8)),
    (UInt8(ascii: "="), Array("%3D".utf8)),
  ]

  private static func escaped(_ segment: String) -> [UInt8] {
    let plain = KeyText.normalized(segment)
    guard plain.contains(where: isEscaped) else { return plain }
    return plain.flatMap { byte in
      escapes.first { $0.plain == byte }?.written ?? [byte]
    }
  }

  private static func isEscaped(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "/") || byte == UInt8(ascii: "%") || byte == UInt8(ascii: "=")
  }

  private static func unescaped(_ segment: ArraySlice<UInt8>) -> String {
    var plain: [UInt8] = []
    var index = segment.startIndex
    while index < segment.endIndex {
      if let escape = escapes.first(where: { segment[index...].starts(with: $0.written) }) {
        plain.append(escape.plain)
        index += escape.written.count
      } else {
        plain.append(segment[index])
        index += 1
      }
    }
    return String(decoding: plain, as: UTF8.self)
  }
}

extension FieldPath: CustomStringConvertible {
  public var description: String { key.description }
}
