import OfficeSyncRecords
import OfficeSyncStorage

/// Who changed what in a record, as far as this store saw it and still keeps it.
struct RecordLog {
  /// A value that a write put at a path, or the absence that it left there.
  struct Entry {
    var path: FieldPath
    var sibling: Sibling
    /// nil if it is there still.
    var overtaken: OvertakenSibling?
    /// Whether this store made the write itself.
    var isOwn: Bool
    /// The session that brought it; nil if it is an own one, or not known.
    var session: SessionTrace?
  }

  /// Newest first; those of one write by path.
  let entries: [Entry]

  init(of id: RecordID, _ record: Record, in snapshot: any CollectionSnapshot) throws {
    let own = snapshot.replica.ids
    var sessions: [Dot: SessionTrace?] = [:]
    func entry(
      _ path: FieldPath, _ sibling: Sibling, _ overtaken: OvertakenSibling?
    ) throws -> Entry {
      let dot = sibling.dot
      let session = try sessions[dot] ?? snapshot.session(of: dot)
      sessions[dot] = .some(session)
      return Entry(
        path: path, sibling: sibling, overtaken: overtaken, isOwn: own.contains(dot.replica),
        session: session)
    }
    var entries = try record.fields.flatMap { field in
      try field.siblings.map { try entry(field.path, $0, nil) }
    }
    entries += try snapshot.history(of: id).map { try entry($0.path, $0.sibling, $0) }
    self.entries = entries.sorted { a, b in
      a.sibling.dot == b.sibling.dot ? a.path < b.path : a.sibling.isNewer(than: b.sibling)
    }
  }

  /// What an element of a set is, also where the entry says that it was removed.
  func element(at path: FieldPath) -> Value? {
    entries.lazy.filter { $0.path == path }.compactMap(\.sibling.value).first
  }
}

extension RecordLog.Entry {
  /// A line of `log --json` (docs/CLI.md).
  func json(collection: CollectionName, id: RecordID) -> JSONValue {
    .object(
      [
        JSONMember("collection", .string(collection.text)),
        JSONMember("id", .string(id.description)),
        JSONMember("path", .string(path.description)),
      ] + sibling.members(at: path) + [
        JSONMember("current", .boolean(overtaken == nil)),
        JSONMember("overtaken", overtaken?.json ?? .null),
        JSONMember("here", .boolean(isOwn)),
        JSONMember("session", session?.json ?? .null),
      ])
  }
}

extension OvertakenSibling {
  var time: Timestamp { Timestamp(HybridTime(milliseconds: milliseconds)) }

  fileprivate var json: JSONValue {
    .object([
      JSONMember("at", .string(time.description)),
      JSONMember("by", by.map { .string($0.description) } ?? .null),
    ])
  }
}

extension SessionTrace {
  var time: Timestamp { Timestamp(HybridTime(milliseconds: milliseconds)) }

  fileprivate var json: JSONValue {
    .object([
      JSONMember("identity", .string(identity.description)),
      JSONMember("replica", .string(replica.description)),
      JSONMember("address", .string(address)),
      JSONMember("at", .string(time.description)),
    ])
  }
}
