import OfficeSyncCommandSupport
import OfficeSyncRecords
import OfficeSyncStorage

/// A record's log as people read it.
struct LogTable {
  private let log: RecordLog
  private let schema: Schema
  private let labels: Labels
  private let hasLabels: Bool
  private var table: TableWriter

  init(_ console: Console, _ log: RecordLog, schema: Schema) {
    self.log = log
    self.schema = schema
    let labels = Labels(of: schema)
    self.labels = labels
    hasLabels = log.entries.contains { labels[Self.field(of: $0.path, schema)] != nil }
    var columns = [
      Table.Column(LogTexts.at, isKept: true), Table.Column(Texts.writtenBy),
      Table.Column(Texts.field), Table.Column(Texts.value),
      Table.Column(LogTexts.write, isKept: true), Table.Column(LogTexts.through),
      Table.Column(LogTexts.overtaken),
    ]
    if hasLabels { columns.insert(Table.Column(Texts.label), at: 3) }
    table = console.table(columns)
  }

  mutating func add(_ entry: RecordLog.Entry) throws {
    let field = Self.field(of: entry.path, schema)
    var row = [
      Timestamp(entry.sibling.write.time).minute, entry.sibling.writer, field.description,
      shown(entry), entry.sibling.dot.shortened, through(entry),
      entry.overtaken?.time.minute ?? LogTexts.current,
    ]
    if hasLabels { row.insert(labels[field] ?? "", at: 3) }
    try table.add(row)
  }

  mutating func finish() throws { try table.finish() }

  /// The elements of a set and the entries of a journal go by its name.
  private static func field(of path: FieldPath, _ schema: Schema) -> FieldPath {
    schema.structure(at: path)?.path ?? path
  }

  private func shown(_ entry: RecordLog.Entry) -> String {
    let (path, sibling) = (entry.path, entry.sibling)
    if path == .deleted {
      return sibling.value == nil ? LogTexts.broughtBack : Texts.deletedValue
    }
    if let structure = schema.structure(at: path), structure.path != path,
      structure.rule.policy.behaviour.shape == .elements,
      let element = log.element(at: path)
    {
      // As it is typed: partners+=ONCF, partners-=ONCF.
      return (sibling.value == nil ? "-" : "+") + element.json.shown
    }
    return sibling.shown(at: path)
  }

  private func through(_ entry: RecordLog.Entry) -> String {
    if entry.isOwn { return LogTexts.here }
    return entry.session.map { "\($0.identity) \($0.time.minute)" } ?? ""
  }
}

extension Timestamp {
  /// `2026-11-24 09:30`.
  fileprivate var minute: String {
    String(description.prefix(16)).replacing("T", with: " ")
  }
}
