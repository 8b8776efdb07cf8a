/// The largest value is current (``Value/compare(_:)``), of one size the newest; a value goes before an absence.
public struct MaxPolicy: MergePolicy {
  public let shape = FieldShape.single
  public let listsDisagreement = false
  public let leavesDisagreementOpen = false

  public init() {}

  public func prefers(_ a: Sibling, to b: Sibling) -> Bool {
    a.goesBefore(b, ifSize: { $0 > 0 })
  }
}
