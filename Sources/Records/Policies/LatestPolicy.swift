/// The newest sibling is current; the others are kept and listed, but nothing is open.
public struct LatestPolicy: MergePolicy {
  public let shape = FieldShape.single
  public let listsDisagreement = true
  public let leavesDisagreementOpen = false

  public init() {}

  public func prefers(_ a: Sibling, to b: Sibling) -> Bool { a.isNewer(than: b) }
}
