extension RecordView {
  /// The record as `get --json` prints it, and as a line of `ls` and `export` (CLI.md).
  ///
  /// The member `misfits` is there only if something does not fit the schema.
  public func recordJSON(collection: CollectionName, id: RecordID) -> JSONValue {
    var members = [
      JSONMember("collection", .string(collection.text)),
      JSONMember("id", .string(id.description)),
      JSONMember("deleted", .boolean(isDeleted)),
      JSONMember("fields", fields),
      JSONMember("clock", record.clock.json),
      JSONMember(
        "conflicts",
        .object(conflicts.map { JSONMember($0.path.description, .array($0.values)) })),
    ]
    let misfits = misfits
    if !misfits.isEmpty {
      members.append(JSONMember("misfits", .array(misfits.map { .string($0.description) })))
    }
    return .object(members)
  }
}

extension FieldConflict {
  /// A line of `conflicts --json` (CLI.md).
  public func json(collection: CollectionName, id: RecordID) -> JSONValue {
    .object([
      JSONMember("collection", .string(collection.text)),
      JSONMember("id", .string(id.description)),
      JSONMember("path", .string(path.description)),
      JSONMember("policy", .string(policy.rawValue)),
      JSONMember("open", .boolean(isOpen)),
      JSONMember("values", .array(values)),
    ])
  }

  /// The siblings, each as ``Sibling/members(at:)`` says.
  public var values: [JSONValue] {
    siblings.map { .object($0.members(at: path)) }
  }
}

extension Sibling {
  /// Its value or its absence, its dot, author and time. The value of a deletion is `true`.
  public func members(at path: FieldPath) -> [JSONMember] {
    let value =
      switch content {
      case .absent: JSONMember("absent", .boolean(true))
      case .value where path == .deleted: JSONMember("value", .boolean(true))
      case .value(let value): JSONMember("value", value.json)
      }
    let members = [
      value,
      JSONMember("dot", .string(dot.description)),
      JSONMember("author", .string(write.author.description)),
      JSONMember("at", .string(Timestamp(write.time).description)),
    ]
    return write.note.isEmpty ? members : members + [JSONMember("note", .string(write.note))]
  }
}

extension VersionVector {
  /// `{"REPLICA-HEX": COUNTER}`, by replica.
  public var json: JSONValue {
    .object(entries.map { JSONMember($0.replica.description, .number(String($0.counter))) })
  }
}
