/// Why something a user or a file says is not a value of the type asked for.
public enum ValueError: Error, Hashable, Sendable {
  case notOfType(FieldType)
  /// A number with more than ``DecimalNumber/bytesMax`` characters or an exponent over ``DecimalNumber/exponentMax``.
  case numberOverLimit
  /// An object with members is not a value but paths.
  case object
  /// Lists and objects nest deeper than ``Value/depthMax``.
  case tooDeep
}

extension ValueError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .notOfType(let type): "this is not \(type.noun)"
    case .numberOverLimit:
      "a number has at most \(DecimalNumber.bytesMax) characters and an exponent of at most "
        + "\(DecimalNumber.exponentMax)"
    case .object: "an object is not a value; give its members paths of their own"
    case .tooDeep: "lists nest at most \(Value.depthMax) deep"
    }
  }
}

extension FieldType {
  /// For messages: "a date (YYYY-MM-DD)".
  var noun: String {
    switch self {
    case .boolean: "true or false"
    case .integer: "a whole number within 64 bits"
    case .decimal: "a decimal number"
    case .double: "a finite number"
    case .text: "a text"
    case .date: "a date (YYYY-MM-DD)"
    case .timestamp: "a timestamp (YYYY-MM-DDTHH:MM:SS.mmmZ, UTC)"
    case .bytes: "base64 with padding (RFC 4648)"
    case .list: "a list"
    case .any: "a value"
    }
  }
}
