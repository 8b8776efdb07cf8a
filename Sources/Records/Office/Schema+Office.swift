extension Schema {
  /// What the offices' own collection holds. It is the same everywhere, whatever anybody writes.
  public static let office = Schema(
    trusted: [
      FieldPattern(GrantSheet.Right.read.pattern): FieldRule(type: .boolean, policy: .min),
      FieldPattern(GrantSheet.Right.write.pattern): FieldRule(type: .boolean, policy: .min),
      FieldPattern(ReplicaEntry.ownerPath): FieldRule(type: .text, policy: .manual),
      FieldPattern(ReplicaEntry.retiredPath): FieldRule(type: .timestamp, policy: .min),
      FieldPattern(RevocationEntry.listPath): FieldRule(type: .bytes),
      FieldPattern(RevocationEntry.issuerPath): FieldRule(type: .bytes),
    ], problems: [])

  /// The schema in force in a collection.
  /// - Parameter record: the collection's `$schema` record, if there is one.
  public static func inForce(
    in collection: CollectionName, record: @autoclosure () throws -> Record?
  ) rethrows -> Schema {
    if collection == .office { return .office }
    return try record().map { Schema(record: $0) } ?? .none
  }
}
