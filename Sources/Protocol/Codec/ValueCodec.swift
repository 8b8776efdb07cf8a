import OfficeSyncRecords

/// The first byte of an encoded value.
private enum ValueTag: UInt8 {
  case null = 0x00
  case no = 0x01
  case yes = 0x02
  case integer = 0x03
  case decimal = 0x04
  case double = 0x05
  case text = 0x06
  case date = 0x07
  case timestamp = 0x08
  case bytes = 0x09
  case list = 0x0A
  case object = 0x0B
  /// Not a value: the write removed the field.
  case absent = 0x0F
}

extension ByteWriter {
  public mutating func content(_ content: Sibling.Content) {
    switch content {
    case .value(let value): self.value(value)
    case .absent: byte(ValueTag.absent.rawValue)
    }
  }

  public mutating func value(_ value: Value) {
    switch value {
    case .null: byte(ValueTag.null.rawValue)
    case .boolean(let value): byte((value ? ValueTag.yes : .no).rawValue)
    case .integer(let value):
      byte(ValueTag.integer.rawValue)
      signedVarint(value)
    case .decimal(let value):
      byte(ValueTag.decimal.rawValue)
      text(value.text)
    case .double(let value):
      byte(ValueTag.double.rawValue)
      fixed64(value.value.bitPattern)
    case .text(let value):
      byte(ValueTag.text.rawValue)
      text(value)
    case .date(let value):
      byte(ValueTag.date.rawValue)
      signedVarint(value.days)
    case .timestamp(let value):
      byte(ValueTag.timestamp.rawValue)
      signedVarint(value.milliseconds)
    case .bytes(let value):
      byte(ValueTag.bytes.rawValue)
      prefixed(value)
    case .list(let items):
      byte(ValueTag.list.rawValue)
      varint(items.count)
      for item in items { self.value(item) }
    case .object(let object):
      byte(ValueTag.object.rawValue)
      varint(object.members.count)
      for member in object.members {
        prefixed(member.name.bytes)
        self.value(member.value)
      }
    }
  }
}

extension ByteReader {
  public mutating func content() throws(CodecError) -> Sibling.Content {
    let tag = try byte()
    if tag == ValueTag.absent.rawValue { return .absent }
    return .value(try value(tag: tag, depth: 0))
  }

  /// Reads over what ``content()`` reads.
  mutating func skipContent() throws(CodecError) {
    let tag = try byte()
    if tag != ValueTag.absent.rawValue { try skipValue(tag: tag, depth: 0) }
  }

  private mutating func skipValue(tag: UInt8, depth: Int) throws(CodecError) {
    switch ValueTag(rawValue: tag) {
    case .null, .no, .yes: break
    case .integer: _ = try varint()
    case .text: try skipText(of: "text", max: WriteLimits.textBytesMax)
    case .list:
      let inner = try deeper(depth)
      for _ in 0..<(try count(of: "list", itemBytesMin: 1)) {
        try skipValue(tag: try byte(), depth: inner)
      }
    case .object:
      let inner = try deeper(depth)
      var last: Range<Int>?
      for _ in 0..<(try count(of: "object", itemBytesMin: 2)) {
        let name = try skipText(of: "member name", max: WriteLimits.textBytesMax)
        if let last, !precedes(last, name) { throw .notCanonical("object members") }
        last = name
        try skipValue(tag: try byte(), depth: inner)
      }
    // Seldom, or soon read: and then they are checked in one place.
    default: _ = try value(tag: tag, depth: depth)
    }
  }

  public mutating func value() throws(CodecError) -> Value {
    try value(tag: try byte(), depth: 0)
  }

  private mutating func value(tag: UInt8, depth: Int) throws(CodecError) -> Value {
    guard let known = ValueTag(rawValue: tag) else { throw .unknownTag("value", UInt64(tag)) }
    switch known {
    case .null: return .null
    case .no: return .boolean(false)
    case .yes: return .boolean(true)
    case .integer: return .integer(try signedVarint())
    case .decimal:
      let digits = try text(of: "decimal", max: DecimalNumber.bytesMax)
      guard let number = DecimalNumber(digits) else { throw .outOfRange("decimal") }
      return .decimal(number)
    case .double:
      guard let number = FiniteDouble(Double(bitPattern: try fixed64())) else {
        throw .outOfRange("double")
      }
      return .double(number)
    case .text: return .text(try text(of: "text", max: WriteLimits.textBytesMax))
    case .date:
      guard let date = CivilDate(days: try signedVarint()) else { throw .outOfRange("date") }
      return .date(date)
    case .timestamp:
      guard let moment = Timestamp(milliseconds: try signedVarint()) else {
        throw .outOfRange("timestamp")
      }
      return .timestamp(moment)
    case .bytes: return .bytes(Array(try bytes(of: "bytes", max: WriteLimits.valueBytesMax)))
    case .list:
      let inner = try deeper(depth)
      let count = try count(of: "list", itemBytesMin: 1)
      var items: [Value] = []
      for _ in 0..<count { items.append(try value(tag: try byte(), depth: inner)) }
      return .list(items)
    case .object:
      let inner = try deeper(depth)
      let count = try count(of: "object", itemBytesMin: 2)
      var members: [(name: String, value: Value)] = []
      for _ in 0..<count {
        let name = try text(of: "member name", max: WriteLimits.textBytesMax)
        if let last = members.last?.name, !last.utf8.lexicographicallyPrecedes(name.utf8) {
          throw .notCanonical("object members")
        }
        members.append((name, try value(tag: try byte(), depth: inner)))
      }
      guard let object = ObjectValue(members) else { throw .notCanonical("object members") }
      return .object(object)
    case .absent: throw .unknownTag("value", UInt64(tag))
    }
  }

  private func deeper(_ depth: Int) throws(CodecError) -> Int {
    guard depth < Value.depthMax else { throw .overLimit("nesting", max: Value.depthMax) }
    return depth + 1
  }
}
