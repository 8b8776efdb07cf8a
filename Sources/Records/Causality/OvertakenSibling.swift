/// A sibling that a later change put something else in the place of, as it was seen here.
public struct OvertakenSibling: Hashable, Sendable {
  public var path: FieldPath
  public var sibling: Sibling
  /// When it was overtaken here: milliseconds since 1970 UTC, by the store's hybrid clock.
  public var milliseconds: UInt64
  /// The write that came in its place; nil if none shows (its path came to hold what was here beside it).
  public var by: Dot?

  public init(path: FieldPath, sibling: Sibling, milliseconds: UInt64, by: Dot?) {
    self.path = path
    self.sibling = sibling
    self.milliseconds = milliseconds
    self.by = by
  }
}
