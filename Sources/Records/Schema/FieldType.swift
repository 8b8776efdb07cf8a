/// What a schema says a field holds; of a set or a journal, what each element or entry is.
public enum FieldType: String, Hashable, Sendable, CaseIterable {
  case boolean, integer, decimal, double, text, date, timestamp, bytes, list, any

  /// Whether a stored value is of this type. Narrower numbers pass for wider ones: they may stem from a time before
  /// the schema.
  public func admits(_ value: Value) -> Bool {
    switch (self, value) {
    case (.any, _), (.boolean, .boolean), (.integer, .integer), (.text, .text), (.date, .date),
      (.timestamp, .timestamp), (.bytes, .bytes), (.list, .list), (.decimal, .integer),
      (.decimal, .decimal), (.double, .integer), (.double, .decimal), (.double, .double):
      true
    case (.boolean, _), (.integer, _), (.decimal, _), (.double, _), (.text, _), (.date, _),
      (.timestamp, _), (.bytes, _), (.list, _):
      false
    }
  }
}
