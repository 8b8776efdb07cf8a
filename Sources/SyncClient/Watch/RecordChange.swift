import OfficeSyncRecords

/// What became of a record between two looks at its store.
struct RecordChange {
  /// A value that a write put at a path meanwhile, or the absence that it left there.
  struct Entry {
    let path: FieldPath
    let sibling: Sibling
    /// What stood there before, as far as it is kept; the current one first.
    let former: [Sibling]
  }

  let collection: CollectionName
  let id: RecordID
  let view: RecordView
  /// By write, the oldest first; those of one write by path.
  let entries: [Entry]

  /// - Parameters:
  ///   - history: what changes overtook in the record.
  ///   - before: what the store knew of the collection at the first look.
  ///   - now: what it knows at the second; what came ahead of that shows when the store knows it.
  /// - Returns: nil if no value of the record came in between.
  init?(
    _ collection: CollectionName, _ id: RecordID, _ view: RecordView,
    history: [OvertakenSibling], since before: VersionVector, through now: VersionVector
  ) {
    var entries: [Entry] = []
    for field in view.record.fields {
      let news = field.siblings.filter { !before.covers($0.dot) && now.covers($0.dot) }
      if news.isEmpty { continue }
      let overtaken = history.filter { entry in
        let isSince = entry.by.map { !before.covers($0) } ?? false
        return entry.path == field.path && isSince && before.covers(entry.sibling.dot)
      }
      let standing = field.siblings.filter { before.covers($0.dot) }
      let former = view.policy(at: field.path).reading(of: standing + overtaken.map(\.sibling))
      entries += news.map { Entry(path: field.path, sibling: $0, former: former) }
    }
    if entries.isEmpty { return nil }
    self.collection = collection
    self.id = id
    self.view = view
    self.entries = entries.sorted { a, b in
      a.sibling.dot == b.sibling.dot ? a.path < b.path : b.sibling.isNewer(than: a.sibling)
    }
  }

  /// A line of `watch --json` (docs/CLI.md).
  var json: JSONValue {
    guard case .object(let members) = view.recordJSON(collection: collection, id: id) else {
      return .null
    }
    return .object(members + [JSONMember("changes", .array(entries.map(\.json)))])
  }
}

extension RecordChange.Entry {
  fileprivate var json: JSONValue {
    .object(
      [JSONMember("path", .string(path.description))] + sibling.members(at: path)
        + [JSONMember("former", .array(former.map { .object($0.members(at: path)) }))])
  }
}
