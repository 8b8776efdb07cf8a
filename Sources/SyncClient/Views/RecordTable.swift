import OfficeSyncCommandSupport
import OfficeSyncRecords

/// The table of `ls`: the ID and some fields of each record, chosen from the first records if nobody chose.
struct RecordTable {
  private static let sampleRecords = 100
  private static let columnsMax = 4
  /// Longer texts tell nothing in a column.
  private static let longText = 60

  private let console: Console
  private let labels: Labels
  private let showsConflicts: Bool
  private let showsDeleted: Bool
  private var columns: [FieldPath]?
  private var table: TableWriter?
  private var waiting: [Row] = []

  private struct Row {
    let id: RecordID
    let isDeleted: Bool
    let openConflicts: Int
    let leaves: [FieldPath: String]

    init(_ view: RecordView, _ id: RecordID) {
      self.id = id
      isDeleted = view.isDeleted
      openConflicts = view.openConflictCount
      leaves = Dictionary(
        view.leaves.map { ($0.path, $0.value.shown) }, uniquingKeysWith: { first, _ in first })
    }
  }

  /// - Parameter columns: nil: choose.
  init(
    _ console: Console, columns: [FieldPath]?, schema: Schema, showsConflicts: Bool,
    showsDeleted: Bool
  ) {
    self.console = console
    self.columns = columns
    self.showsConflicts = showsConflicts
    self.showsDeleted = showsDeleted
    labels = Labels(of: schema)
  }

  mutating func add(_ view: RecordView, _ id: RecordID) throws {
    let row = Row(view, id)
    if table != nil { return try print(row) }
    waiting.append(row)
    if waiting.count == Self.sampleRecords { try start() }
  }

  mutating func finish() throws {
    if table == nil { try start() }
    try table?.finish()
  }

  private mutating func start() throws {
    let columns = self.columns ?? Self.choice(among: waiting)
    self.columns = columns
    var titles = [Table.Column(Texts.record, isKept: true)]
    titles += columns.map { Table.Column(labels[$0] ?? $0.description) }
    if showsConflicts { titles.append(Table.Column(Texts.conflicts, alignment: .trailing)) }
    if showsDeleted { titles.append(Table.Column(Texts.state)) }
    table = console.table(titles)
    for row in waiting { try print(row) }
    waiting = []
  }

  private mutating func print(_ row: Row) throws {
    var cells = [row.id.description] + (columns ?? []).map { row.leaves[$0] ?? "" }
    if showsConflicts { cells.append(row.openConflicts > 0 ? String(row.openConflicts) : "") }
    if showsDeleted { cells.append(row.isDeleted ? Texts.deletedValue : "") }
    try table?.add(cells)
  }

  /// The fields that most records fill with short values that differ; among equals the shorter path.
  private static func choice(among rows: [Row]) -> [FieldPath] {
    var filled: [FieldPath: Int] = [:]
    var values: [FieldPath: Set<String>] = [:]
    for row in rows {
      for (path, text) in row.leaves where text.count <= longText {
        filled[path, default: 0] += 1
        values[path, default: []].insert(text)
      }
    }
    let telling = filled.keys.filter { rows.count == 1 || (values[$0]?.count ?? 0) > 1 }
    return telling.sorted { a, b in
      let (inA, inB) = (filled[a] ?? 0, filled[b] ?? 0)
      if inA != inB { return inA > inB }
      let (sizeA, sizeB) = (a.key.bytes.count, b.key.bytes.count)
      return sizeA != sizeB ? sizeA < sizeB : a < b
    }.prefix(columnsMax).sorted()
  }
}
