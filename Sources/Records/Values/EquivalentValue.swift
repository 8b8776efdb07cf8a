/// A value under the equality that people use: ``Value/isEquivalent(to:)``.
///
/// It makes sets of equivalent values quick, where comparing each with each would be quadratic.
struct EquivalentValue: Hashable {
  let value: Value

  init(_ value: Value) {
    self.value = value
  }

  static func == (a: EquivalentValue, b: EquivalentValue) -> Bool {
    a.value.isEquivalent(to: b.value)
  }

  func hash(into hasher: inout Hasher) {
    hasher.combine(value.typeRank)
    switch value {
    // Swift hashes texts by canonical equivalence, as they are compared here.
    case .text(let text): hasher.combine(text)
    case .list(let items): for item in items { hasher.combine(EquivalentValue(item)) }
    case .object(let object): hasher.combine(object.members.map(\.name))
    case .integer, .decimal, .double: value.number?.hashSize(into: &hasher)
    case .null, .boolean, .date, .timestamp, .bytes: hasher.combine(value)
    }
  }
}
