/// Each element is a field of its own below the set's path, so that adding and removing different elements never meet.
/// Where one element was added and removed concurrently, it stays.
public struct SetPolicy: MergePolicy {
  public let shape = FieldShape.elements
  public let listsDisagreement = false
  public let leavesDisagreementOpen = false

  public init() {}

  public func prefers(_ a: Sibling, to b: Sibling) -> Bool { a.goesBefore(b) }
}
