/// How the siblings of one field become what a reader sees.
///
/// A policy never changes what is stored, so replicas converge whatever schema they hold. It looks at siblings as a
/// set: their order does not matter.
public protocol MergePolicy: Sendable {
  /// How JSON shows a field of this policy.
  var shape: FieldShape { get }
  /// Whether differing siblings are listed as a conflict.
  var listsDisagreement: Bool { get }
  /// Whether a listed conflict waits for a person to settle it.
  var leavesDisagreementOpen: Bool { get }
  /// Whether a reader sees `a` and not `b`: a strict total order over siblings with different dots.
  func prefers(_ a: Sibling, to b: Sibling) -> Bool
}

/// Where a field keeps its values and how JSON shows them.
public enum FieldShape: Hashable, Sendable {
  /// At its own path.
  case single
  /// Each element at a path of its own, one segment below; shown as a list in the order of segments.
  case elements
  /// Each entry at a path of its own, one segment below; shown as a list in time order.
  case entries
}

extension MergePolicy {
  /// The siblings that differ, the current one first, then by time, newest first. Of siblings whose contents are
  /// equivalent one stands for all: the current one, else the newest.
  public func reading(of siblings: [Sibling]) -> [Sibling] {
    if siblings.count <= 1 { return siblings }
    let current = siblings.indices.max { prefers(siblings[$1], to: siblings[$0]) }
    var distinct = current.map { [siblings[$0]] } ?? []
    for sibling in siblings.sorted(by: { $0.isNewer(than: $1) })
    where !distinct.contains(where: { $0.content.isEquivalent(to: sibling.content) }) {
      distinct.append(sibling)
    }
    return distinct
  }

  /// The sibling that a reader sees; nil if there are none.
  public func current(of siblings: [Sibling]) -> Sibling? {
    reading(of: siblings).first
  }
}

extension Sibling {
  /// By hybrid time, ties by dot.
  public func isNewer(than other: Sibling) -> Bool {
    write.time != other.write.time ? write.time > other.write.time : dot > other.dot
  }

  /// A value goes before an absence; of two values or two absences the newest goes first.
  func goesBefore(_ other: Sibling) -> Bool {
    (value == nil) != (other.value == nil) ? value != nil : isNewer(than: other)
  }

  /// As ``goesBefore(_:)``, but of two values of different size the one whose order to the other (``Value/compare(_:)``)
  /// `wins`.
  func goesBefore(_ other: Sibling, ifSize wins: (Int) -> Bool) -> Bool {
    if let value, let otherValue = other.value {
      let order = value.compare(otherValue)
      if order != 0 { return wins(order) }
    }
    return goesBefore(other)
  }
}

extension Sibling.Content {
  /// Whether people would call both the same; see ``Value/isEquivalent(to:)``.
  public func isEquivalent(to other: Sibling.Content) -> Bool {
    if case .value(let a) = self, case .value(let b) = other { return a.isEquivalent(to: b) }
    return self == other
  }
}
