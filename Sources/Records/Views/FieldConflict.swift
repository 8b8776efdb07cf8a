/// A field whose siblings differ and whose policy lists that.
public struct FieldConflict: Hashable, Sendable {
  public let path: FieldPath
  /// The policy's name; of the delete/edit conflict, at ``FieldPath/deleted``, always `manual`.
  public let policy: Policy
  /// Whether it waits for a person. In a deleted record nothing does.
  public let isOpen: Bool
  /// The current one first, then by time, newest first. See ``DeletionState/conflict`` for those of a deletion.
  public let siblings: [Sibling]
}
