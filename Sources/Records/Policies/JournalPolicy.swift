/// Entries are only ever added, each a field of its own below the journal's path, and read in time order.
public struct JournalPolicy: MergePolicy {
  public let shape = FieldShape.entries
  public let listsDisagreement = false
  public let leavesDisagreementOpen = false

  public init() {}

  /// One path holds one entry; siblings arise just where somebody without the schema wrote over it. Then the entry
  /// goes before its removal.
  public func prefers(_ a: Sibling, to b: Sibling) -> Bool { a.goesBefore(b) }
}
