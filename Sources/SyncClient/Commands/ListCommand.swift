import ArgumentParser
import OfficeSyncCommandErrors
import OfficeSyncCommandSupport
import OfficeSyncRecords
import OfficeSyncStorage

struct ListCommand: ConsoleCommand {
  static let configuration = CommandConfiguration(
    commandName: "ls",
    abstract: "List a collection's records, sorted by ID.",
    discussion: """
      With --json each record is one line, whole. Otherwise it is a table of some fields: those of --columns, else \
      those that most records fill.

      Example: syncclient ls projects --where status=Active --columns title/fr,budget/amount
      """)

  @Argument(help: "The collection's name.")
  var collection: String

  @Option(
    name: .customLong("where"), parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "Only records whose field has this value, or this element; may be repeated.",
      valueName: "path=value"))
  var conditions: [String] = []

  @Option(help: ArgumentHelp("The fields to show, with commas between.", valueName: "paths"))
  var columns: String?

  @Flag(help: "List deleted records too.")
  var deleted = false

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  func run(console: Console) throws {
    let collection = try CollectionName(argument: collection)
    let paths = try columns?.split(separator: ",").map { try FieldPath(argument: String($0)) }
    let open = try OpenStore(store)
    let snapshot = try open.store.snapshot(of: collection)
    let schema = try snapshot.schema()
    let filter = try RecordFilter(conditions, schema: schema)
    var table = RecordTable(
      console, columns: paths, schema: schema, showsConflicts: snapshot.openConflictCount > 0,
      showsDeleted: deleted)
    var first: RecordID?
    try snapshot.forEachRecord { id, record in
      let view = RecordView(record, schema: schema)
      guard deleted || !view.isDeleted, filter.admits(view) else { return }
      first = first ?? id
      try console.line(view.recordJSON(collection: collection, id: id))
      if !console.isJSON { try table.add(view, id) }
    }
    try table.finish()
    console.next([
      first.map { open.next().getListed($0, in: collection) } ?? open.next().collections
    ])
  }
}
