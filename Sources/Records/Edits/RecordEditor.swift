/// Turns what a user says into the changes of one write, checked against the schema and the limits.
public struct RecordEditor: Sendable {
  public let schema: Schema
  /// Who writes.
  public let replica: ReplicaID
  /// The segment under which a set keeps an element: the first 16 bytes of SHA-256 of the value's encoding, in hex. Handed
  /// in, as this module knows neither hash nor encoding.
  let elementSegment: @Sendable (Value) -> String

  public init(
    schema: Schema, replica: ReplicaID, elementSegment: @escaping @Sendable (Value) -> String
  ) {
    self.schema = schema
    self.replica = replica
    self.elementSegment = elementSegment
  }

  /// The changes that `edits` ask for, sorted by path; none if the record says all of it already.
  ///
  /// A value equal to the current one (same bytes, nothing differing beside it) is no change.
  ///
  /// - Parameters:
  ///   - record: the record as it stands.
  ///   - nextTime: a fresh reading of the replica's clock; asked for once an entry added to a journal.
  /// - Throws: ``EditError``
  public func changes(
    _ edits: [Edit], to record: Record, nextTime: () -> HybridTime
  ) throws(EditError) -> [Record.Change] {
    var draft = WriteDraft(for: record)
    var (stated, extended) = (Set<FieldPath>(), Set<FieldPath>())
    for edit in edits {
      let path = edit.path
      if path.isReserved { throw EditError(path, .reserved) }
      let isWhole =
        switch edit {
        case .set, .unset: true
        case .add, .remove: false
        }
      // A list states a whole set: it and += say different things of one set.
      let isKnown = stated.contains(path) || (isWhole && extended.contains(path))
      if isKnown { throw EditError(path, .writtenTwice) }
      switch edit {
      case .set(_, let value):
        let structure = schema.structure(at: path)
        // A plain value's path is known to the draft, and a hash of each path of a row is a tenth of what judging it costs.
        if structure != nil || !value.isPlain {
          if draft.names(path) { throw EditError(path, .writtenTwice) }
          stated.insert(path)
        }
        try set(path, structure, to: value, in: &draft, nextTime)
      case .unset:
        stated.insert(path)
        try unset(path, in: &draft)
      case .add(_, let value):
        extended.insert(path)
        try add(value, to: path, in: &draft, nextTime)
      case .remove(_, let value):
        extended.insert(path)
        try remove(value, from: path, in: &draft)
      }
    }
    return try draft.changes()
  }

  private func set(
    _ path: FieldPath, _ structure: Schema.Structure?, to value: UserValue,
    in draft: inout WriteDraft, _ nextTime: () -> HybridTime
  ) throws(EditError) {
    if let structure {
      guard structure.path == path else { throw below(structure, path) }
      guard case .array(let items) = value.json else {
        throw EditError(path, .notAList(structure.rule.policy))
      }
      if structure.rule.policy.behaviour.shape == .entries {
        try addMissing(items, to: path, structure.rule, in: &draft, nextTime)
      } else {
        try state(items, of: path, structure.rule, in: &draft)
      }
      return
    }
    let rule = schema.rule(for: path)
    guard rule.type == .any, case .object(let members) = value.json, !members.isEmpty else {
      try draft.put(.value(convert(value, rule, at: path)), at: path)
      return
    }
    let leaves: [Flatten.Leaf]
    do {
      leaves = try Flatten.leaves(of: .object(members), below: path)
    } catch {
      throw EditError(path, .flatten(error))
    }
    for leaf in leaves {
      // A leaf is never an object with members: this goes one level deep.
      let structure = schema.structure(at: leaf.path)
      try set(leaf.path, structure, to: .json(leaf.value), in: &draft, nextTime)
    }
  }

  private func unset(_ path: FieldPath, in draft: inout WriteDraft) throws(EditError) {
    if let structure = schema.structure(at: path), structure.path != path {
      throw below(structure, path)
    }
    try draft.put(.absent, at: path, mayRepeat: true)
    for field in draft.record.fields(atOrBelow: path) {
      let structure = schema.structure(at: field.path)
      if structure?.rule.policy.behaviour.shape == .entries,
        field.siblings.contains(where: { $0.value != nil })
      {
        throw EditError(structure?.path, .appendOnly)
      }
      try draft.put(.absent, at: field.path, mayRepeat: true)
    }
  }

  private func add(
    _ value: UserValue, to path: FieldPath, in draft: inout WriteDraft,
    _ nextTime: () -> HybridTime
  ) throws(EditError) {
    guard let structure = schema.structure(at: path) else {
      throw EditError(path, .notASetOrJournal)
    }
    guard structure.path == path else { throw below(structure, path) }
    if structure.rule.policy.behaviour.shape == .entries {
      try append(entry(value, structure.rule, at: path), to: path, in: &draft, nextTime)
    } else {
      try addElement(convert(value, structure.rule, at: path), to: path, in: &draft)
    }
  }

  private func remove(
    _ value: UserValue, from path: FieldPath, in draft: inout WriteDraft
  ) throws(EditError) {
    guard let structure = schema.structure(at: path) else { throw EditError(path, .notASet) }
    guard structure.path == path else { throw below(structure, path) }
    switch structure.rule.policy.behaviour.shape {
    case .entries: throw EditError(path, .appendOnly)
    case .single, .elements:
      // What does not fit the schema must be removable too.
      let value = (try? value.value(type: structure.rule.type)) ?? (try? value.value(type: .any))
      guard let value else { throw EditError(path, .value(.notOfType(structure.rule.type))) }
      try removeElement(value, from: path, in: &draft)
    }
  }

  /// The value that a rule makes of what the user gave.
  func convert(
    _ value: UserValue, _ rule: FieldRule, at path: FieldPath
  ) throws(EditError) -> Value {
    let converted: Value
    do {
      converted = try value.value(type: rule.type)
    } catch {
      throw EditError(path, .value(error))
    }
    if !rule.allows(converted) {
      throw EditError(path, .notAllowed(converted, allowed: rule.allowed ?? []))
    }
    return converted
  }

  func child(_ segment: String, of path: FieldPath) throws(EditError) -> FieldPath {
    do throws(NameError) {
      return try path.appending(segment)
    } catch {
      throw EditError(path, .name(error))
    }
  }

  private func below(
    _ structure: Schema.Structure, _ path: FieldPath
  ) -> EditError {
    EditError(path, .below(structure.path, structure.rule.policy))
  }
}
