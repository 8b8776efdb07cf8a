/// One thing that somebody wants of a record.
public enum Edit: Hashable, Sendable {
  /// The path is to hold this value; an object with members states the paths below. Of a set the list is all its
  /// elements, to a journal those entries are added that it lacks.
  case set(FieldPath, UserValue)
  /// The path and all below it are to hold nothing.
  case unset(FieldPath)
  /// A set is to hold this element, a journal gets this entry.
  case add(FieldPath, UserValue)
  /// A set is not to hold this element.
  case remove(FieldPath, UserValue)

  public var path: FieldPath {
    switch self {
    case .set(let path, _), .unset(let path), .add(let path, _), .remove(let path, _): path
    }
  }
}

/// A value as a user gives it; the schema says what it becomes.
public enum UserValue: Hashable, Sendable {
  /// From a JSON document.
  case json(JSONValue)
  /// Typed at a command line: where the schema says text it is taken as it is, elsewhere it is JSON if it parses as
  /// JSON, else a text.
  case typed(String)
  /// Its type is settled already, for instance by an import map; the schema must admit it.
  case value(Value)

  /// Whether it is a value, and no object that states the paths below, as far as that shows without parsing.
  var isPlain: Bool {
    switch self {
    case .json(.object(let members)): members.isEmpty
    case .json, .value: true
    case .typed: false
    }
  }

  func value(type: FieldType) throws(ValueError) -> Value {
    switch self {
    case .json(let json): try Value(json: json, type: type)
    case .typed(let text): try Value(typed: text, type: type)
    case .value(let value):
      if type.admits(value) { value } else { throw ValueError.notOfType(type) }
    }
  }

  var json: JSONValue {
    switch self {
    case .json(let json): json
    case .typed(let text): JSONValue(typed: text)
    case .value(let value): value.json
    }
  }
}

extension Edit {
  /// Reads `PATH=VALUE`, `PATH+=VALUE` or `PATH-=VALUE`.
  /// - Throws: ``NameError``; `.malformed` for a text without `=`.
  public init(assignment: String) throws(NameError) {
    let bytes = Array(assignment.utf8)
    guard let sign = bytes.firstIndex(of: UInt8(ascii: "=")) else { throw .malformed }
    let value = UserValue.typed(String(decoding: bytes[(sign + 1)...], as: UTF8.self))
    let name = bytes[..<sign]
    switch name.last {
    case UInt8(ascii: "+"): self = .add(try Self.path(name.dropLast()), value)
    case UInt8(ascii: "-"): self = .remove(try Self.path(name.dropLast()), value)
    default: self = .set(try Self.path(name), value)
    }
  }

  /// The edits that merge a JSON object into a record: fields that it does not name stay.
  /// - Throws: ``FlattenError``
  public static func merging(_ object: JSONValue) throws(FlattenError) -> [Edit] {
    var names = KnownNames()
    return try merging(object, &names)
  }

  /// The same; what `names` knows costs less.
  public static func merging(
    _ object: JSONValue, _ names: inout KnownNames
  ) throws(FlattenError) -> [Edit] {
    try Flatten.leaves(of: object, &names).map { .set($0.path, .json($0.value)) }
  }

  private static func path(_ bytes: ArraySlice<UInt8>) throws(NameError) -> FieldPath {
    try FieldPath(String(decoding: bytes, as: UTF8.self))
  }
}
