import OfficeSyncRecords

/// What a store has written to a record and no office has: a line of `export --unsent`, which `import` hands in elsewhere.
///
/// Each value stands with the write that it comes from, and the line with what that store had seen. So whoever takes it in
/// supersedes just what its writer knew of, and what both sides know is not taken twice.
struct UnsentRecord: Hashable, Sendable {
  struct Value: Hashable, Sendable {
    let path: FieldPath
    let content: Sibling.Content
    let dot: Dot
  }

  let id: RecordID
  let clock: VersionVector
  /// By path; of several values at one path the last is the newest.
  let values: [Value]

  /// - Parameters:
  ///   - own: IDs that the store writes and wrote under.
  ///   - confirmed: own writes that an office has.
  ///   - isRefused: whether an office has refused the record, so that it has none of them.
  /// - Returns: nil if there is nothing.
  init?(
    of id: RecordID, _ record: Record, own: Set<ReplicaID>, confirmed: VersionVector,
    isRefused: Bool
  ) {
    self.id = id
    clock = record.clock
    values = record.fields.flatMap { field in
      field.siblings.filter {
        own.contains($0.dot.replica) && (isRefused || !confirmed.covers($0.dot))
      }.map { Value(path: field.path, content: $0.content, dot: $0.dot) }
    }
    if values.isEmpty || id.isReserved { return nil }
  }

  /// The changes that say the same in another store; several lists where it is too much for one write.
  ///
  /// - Parameter isKnown: whether this was taken in before, whatever became of it.
  func changes(
    to record: Record, isKnown: (FieldPath, Sibling.Content) throws -> Bool
  ) rethrows -> [[Record.Change]] {
    var lists: [[Record.Change]] = []
    var bytes = 0
    for value in values {
      let isThere = record.siblings(at: value.path).contains { $0.content == value.content }
      if try isThere || record.clock.covers(value.dot) || isKnown(value.path, value.content) {
        continue
      }
      let size = if case .value(let value) = value.content { value.sizeBytes } else { 0 }
      let isFull =
        bytes + size > WriteLimits.valueBytesMax
        || lists.last.map {
          $0.count == WriteLimits.pathsMax || $0.last?.path == value.path
        } ?? true
      if isFull {
        lists.append([])
        bytes = 0
      }
      lists[lists.count - 1].append((value.path, value.content))
      bytes += size
    }
    return lists
  }
}

// MARK: - As a line

extension UnsentRecord {
  func json(collection: CollectionName) -> JSONValue {
    .object([
      JSONMember("collection", .string(collection.text)),
      JSONMember("id", .string(id.description)), JSONMember("clock", clock.json),
      JSONMember("unsent", .array(values.map(\.json))),
    ])
  }

  /// Reads a line's members.
  ///
  /// - Throws: ``ImportProblem/Reason``
  init(_ members: [JSONMember], in collection: CollectionName) throws(ImportProblem.Reason) {
    func member(_ name: String) -> JSONValue? { members.first { $0.name == name }?.value }
    guard case .string(collection.text)? = member("collection") else {
      throw .otherCollection(collection.text)
    }
    guard case .string(let text)? = member("id") else { throw .idNotText }
    do throws(NameError) { id = try RecordID(text) } catch { throw .badID(error) }
    guard let clock = member("clock").flatMap(VersionVector.init(json:)),
      case .array(let items)? = member("unsent")
    else { throw .badUnsent }
    self.clock = clock
    var values: [Value] = []
    for item in items {
      let value = try Value(item)
      // The store that wrote it knew of its own write.
      guard clock.covers(value.dot) else { throw .badUnsent }
      values.append(value)
    }
    if values.isEmpty { throw .badUnsent }
    self.values = values
  }
}

extension UnsentRecord.Value {
  private static let (path, dot, absent, type, value, seen) = (
    "path", "dot", "absent", "type", "value", "seen"
  )

  fileprivate var json: JSONValue {
    let name = [
      JSONMember(Self.path, .string(path.description)),
      JSONMember(Self.dot, .string(dot.description)),
    ]
    guard case .value(let value) = content else {
      return .object(name + [JSONMember(Self.absent, .boolean(true))])
    }
    if path == .deleted, let clock = Deletion.clock(in: value) {
      return .object(name + [JSONMember(Self.seen, clock.json)])
    }
    return .object(
      name + [
        JSONMember(Self.type, .string(value.type.rawValue)), JSONMember(Self.value, value.json),
      ])
  }

  fileprivate init(_ json: JSONValue) throws(ImportProblem.Reason) {
    guard case .object(let members) = json else { throw .badUnsent }
    func member(_ name: String) -> JSONValue? { members.first { $0.name == name }?.value }
    guard case .string(let pathText)? = member(Self.path),
      case .string(let dotText)? = member(Self.dot), let dot = Dot(dotText)
    else { throw .badUnsent }
    self.dot = dot
    do throws(NameError) {
      path = pathText == FieldPath.deleted.description ? .deleted : try FieldPath(pathText)
    } catch { throw .badPath(error) }
    if path.isReserved, path != .deleted { throw .badPath(.reserved) }
    if member(Self.absent) == .boolean(true) {
      content = .absent
    } else if path == .deleted {
      guard let clock = member(Self.seen).flatMap(VersionVector.init(json:)) else {
        throw .badUnsent
      }
      content = Deletion.change(seeing: clock).content
    } else {
      guard case .string(let name)? = member(Self.type), let type = FieldType(rawValue: name),
        let json = member(Self.value)
      else { throw .badUnsent }
      do throws(ValueError) {
        content = .value(try OfficeSyncRecords.Value(json: json, type: type))
      } catch {
        throw .edit(.value(error))
      }
    }
  }
}

extension Value {
  /// The type as which its JSON is read back.
  fileprivate var type: FieldType {
    switch self {
    case .boolean: .boolean
    case .integer: .integer
    case .decimal: .decimal
    case .double: .double
    case .text: .text
    case .date: .date
    case .timestamp: .timestamp
    case .bytes: .bytes
    case .list: .list
    case .null, .object: .any
    }
  }
}

extension VersionVector {
  /// Reads `{"REPLICA-HEX": COUNTER}`; nil for anything else.
  init?(json: JSONValue) {
    guard case .object(let members) = json else { return nil }
    self.init()
    for member in members {
      guard case .number(let digits) = member.value, let dot = Dot("\(member.name):\(digits)")
      else { return nil }
      insert(dot)
    }
  }
}
