/// The newest sibling is shown, and the conflict stays open until a person resolves it: for money, status and
/// whatever else nobody should decide by a clock.
public struct ManualPolicy: MergePolicy {
  public let shape = FieldShape.single
  public let listsDisagreement = true
  public let leavesDisagreementOpen = true

  public init() {}

  public func prefers(_ a: Sibling, to b: Sibling) -> Bool { a.isNewer(than: b) }
}
