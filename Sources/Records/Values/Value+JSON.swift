extension Value {
  /// Reads JSON as a value of a type. Dates, timestamps and bytes are strings and get their type from `type`; a number
  /// is an integer if it is written as one and within 64 bits, else a decimal with the digits as written, and a double
  /// only where `type` says so. Null is a value of type ``FieldType/any`` alone.
  ///
  /// - Throws: ``ValueError``
  public init(json: JSONValue, type: FieldType) throws(ValueError) {
    switch (type, json) {
    case (.any, .object(let members)) where !members.isEmpty: throw .object
    case (.any, _), (.list, .array): self = try Value(untyped: json, depth: 0)
    case (.boolean, .boolean(let value)): self = .boolean(value)
    case (.integer, .number(let token)):
      guard let value = Int64(token) else { throw .notOfType(type) }
      self = .integer(value)
    case (.decimal, .number(let token)):
      guard let value = DecimalNumber(token) else { throw .numberOverLimit }
      self = .decimal(value)
    case (.double, .number(let token)):
      guard let number = Double(token), let value = FiniteDouble(number) else {
        throw .notOfType(type)
      }
      self = .double(value)
    case (.text, .string(let text)): self = .text(text)
    case (.date, .string(let text)):
      guard let value = CivilDate(text) else { throw .notOfType(type) }
      self = .date(value)
    case (.timestamp, .string(let text)):
      guard let value = Timestamp(text) else { throw .notOfType(type) }
      self = .timestamp(value)
    case (.bytes, .string(let text)):
      guard let value = Base64.bytes(of: text) else { throw .notOfType(type) }
      self = .bytes(value)
    case (.boolean, _), (.integer, _), (.decimal, _), (.double, _), (.text, _), (.date, _),
      (.timestamp, _), (.bytes, _), (.list, _):
      throw .notOfType(type)
    }
  }

  /// Reads a text as typed at a command line: for the type text it is the value, for any other it is JSON if it parses
  /// as JSON, else a JSON string.
  ///
  /// - Throws: ``ValueError``
  public init(typed text: String, type: FieldType) throws(ValueError) {
    if type == .text {
      self = .text(text)
    } else {
      try self.init(json: JSONValue(typed: text), type: type)
    }
  }

  /// The value as people and scripts see it.
  public var json: JSONValue {
    switch self {
    case .null: .null
    case .boolean(let value): .boolean(value)
    case .integer(let value): .number(String(value))
    case .decimal(let value): .number(value.text)
    case .double(let value): .number(value.value.description)
    case .text(let text): .string(text)
    case .date(let value): .string(value.description)
    case .timestamp(let value): .string(value.description)
    case .bytes(let bytes): .string(Base64.text(of: bytes))
    case .list(let items): .array(items.map(\.json))
    case .object(let object):
      .object(object.members.map { JSONMember($0.name.description, $0.value.json) })
    }
  }

  private init(untyped json: JSONValue, depth: Int) throws(ValueError) {
    guard depth < Value.depthMax else { throw .tooDeep }
    switch json {
    case .null: self = .null
    case .boolean(let value): self = .boolean(value)
    case .number(let token):
      if let integer = Int64(token) {
        self = .integer(integer)
      } else {
        guard let decimal = DecimalNumber(token) else { throw .numberOverLimit }
        self = .decimal(decimal)
      }
    case .string(let text): self = .text(text)
    case .array(let items):
      var values: [Value] = []
      values.reserveCapacity(items.count)
      for item in items { values.append(try Value(untyped: item, depth: depth + 1)) }
      self = .list(values)
    case .object(let members):
      var values: [(name: String, value: Value)] = []
      for member in members {
        values.append((member.name, try Value(untyped: member.value, depth: depth + 1)))
      }
      // A JSON reader never gives two members with one name.
      guard let object = ObjectValue(values) else { throw .object }
      self = .object(object)
    }
  }
}

extension JSONValue {
  /// Reads what somebody typed: JSON if it parses as JSON, else a text.
  public init(typed text: String) {
    if let json = try? JSONValue(parsing: text) { self = json } else { self = .string(text) }
  }
}
