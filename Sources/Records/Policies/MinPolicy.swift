/// The smallest value is current (``Value/compare(_:)``), of one size the newest; a value goes before an absence.
public struct MinPolicy: MergePolicy {
  public let shape = FieldShape.single
  public let listsDisagreement = false
  public let leavesDisagreementOpen = false

  public init() {}

  public func prefers(_ a: Sibling, to b: Sibling) -> Bool {
    switch (a.value, b.value) {
    case (let x?, let y?):
      let order = x.compare(y)
      return order != 0 ? order < 0 : a.isNewer(than: b)
    case (nil, nil): return a.isNewer(than: b)
    case (_?, nil): return true
    case (nil, _?): return false
    }
  }
}
