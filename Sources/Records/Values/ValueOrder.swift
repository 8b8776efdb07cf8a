extension Value {
  /// Whether people would call both the same: numbers by their size whatever their type or digits, texts by
  /// canonical equivalence (UAX #15), everything else by its bytes.
  public func isEquivalent(to other: Value) -> Bool {
    switch (self, other) {
    case (.text(let a), .text(let b)): return a == b
    case (.list(let a), .list(let b)):
      return a.count == b.count && zip(a, b).allSatisfy { $0.isEquivalent(to: $1) }
    case (.object(let a), .object(let b)):
      return a.members.count == b.members.count
        && zip(a.members, b.members).allSatisfy {
          $0.name == $1.name && $0.value.isEquivalent(to: $1.value)
        }
    default:
      if let a = number, let b = other.number { return a.compare(b) == 0 }
      return self == other
    }
  }

  /// The value as an exact number, if it is one.
  public var number: DecimalNumber? {
    switch self {
    case .integer(let value): DecimalNumber(value)
    case .decimal(let value): value
    case .double(let value): DecimalNumber(value.value)
    case .null, .boolean, .text, .date, .timestamp, .bytes, .list, .object: nil
    }
  }

  /// A total order over all values, for the policies `max` and `min`: by kind (null, boolean, number, date,
  /// timestamp, text, bytes, list, object), then by size; texts by their UTF-8 bytes. -1, 0 or 1.
  ///
  /// 0 does not mean equal: `1.5` and `1.50` are of one size.
  public func compare(_ other: Value) -> Int {
    if typeRank != other.typeRank { return typeRank < other.typeRank ? -1 : 1 }
    switch (self, other) {
    case (.boolean(let a), .boolean(let b)): return order(a ? 1 : 0, b ? 1 : 0)
    case (.date(let a), .date(let b)): return order(a, b)
    case (.timestamp(let a), .timestamp(let b)): return order(a, b)
    case (.text(let a), .text(let b)): return order(bytes: a.utf8, b.utf8)
    case (.bytes(let a), .bytes(let b)): return order(bytes: a, b)
    case (.list(let a), .list(let b)): return Value.compare(a, b)
    case (.object(let a), .object(let b)):
      for (x, y) in zip(a.members, b.members) {
        if x.name != y.name { return order(x.name, y.name) }
        let inner = x.value.compare(y.value)
        if inner != 0 { return inner }
      }
      return order(a.members.count, b.members.count)
    default:
      guard let a = number, let b = other.number else { return 0 }
      return a.compare(b)
    }
  }

  private static func compare(_ a: [Value], _ b: [Value]) -> Int {
    for (x, y) in zip(a, b) {
      let inner = x.compare(y)
      if inner != 0 { return inner }
    }
    return order(a.count, b.count)
  }
}

private func order<T: Comparable>(_ a: T, _ b: T) -> Int {
  a == b ? 0 : a < b ? -1 : 1
}

private func order(bytes a: some Sequence<UInt8>, _ b: some Sequence<UInt8>) -> Int {
  a.elementsEqual(b) ? 0 : a.lexicographicallyPrecedes(b) ? -1 : 1
}
