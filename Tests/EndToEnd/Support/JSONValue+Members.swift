import OfficeSyncRecords

/// What tests look up in the documents that the programs print.
extension JSONValue {
  subscript(name: String) -> JSONValue? {
    if case .object(let members) = self { members.first { $0.name == name }?.value } else { nil }
  }

  var items: [JSONValue]? { if case .array(let items) = self { items } else { nil } }
  var text: String? { if case .string(let text) = self { text } else { nil } }
  var int: Int? { if case .number(let digits) = self { Int(digits) } else { nil } }
  var bool: Bool? { if case .boolean(let value) = self { value } else { nil } }

  /// What a document says of one collection.
  func collection(_ name: String) -> JSONValue? {
    self["collections"]?.items?.first { $0["name"]?.text == name }
  }
}
