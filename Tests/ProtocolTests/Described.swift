import OfficeSyncProtocol
import OfficeSyncRecords

/// What is decoded, in the JSON of the vectors: structures by their fields, identifiers and bytes in hexadecimal.
enum Described {
  static func json(of any: Any) -> JSONValue {
    switch any {
    case let value as Bool: .boolean(value)
    case let value as UInt64: .number(String(value))
    case let value as Int: .number(String(value))
    case let value as String: .string(value)
    // An empty list of whatever else would pass for bytes.
    case let value as [UInt8] where type(of: any) == [UInt8].self: .string(Hex.text(of: value))
    case let value as Fingerprint: .string(value.description)
    case let value as KnowledgeDigest: .string(Hex.text(of: value.bytes))
    case let value as Directions: .number(String(value.rawValue))
    case let value as OriginGroups: .number(String(value.rawValue))
    case let value as GroupSums: .string(Hex.text(of: value.bytes))
    case let value as HybridTime: .string(Hex.text(of: bytes(of: value.bits)))
    case let value as VersionVector: json(of: value)
    case let value as Knowledge: json(of: value)
    case let value as Value: json(of: value)
    case let value as Sibling.Content: json(of: value)
    case let value as Sibling: json(of: value)
    case let value as ReplicaID: .string(value.description)
    case let value as Dot: .string(value.description)
    case let value as CollectionName: .string(value.text)
    case let value as RecordID: .string(value.description)
    case let value as FieldPath: .string(value.description)
    case let value as Identity: .string(value.description)
    case let value as Sums.Item: json(of: value)
    case let value as [Any]: .array(value.map { json(of: $0) })
    default: structure(any)
    }
  }

  private static func structure(_ any: Any) -> JSONValue {
    let mirror = Mirror(reflecting: any)
    switch mirror.displayStyle {
    case .optional: return mirror.children.first.map { json(of: $0.value) } ?? .null
    case .enum: return .string("\(any)")
    default:
      return .object(mirror.children.map { JSONMember($0.label ?? "", json(of: $0.value)) })
    }
  }

  private static func json(of vector: VersionVector) -> JSONValue {
    .object(
      vector.entries.map { JSONMember($0.replica.description, .number(String($0.counter))) })
  }

  private static func json(of knowledge: Knowledge) -> JSONValue {
    let origins = Set(knowledge.vector.entries.map(\.replica)).union(knowledge.newestStamps.keys)
    return .array(
      origins.sorted().map { origin in
        .object([
          JSONMember("origin", json(of: origin)),
          JSONMember("counter", json(of: knowledge.vector[origin])),
          JSONMember("stamp", json(of: knowledge.newestStamps[origin] as Any)),
          JSONMember("strays", json(of: knowledge.strays[origin] as Any)),
          JSONMember("closed", closed(origin, in: knowledge)),
        ])
      })
  }

  private static func closed(_ origin: ReplicaID, in knowledge: Knowledge) -> JSONValue {
    let ending = knowledge.closed.endings.first { $0.origin == origin }
    return ending.map { .string($0.isRetirement ? "retired" : "forked") } ?? .null
  }

  private static func json(of item: Sums.Item) -> JSONValue {
    switch item {
    case .part(let part): structure(part)
    case .end: .null
    }
  }

  private static func json(of sibling: Sibling) -> JSONValue {
    .object([
      JSONMember("dot", json(of: sibling.dot)),
      JSONMember("time", json(of: sibling.write.time)),
      JSONMember("author", json(of: sibling.write.author)),
      JSONMember("note", .string(sibling.write.note)),
      JSONMember("content", json(of: sibling.content)),
    ])
  }

  static func json(of content: Sibling.Content) -> JSONValue {
    switch content {
    case .value(let value): json(of: value)
    case .absent: typed("absent")
    }
  }

  static func json(of value: Value) -> JSONValue {
    switch value {
    case .null: typed("null")
    case .boolean(let value): typed("boolean", .boolean(value))
    case .integer(let value): typed("integer", .number(String(value)))
    case .decimal(let value): typed("decimal", .string(value.text))
    case .double(let value):
      typed("double", .string(Hex.text(of: bytes(of: value.value.bitPattern))))
    case .text(let value): typed("text", .string(value))
    case .date(let value): typed("date", .string(value.description))
    case .timestamp(let value): typed("timestamp", .string(value.description))
    case .bytes(let value): typed("bytes", .string(Hex.text(of: value)))
    case .list(let items): typed("list", .array(items.map { json(of: $0) }))
    case .object(let object):
      typed(
        "object",
        .array(
          object.members.map {
            .object([
              JSONMember("name", .string($0.name.description)),
              JSONMember("value", json(of: $0.value)),
            ])
          }))
    }
  }

  private static func typed(_ type: String, _ value: JSONValue? = nil) -> JSONValue {
    .object([JSONMember("type", .string(type))] + (value.map { [JSONMember("value", $0)] } ?? []))
  }

  private static func bytes(of bits: UInt64) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: bits >> (56 - 8 * $0)) }
  }
}

/// The name of an error's case, as vectors have it.
func caseName(of error: some Error) -> String {
  String("\(error)".prefix { $0 != "(" })
}
