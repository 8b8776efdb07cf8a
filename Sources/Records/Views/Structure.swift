/// What sets and journals hold, put together from the paths at and below theirs.
///
/// A value at the very path, or deeper than one segment below, was written where no schema said that this is a set or a
/// journal. It counts all the same (a list with all its items): nothing vanishes by a change of schema.
enum Structure {
  struct Element {
    let path: FieldPath
    let value: Value
  }

  struct Entry {
    let path: FieldPath
    let value: Value
    let write: WriteInfo

    var json: JSONValue {
      var members = [
        JSONMember(Key.at, .string(Timestamp(write.time).description)),
        JSONMember(Key.author, .string(write.author.description)),
        JSONMember(Key.value, value.json),
      ]
      if !write.note.isEmpty { members.append(JSONMember(Key.note, .string(write.note))) }
      return .object(members)
    }
  }

  /// Members of a journal's entry in JSON.
  enum Key {
    static let at = "at"
    static let author = "author"
    static let value = "value"
    static let note = "note"
  }

  /// The elements of a set in the order of their paths, each once also if it is there in two equivalent forms.
  static func elements(of fields: [Record.Field], at path: FieldPath) -> [Element] {
    var seen: Set<EquivalentValue> = []
    return present(fields, at: path, under: SetPolicy())
      .filter { seen.insert(EquivalentValue($0.value)).inserted }
      .map { Element(path: $0.path, value: $0.value) }
  }

  /// The entries of a journal by time, then path.
  static func entries(of fields: [Record.Field], at path: FieldPath) -> [Entry] {
    present(fields, at: path, under: JournalPolicy())
      .map { Entry(path: $0.path, value: $0.value, write: $0.sibling.write) }
      .sorted { ($0.write.time, $0.path) < ($1.write.time, $1.path) }
  }

  private static func present(
    _ fields: [Record.Field], at path: FieldPath, under policy: some MergePolicy
  ) -> [(path: FieldPath, value: Value, sibling: Sibling)] {
    fields.flatMap { field -> [(path: FieldPath, value: Value, sibling: Sibling)] in
      guard let sibling = policy.current(of: field.siblings), let value = sibling.value else {
        return []
      }
      if field.path == path {
        if case .list(let items) = value { return items.map { (path, $0, sibling) } }
        if value == .object(.empty) { return [] }
      }
      return [(field.path, value, sibling)]
    }
  }
}

extension Record {
  /// The fields at and below a path.
  func fields(atOrBelow path: FieldPath) -> [Field] {
    // `a b` sorts between `a` and `a/b`: two places, both found by halving.
    let own = siblings(at: path)
    let prefix = path.key.bytes + [UInt8(ascii: "/")]
    let start = fields.partitioningIndex { !$0.path.key.bytes.lexicographicallyPrecedes(prefix) }
    let below = fields[start...].prefix { $0.path.isBelow(path) }
    return (own.isEmpty ? [] : [Field(path: path, siblings: own)]) + below
  }
}
