extension RecordEditor {
  /// The changes that write an earlier value of a path anew; none if it is there and undisputed.
  ///
  /// At a set's path its elements are meant: what the newest write did to them is taken back, or what `write` did is done
  /// again. At ``FieldPath/deleted`` the record is deleted or brought back. What stands in a journal stays.
  ///
  /// - Parameters:
  ///   - write: the write whose value is wanted; nil: the value before the current one.
  ///   - earlier: what was overtaken in the record, in that order.
  /// - Throws: ``EditError``, also for a value that the schema does not allow any more.
  public func changes(
    undoing path: FieldPath, to write: DotPattern?, in record: Record, earlier: [OvertakenSibling]
  ) throws(EditError) -> [Record.Change] {
    if path == .deleted {
      return try undoDeletion(to: write, in: record, earlier.filter { $0.path == .deleted })
    }
    let structure = schema.structure(at: path)
    if let structure, structure.rule.policy.behaviour.shape == .entries {
      throw EditError(structure.path, .appendOnly)
    }
    let isSet = structure?.path == path
    let fields = record.fields(atOrBelow: path).filter { isSet || $0.path == path }
    let rule = structure?.rule ?? schema.rule(for: path)
    let wanted: [Record.Change] =
      if let write {
        try written(as: write, in: fields, earlier, at: path)
      } else {
        try before(fields, earlier, rule, isElement: structure != nil, at: path)
      }
    var draft = WriteDraft(for: record)
    for change in wanted {
      if case .value(let value) = change.content {
        _ = try convert(.value(value), rule, at: change.path)
      }
      try draft.put(change.content, at: change.path)
    }
    return try draft.changes()
  }

  /// What one write put into these fields.
  private func written(
    as write: DotPattern, in fields: [Record.Field], _ earlier: [OvertakenSibling],
    at path: FieldPath
  ) throws(EditError) -> [Record.Change] {
    var found: [(path: FieldPath, sibling: Sibling)] = []
    for field in fields {
      let overtaken = earlier.filter { $0.path == field.path }.map(\.sibling)
      // Of names that were given twice, before a copied store was healed, the last holds.
      let sibling = (overtaken + field.siblings).last { write.matches($0.dot) }
      if let sibling { found.append((field.path, sibling)) }
    }
    guard let dot = found.first?.sibling.dot else { throw EditError(path, .unknownEarlier(write)) }
    if found.contains(where: { $0.sibling.dot != dot }) {
      throw EditError(path, .ambiguousEarlier(write))
    }
    return found.map { ($0.path, $0.sibling.content) }
  }

  /// What the fields that the newest write changed held before it.
  private func before(
    _ fields: [Record.Field], _ earlier: [OvertakenSibling], _ rule: FieldRule, isElement: Bool,
    at path: FieldPath
  ) throws(EditError) -> [Record.Change] {
    let policy = rule.policy.behaviour
    if !isElement, fields.contains(where: { policy.reading(of: $0.siblings).count > 1 }) {
      throw EditError(path, .contested)
    }
    guard let newest = fields.flatMap(\.siblings).max(by: { $1.isNewer(than: $0) }) else {
      throw EditError(path, .noEarlierValue)
    }
    var changes: [Record.Change] = []
    for field in fields where field.siblings.contains(where: { $0.dot == newest.dot }) {
      guard let current = policy.current(of: field.siblings) else { continue }
      if let content = content(before: current, earlier.filter { $0.path == field.path }, policy) {
        changes.append((field.path, content))
      } else if isElement, current.value != nil {
        // Before an element was added it was not there.
        changes.append((field.path, .absent))
      } else {
        throw EditError(path, .noEarlierValue)
      }
    }
    return changes
  }

  /// The last thing that was different; of several that went together the one that was shown.
  private func content(
    before current: Sibling, _ earlier: [OvertakenSibling], _ policy: some MergePolicy
  ) -> Sibling.Content? {
    let different = earlier.filter { !$0.sibling.content.isEquivalent(to: current.content) }
    guard let last = different.last else { return nil }
    let together = different.filter { $0.milliseconds == last.milliseconds && $0.by == last.by }
    return policy.current(of: together.map(\.sibling))?.content
  }

  private func undoDeletion(
    to write: DotPattern?, in record: Record, _ earlier: [OvertakenSibling]
  ) throws(EditError) -> [Record.Change] {
    let siblings = record.siblings(at: .deleted)
    let state = DeletionState(of: record)
    let deletes: Bool
    if let write {
      let known = earlier.map(\.sibling) + siblings
      guard let wanted = known.last(where: { write.matches($0.dot) }) else {
        throw EditError(.deleted, .unknownEarlier(write))
      }
      deletes = wanted.value != nil
    } else if !state.conflict.isEmpty {
      throw EditError(.deleted, .contested)
    } else if siblings.isEmpty {
      throw EditError(.deleted, .noEarlierValue)
    } else {
      // It was deleted, or brought back from that.
      deletes = !state.isDeleted
    }
    return deletes ? record.deletion : record.undeletion
  }
}
