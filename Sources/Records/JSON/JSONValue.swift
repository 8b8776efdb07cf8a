/// A JSON document as read or to be written, exactly: numbers keep their digits, objects keep the order of
/// their members, texts keep their code points (RFC 8259).
///
/// This is the form in which records meet people and scripts; ``Value`` is the form in which they are stored.
public enum JSONValue: Hashable, Sendable {
  case null
  case boolean(Bool)
  /// The number's token as written, for instance `-12.50e3`. Always matches RFC 8259's grammar of a number.
  case number(String)
  case string(String)
  case array([JSONValue])
  /// Members in order of writing. A reader never gives two members with one name.
  case object([JSONMember])
}

/// One name and value of a JSON object.
public struct JSONMember: Hashable, Sendable {
  public var name: String
  public var value: JSONValue

  public init(_ name: String, _ value: JSONValue) {
    self.name = name
    self.value = value
  }
}
