/// What a field can hold.
///
/// `==` means the same bytes: texts are kept as typed, so `1.5` and `1.50`, or `é` composed and decomposed, are two
/// values here. ``isEquivalent(to:)`` asks whether people would call them the same.
public enum Value: Sendable {
  case null
  case boolean(Bool)
  case integer(Int64)
  case decimal(DecimalNumber)
  /// Finite; negative zero is kept apart from zero.
  case double(FiniteDouble)
  case text(String)
  case date(CivilDate)
  case timestamp(Timestamp)
  case bytes([UInt8])
  case list([Value])
  /// As a field's own value only the empty object occurs (others flatten to paths); within a list any may.
  case object(ObjectValue)

  /// Lists and objects nest no deeper than this.
  public static let depthMax = 32
}

/// A double that is neither infinite nor NaN, compared by its bits.
public struct FiniteDouble: Hashable, Sendable {
  public let value: Double

  public init?(_ value: Double) {
    guard value.isFinite else { return nil }
    self.value = value
  }

  public static func == (a: FiniteDouble, b: FiniteDouble) -> Bool {
    a.value.bitPattern == b.value.bitPattern
  }

  public func hash(into hasher: inout Hasher) { hasher.combine(value.bitPattern) }
}

/// An object inside a list: members sorted by the UTF-8 bytes of their names, each name once.
public struct ObjectValue: Hashable, Sendable {
  public struct Member: Hashable, Sendable {
    public let name: ByteString
    public let value: Value
  }

  public static let empty = ObjectValue(trusted: [])

  public let members: [Member]

  private init(trusted members: [Member]) {
    self.members = members
  }

  /// Takes members in any order; nil if a name occurs twice.
  public init?(_ members: [(name: String, value: Value)]) {
    let sorted = members.map {
      Member(name: ByteString(trusted: Array($0.name.utf8)), value: $0.value)
    }
    .sorted { $0.name < $1.name }
    guard zip(sorted, sorted.dropFirst()).allSatisfy({ $0.name != $1.name }) else { return nil }
    self.init(trusted: sorted)
  }
}

extension Value: Hashable {
  public static func == (a: Value, b: Value) -> Bool {
    switch (a, b) {
    case (.null, .null): true
    case (.boolean(let a), .boolean(let b)): a == b
    case (.integer(let a), .integer(let b)): a == b
    case (.decimal(let a), .decimal(let b)): a == b
    case (.double(let a), .double(let b)): a == b
    case (.text(let a), .text(let b)): a.utf8.elementsEqual(b.utf8)
    case (.date(let a), .date(let b)): a == b
    case (.timestamp(let a), .timestamp(let b)): a == b
    case (.bytes(let a), .bytes(let b)): a == b
    case (.list(let a), .list(let b)): a == b
    case (.object(let a), .object(let b)): a == b
    case (.null, _), (.boolean, _), (.integer, _), (.decimal, _), (.double, _), (.text, _),
      (.date, _), (.timestamp, _), (.bytes, _), (.list, _), (.object, _):
      false
    }
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(typeRank)
    switch self {
    case .null: break
    case .boolean(let value): hasher.combine(value)
    case .integer(let value): hasher.combine(value)
    case .decimal(let value): hasher.combine(value)
    case .double(let value): hasher.combine(value)
    case .text(let value):
      for byte in value.utf8 { hasher.combine(byte) }
      hasher.combine(UInt8.max)
    case .date(let value): hasher.combine(value)
    case .timestamp(let value): hasher.combine(value)
    case .bytes(let value): hasher.combine(value)
    case .list(let value): hasher.combine(value)
    case .object(let value): hasher.combine(value)
    }
  }

  /// The place of the value's type in the total order of values.
  var typeRank: UInt8 {
    switch self {
    case .null: 0
    case .boolean: 1
    case .integer, .decimal, .double: 2
    case .date: 3
    case .timestamp: 4
    case .text: 5
    case .bytes: 6
    case .list: 7
    case .object: 8
    }
  }
}
