/// What a reader sees of a record under a schema: values after policy, and where people disagreed.
public struct RecordView: Sendable {
  public let record: Record
  public let schema: Schema
  /// Deleted beyond dispute. The values below stay as they were and are shown still.
  public let isDeleted: Bool
  /// A delete/edit conflict first, then by path.
  public let conflicts: [FieldConflict]

  /// O(paths); the rest is worked out when it is asked for.
  public init(_ record: Record, schema: Schema = .none) {
    self.record = record
    self.schema = schema
    let deletion = DeletionState(of: record)
    isDeleted = deletion.isDeleted
    var conflicts: [FieldConflict] = []
    if !deletion.conflict.isEmpty {
      conflicts.append(
        FieldConflict(
          path: .deleted, policy: .manual, isOpen: true, siblings: deletion.conflict))
    }
    for field in record.fields where field.siblings.count > 1 && field.path != .deleted {
      guard schema.structure(at: field.path) == nil else { continue }
      let policy = schema.rule(for: field.path).policy
      guard policy.behaviour.listsDisagreement else { continue }
      let siblings = policy.behaviour.reading(of: field.siblings)
      if siblings.count > 1 {
        let isOpen = policy.behaviour.leavesDisagreementOpen && !deletion.isDeleted
        conflicts.append(
          FieldConflict(path: field.path, policy: policy, isOpen: isOpen, siblings: siblings))
      }
    }
    self.conflicts = conflicts
  }

  public var openConflictCount: Int { conflicts.count { $0.isOpen } }

  /// The current values as nested JSON. A set is a list in the order of its segments, a journal a list of
  /// `{"at","author","value"}` in time order; an absent field is left out.
  public var fields: JSONValue { Flatten.nest(leaves) }

  /// The current values, sorted by path; sets and journals as lists at theirs.
  public var leaves: [Flatten.Leaf] {
    var leaves: [Flatten.Leaf] = []
    leaves.reserveCapacity(record.fields.count)
    var structures: [FieldPath: [Record.Field]] = [:]
    for field in record.fields where field.path != .deleted {
      if let structure = schema.structure(at: field.path) {
        structures[structure.path, default: []].append(field)
      } else if let value = current(field)?.value {
        leaves.append((field.path, value.json))
      }
    }
    if structures.isEmpty { return leaves }
    for (path, fields) in structures {
      let policy = schema.rule(for: path).policy.behaviour
      let items: [JSONValue] =
        switch policy.shape {
        case .single, .elements: Structure.elements(of: fields, at: path).map(\.value.json)
        case .entries: Structure.entries(of: fields, at: path).map(\.json)
        }
      if !items.isEmpty { leaves.append((path, .array(items))) }
    }
    return leaves.sorted { $0.path < $1.path }
  }

  /// The current value at a path; nil if it is absent, or if the path is a set's or a journal's own.
  public func value(at path: FieldPath) -> Value? {
    policy(at: path).current(of: record.siblings(at: path))?.value
  }

  /// Which of a path's siblings a reader sees: a set's or a journal's own policy for what stands below it.
  public func policy(at path: FieldPath) -> any MergePolicy {
    (schema.structure(at: path)?.rule ?? schema.rule(for: path)).policy.behaviour
  }

  /// Paths whose current value came from elsewhere and does not fit the schema: of another type, not among the allowed
  /// values, or not where a set or a journal keeps its own.
  public var misfits: [FieldPath] {
    if schema.rules.isEmpty { return [] }
    return record.fields.filter { field in
      guard field.path != .deleted, let value = current(field)?.value else { return false }
      guard let structure = schema.structure(at: field.path) else {
        return !schema.rule(for: field.path).admits(value)
      }
      let isElement = field.path.depth == structure.path.depth + 1
      return !isElement || !structure.rule.admits(value)
    }.map(\.path)
  }

  private func current(_ field: Record.Field) -> Sibling? {
    if field.siblings.count == 1 { return field.siblings[0] }
    return policy(at: field.path).current(of: field.siblings)
  }
}
