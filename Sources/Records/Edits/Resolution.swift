/// What somebody decides about a conflict.
public enum Resolution: Hashable, Sendable {
  /// Take one of the siblings.
  case take(Choice)
  /// Take another value. Of a deletion `true` means deleted, `false` not.
  case value(UserValue)
  /// The field is to hold nothing. Of a deletion: the record lives on.
  case absent

  public enum Choice: Hashable, Sendable {
    /// The one that this write put there.
    case dot(Dot)
    /// The n-th as they are listed, from 1.
    case number(Int)
    /// What this identity wrote, if it is one value.
    case author(Identity)

    /// Reads what stands after `--take`: a dot, a number or an author; nil for anything else.
    public init?(taking text: String) {
      if let number = Int(text), number > 0 {
        self = .number(number)
      } else if let dot = Dot(text) {
        self = .dot(dot)
      } else if let author = try? Identity(text) {
        self = .author(author)
      } else {
        return nil
      }
    }
  }
}

extension RecordEditor {
  /// The change that settles the siblings of a path: written with the record's clock as context it supersedes them all.
  /// None if there is but one sibling and it is what was chosen.
  ///
  /// The path ``FieldPath/deleted`` settles a delete/edit conflict: taking a deletion deletes again, knowing all edits;
  /// taking an edit brings the record back.
  ///
  /// - Throws: ``EditError``. A sibling may be taken also if it does not fit the schema: it is there.
  public func changes(
    resolving path: FieldPath, by resolution: Resolution, in record: Record
  ) throws(EditError) -> [Record.Change] {
    if path == .deleted { return try settleDeletion(by: resolution, in: record) }
    let siblings = record.siblings(at: path)
    if siblings.isEmpty { throw EditError(path, .unknownPath) }
    if let structure = schema.structure(at: path) {
      throw EditError(path, .below(structure.path, structure.rule.policy))
    }
    let rule = schema.rule(for: path)
    let content: Sibling.Content =
      switch resolution {
      case .absent: .absent
      case .value(let value): .value(try convert(value, rule, at: path))
      case .take(let choice):
        try choose(
          choice, among: siblings, listed: rule.policy.behaviour.reading(of: siblings), at: path
        ).content
      }
    var draft = WriteDraft(for: record)
    try draft.put(content, at: path)
    return try draft.changes()
  }

  private func settleDeletion(
    by resolution: Resolution, in record: Record
  ) throws(EditError) -> [Record.Change] {
    let state = DeletionState(of: record)
    let siblings = state.conflict.isEmpty ? record.siblings(at: .deleted) : state.conflict
    if siblings.isEmpty { throw EditError(.deleted, .unknownPath) }
    let isDeleted: Bool
    switch resolution {
    case .absent: isDeleted = false
    case .value(let value):
      do throws(ValueError) {
        isDeleted = try value.value(type: .boolean) == .boolean(true)
      } catch {
        throw EditError(.deleted, .value(error))
      }
    case .take(let choice):
      let chosen = try choose(choice, among: siblings, listed: siblings, at: .deleted)
      isDeleted = chosen.value != nil
    }
    return isDeleted ? record.deletion : record.undeletion
  }

  private func choose(
    _ choice: Resolution.Choice, among siblings: [Sibling], listed: [Sibling], at path: FieldPath
  ) throws(EditError) -> Sibling {
    switch choice {
    case .dot(let dot):
      guard let sibling = siblings.first(where: { $0.dot == dot }) else {
        throw EditError(path, .unknownDot(dot))
      }
      return sibling
    case .number(let number):
      guard listed.indices.contains(number - 1) else {
        throw EditError(path, .noSuchNumber(number, count: listed.count))
      }
      return listed[number - 1]
    case .author(let author):
      let own = siblings.filter { $0.write.author == author }
      guard let newest = LatestPolicy().current(of: own) else {
        throw EditError(path, .unknownAuthor(author))
      }
      let agree = own.allSatisfy {
        path == .deleted
          ? ($0.value == nil) == (newest.value == nil)
          : $0.content.isEquivalent(to: newest.content)
      }
      if !agree { throw EditError(path, .ambiguousAuthor(author)) }
      return newest
    }
  }
}

extension Record {
  /// The change that deletes the record; none if it is deleted beyond dispute, or was never written.
  public var deletion: [Change] {
    fields.isEmpty || DeletionState(of: self).isDeleted ? [] : [Deletion.change(seeing: clock)]
  }

  /// The change that brings the record back; none if nobody deleted it.
  public var undeletion: [Change] {
    states(.absent, at: .deleted) ? [] : [Deletion.undeletion]
  }
}
