/// What `$deleted` holds: the clock that the deletion saw, so that everybody can tell an edit that was made without
/// knowing of it.
///
/// The clock is a list of replica IDs (bytes) and counters (integers) by turns.
public enum Deletion {
  static func value(seeing clock: VersionVector) -> Value {
    .list(
      clock.entries.flatMap { [.bytes($0.replica.bytes), .integer(Int64($0.counter))] })
  }

  /// The change that deletes a record.
  public static func change(seeing clock: VersionVector) -> (
    path: FieldPath, content: Sibling.Content
  ) {
    (.deleted, .value(value(seeing: clock)))
  }

  /// The change that brings a record back.
  public static var undeletion: (path: FieldPath, content: Sibling.Content) { (.deleted, .absent) }

  /// One deletion of which two stores hold different clocks, because one of them has heard of a renaming and the other has
  /// not yet: it saw what either says. nil if this is not what they differ in.
  static func joined(_ a: Sibling, _ b: Sibling) -> Sibling? {
    guard a.dot == b.dot, a.write == b.write, let left = a.value.flatMap(clock),
      let right = b.value.flatMap(clock)
    else { return nil }
    return Sibling(dot: a.dot, write: a.write, content: .value(value(seeing: left.joined(right))))
  }

  /// The clock that a deletion saw; nil for a value of another shape.
  public static func clock(in value: Value) -> VersionVector? {
    guard case .list(let items) = value, items.count.isMultiple(of: 2) else { return nil }
    var entries: [Dot] = []
    for index in stride(from: 0, to: items.count, by: 2) {
      guard case .bytes(let bytes) = items[index], let replica = ReplicaID(bytes: bytes),
        case .integer(let counter) = items[index + 1], counter > 0, counter <= Int64(Dot.counterMax)
      else { return nil }
      entries.append(Dot(replica, UInt64(counter)))
    }
    return VersionVector(sorted: entries)
  }
}
