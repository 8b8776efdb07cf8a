/// Nested JSON ↔ paths with leaves: the two forms in which people and records hold the same fields.
///
/// A leaf is a scalar, a list or the empty object. Where a path holds a value and has fields below it, JSON shows an
/// object with the value under `$value`.
public enum Flatten {
  public typealias Leaf = (path: FieldPath, value: JSONValue)

  /// The member that holds an object's own value.
  public static let ownValue = "$value"

  /// The leaves of an object, in the order of the document. Keys are brought to NFC and escaped.
  ///
  /// - Parameter path: where the object stands in the record; nil for the record itself.
  /// - Throws: ``FlattenError``
  public static func leaves(
    of object: JSONValue, below path: FieldPath? = nil
  ) throws(FlattenError) -> [Leaf] {
    var names = KnownNames()
    return try leaves(of: object, below: path, &names)
  }

  /// The same; what `names` knows costs less.
  static func leaves(
    of object: JSONValue, below path: FieldPath? = nil, _ names: inout KnownNames
  ) throws(FlattenError) -> [Leaf] {
    guard case .object(let members) = object else {
      throw FlattenError(path: path?.description ?? "", reason: .notAnObject)
    }
    var leaves: [Leaf] = []
    leaves.reserveCapacity(members.count)
    if members.isEmpty, let path {
      leaves.append((path, object))
    } else {
      try append(members, below: path, to: &leaves, &names)
    }
    // Names in one object differ, and only those that are composed can become the same.
    var seen: Set<FieldPath> = []
    for leaf in leaves where leaf.path.key.bytes.contains(where: { $0 >= 0x80 }) {
      if !seen.insert(leaf.path).inserted {
        throw FlattenError(path: leaf.path.description, reason: .writtenTwice)
      }
    }
    return leaves
  }

  /// The object that has these leaves, keys in byte order. An empty object at a path that has fields below it is just
  /// that object.
  ///
  /// - Parameter leaves: each path once, in any order.
  public static func nest(_ leaves: [Leaf]) -> JSONValue {
    let ordered = leaves.map { (segments: $0.path.segments, value: $0.value, path: $0.path) }
      .sorted { precedes($0.path, $1.path) }
    return .object(members(ordered.map { ($0.segments, $0.value) }[...], depth: 0))
  }

  private static func append(
    _ members: [JSONMember], below path: FieldPath?, to leaves: inout [Leaf],
    _ names: inout KnownNames
  ) throws(FlattenError) {
    for member in members {
      if member.name.utf8.first == UInt8(ascii: "$") {
        guard let path, member.name == ownValue else {
          throw FlattenError(path: shown(path, member.name), reason: .name(.reserved))
        }
        if case .object(let inner) = member.value, !inner.isEmpty {
          throw FlattenError(path: shown(path, member.name), reason: .ownValueIsObject)
        }
        leaves.append((path, member.value))
        continue
      }
      let deeper: FieldPath
      do throws(NameError) {
        deeper =
          if let path { try path.appending(member.name) } else { try names.path(of: member.name) }
      } catch {
        throw FlattenError(path: shown(path, member.name), reason: .name(error))
      }
      if case .object(let inner) = member.value, !inner.isEmpty {
        // Segments are limited in number, so the recursion is too.
        try append(inner, below: deeper, to: &leaves, &names)
      } else {
        leaves.append((deeper, member.value))
      }
    }
  }

  private static func shown(_ path: FieldPath?, _ name: String) -> String {
    path.map { "\($0)/\(name)" } ?? name
  }

  /// Byte order by segments: `a` right before `a/b`, and `a b` after both.
  private static func precedes(_ a: FieldPath, _ b: FieldPath) -> Bool {
    let slash = UInt8(ascii: "/")
    for (x, y) in zip(a.key.bytes, b.key.bytes) where x != y {
      return x == slash || (y != slash && x < y)
    }
    return a.key.bytes.count < b.key.bytes.count
  }

  private static func members(
    _ leaves: ArraySlice<(segments: [String], value: JSONValue)>, depth: Int
  ) -> [JSONMember] {
    var members: [JSONMember] = []
    var rest = leaves
    while let first = rest.first {
      let key = first.segments[depth]
      let group = rest.prefix { $0.segments[depth] == key }
      rest = rest.dropFirst(group.count)
      let ownsValue = first.segments.count == depth + 1
      if ownsValue, group.count == 1 {
        members.append(JSONMember(key, first.value))
        continue
      }
      var inner = Self.members(ownsValue ? group.dropFirst() : group, depth: depth + 1)
      if ownsValue, first.value != .object([]) {
        inner.insert(JSONMember(ownValue, first.value), at: 0)
      }
      members.append(JSONMember(key, .object(inner)))
    }
    return members
  }
}

/// The names of a record's members that were met before, with their paths: the lines of a file have mostly the same.
public struct KnownNames {
  private static let countMax = 1_024
  private var paths: [String: FieldPath] = [:]

  public init() {}

  /// - Throws: ``NameError``
  mutating func path(of name: String) throws(NameError) -> FieldPath {
    // Names that are canonically equivalent have one path.
    if let known = paths[name] { return known }
    let path = try FieldPath(segments: [name])
    if paths.count < Self.countMax { paths[name] = path }
    return path
  }
}

/// Why nested JSON does not flatten to paths.
public struct FlattenError: Error, Hashable, Sendable {
  /// As far as it could be told.
  public let path: String
  public let reason: Reason

  public enum Reason: Hashable, Sendable {
    case notAnObject
    case name(NameError)
    case ownValueIsObject
    case writtenTwice
  }
}

extension FlattenError: CustomStringConvertible {
  public var description: String { path.isEmpty ? "\(reason)" : "\(path): \(reason)" }
}

extension FlattenError.Reason: CustomStringConvertible {
  public var description: String {
    switch self {
    case .notAnObject: "a JSON object belongs here"
    case .name(let error): error.description
    case .ownValueIsObject: "\(Flatten.ownValue) holds a value, not an object with members"
    case .writtenTwice: "it is written twice"
    }
  }
}
