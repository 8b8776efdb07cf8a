import OfficeSyncRecords
import OfficeSyncTestSupport

/// One replica at work on one record: edits as a user writes them, under a schema.
struct Desk {
  var record = Record()
  let editor: RecordEditor
  let author: Identity
  private var clock: HybridClock
  private var counter: UInt64 = 0

  /// - Parameter wall: milliseconds; times of writes follow it.
  init(_ name: String, author: String, schema: String = "{}", wall: UInt64 = 1_000) throws {
    self.author = try Identity(author)
    clock = HybridClock(latest: HybridTime(milliseconds: wall))
    editor = RecordEditor(
      schema: try Schema(json: JSONValue(parsing: schema)), replica: ReplicaID(short: name),
      elementSegment: Self.segment)
  }

  /// Stands in for the hash of the value: its JSON in hexadecimal digits, so that tests can read it.
  static func segment(_ value: Value) -> String {
    Hex.text(of: Array(value.json.encoded().utf8.prefix(60)))
  }

  /// Makes one write of assignments as typed, for instance `title=x`, `tags+=a`, or `-path` for unset.
  @discardableResult
  mutating func put(_ assignments: String...) throws -> [Record.Change] {
    try write(
      try assignments.map {
        $0.hasPrefix("-") ? .unset(try FieldPath(String($0.dropFirst()))) : try Edit(assignment: $0)
      })
  }

  @discardableResult
  mutating func merge(json: String) throws -> [Record.Change] {
    try write(try Edit.merging(JSONValue(parsing: json)))
  }

  @discardableResult
  mutating func write(_ edits: [Edit]) throws -> [Record.Change] {
    try apply(editor.changes(edits, to: record) { clock.tick(wallMilliseconds: 0) })
  }

  @discardableResult
  mutating func resolve(_ path: String, _ resolution: Resolution) throws -> [Record.Change] {
    try apply(editor.changes(resolving: try FieldPath(path), by: resolution, in: record))
  }

  mutating func delete() throws { try apply(record.deletion) }
  mutating func undelete() throws { try apply(record.undeletion) }

  mutating func pull(from other: Desk) throws { try record.merge(other.record) }

  var view: RecordView { RecordView(record, schema: editor.schema) }
  var fields: String { view.fields.encoded() }

  @discardableResult
  private mutating func apply(_ changes: [Record.Change]) throws -> [Record.Change] {
    if changes.isEmpty { return [] }
    counter += 1
    record.write(
      changes, as: Dot(editor.replica, counter),
      info: WriteInfo(time: clock.tick(wallMilliseconds: 0), author: author))
    return changes
  }
}
