import OfficeSyncRecords

/// Reads from the front of a run of bytes. Checks every length against what is there before it touches or allocates.
public struct ByteReader {
  let bytes: [UInt8]
  private var position = 0
  private let end: Int

  public init(_ bytes: [UInt8]) {
    self.bytes = bytes
    end = bytes.count
  }

  public var remaining: Int { end - position }
  public var isAtEnd: Bool { position == end }

  /// - Throws: ``CodecError/trailing(bytes:)``
  public func finish() throws(CodecError) {
    if position != end { throw .trailing(bytes: remaining) }
  }

  public mutating func byte() throws(CodecError) -> UInt8 {
    guard position < end else { throw .truncated }
    defer { position += 1 }
    return bytes[position]
  }

  /// An unsigned LEB128 number in its shortest form, at most 10 bytes.
  public mutating func varint() throws(CodecError) -> UInt64 {
    guard position < end else { throw .truncated }
    let first = bytes[position]
    if first < 0x80 {
      position += 1
      return UInt64(first)
    }
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while true {
      let next = try byte()
      let part = UInt64(next & 0x7F)
      if shift == 63 && part > 1 { throw .varint }
      value |= part << shift
      if next < 0x80 {
        if next == 0 { throw .varint }
        return value
      }
      shift += 7
      if shift > 63 { throw .varint }
    }
  }

  /// A signed number in zigzag form.
  public mutating func signedVarint() throws(CodecError) -> Int64 {
    let value = try varint()
    return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
  }

  /// How many items follow, each of at least `itemBytesMin` bytes: more than the rest can hold is refused here, so
  /// that nothing is allocated on a peer's word.
  public mutating func count(
    of what: String, itemBytesMin: Int, max: Int = .max
  ) throws(CodecError) -> Int {
    let value = try varint()
    guard let count = Int(exactly: value), count <= max else { throw .overLimit(what, max: max) }
    guard count <= remaining / itemBytesMin else { throw .truncated }
    return count
  }

  public mutating func raw(_ count: Int) throws(CodecError) -> ArraySlice<UInt8> {
    guard count <= remaining else { throw .truncated }
    defer { position += count }
    return bytes[position..<position + count]
  }

  /// Length-prefixed bytes.
  public mutating func bytes(of what: String, max: Int) throws(CodecError) -> ArraySlice<UInt8> {
    let range = try skipBytes(of: what, max: max)
    return bytes[range]
  }

  /// Length-prefixed UTF-8.
  public mutating func text(of what: String, max: Int) throws(CodecError) -> String {
    let slice = try bytes(of: what, max: max)
    // `String(validating:as:)` is slow for short texts: a fifth of all decoding.
    do { return String(copying: try UTF8Span(validating: slice.span)) } catch { throw .notUTF8 }
  }

  // What follows reads over things and says where they are: a slice for each costs more than looking at them.

  /// Reads over length-prefixed bytes.
  mutating func skipBytes(of what: String, max: Int) throws(CodecError) -> Range<Int> {
    let count = try varint()
    guard count <= UInt64(max) else { throw .overLimit(what, max: max) }
    guard count <= UInt64(remaining) else { throw .truncated }
    defer { position += Int(count) }
    return position..<position + Int(count)
  }

  /// Reads over length-prefixed UTF-8.
  @discardableResult
  mutating func skipText(of what: String, max: Int) throws(CodecError) -> Range<Int> {
    let range = try skipBytes(of: what, max: max)
    do { _ = try UTF8Span(validating: bytes.span.extracting(range)) } catch { throw .notUTF8 }
    return range
  }

  func isPlainPath(_ range: Range<Int>) -> Bool {
    FieldPath.isPlain(bytes.span.extracting(range))
  }

  /// Whether the bytes in one place sort before those in another.
  func precedes(_ a: Range<Int>, _ b: Range<Int>) -> Bool {
    for offset in 0..<min(a.count, b.count) {
      let (x, y) = (bytes[a.lowerBound + offset], bytes[b.lowerBound + offset])
      if x != y { return x < y }
    }
    return a.count < b.count
  }

  public mutating func fixed64() throws(CodecError) -> UInt64 {
    guard remaining >= 8 else { throw .truncated }
    var value: UInt64 = 0
    for index in position..<position + 8 { value = value << 8 | UInt64(bytes[index]) }
    position += 8
    return value
  }

  public mutating func replica() throws(CodecError) -> ReplicaID {
    ReplicaID(high: try fixed64(), low: try fixed64())
  }

  /// A write's counter: 1 and up, below 2^53.
  public mutating func counter() throws(CodecError) -> UInt64 {
    let value = try varint()
    guard (1...Dot.counterMax).contains(value) else { throw .outOfRange("counter") }
    return value
  }
}
