import ArgumentParser
import OfficeSyncCommandSupport
import OfficeSyncRecords
import OfficeSyncStorage

struct ExportCommand: ConsoleCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write all records of a collection to standard output.",
    discussion: """
      As ndjson each record is one line, as `get --json` shows it; `import` takes it back. As csv each field is a column.

      Example: syncclient export projects > projects.ndjson
      Example: syncclient export projects --format csv > projects.csv
      """)

  enum Format: String, ExpressibleByArgument, CaseIterable {
    case ndjson, csv
  }

  @Argument(help: "The collection's name.")
  var collection: String

  @Option(help: "ndjson or csv.")
  var format = Format.ndjson

  @Flag(help: "Write deleted records too.")
  var deleted = false

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  func run(console: Console) throws {
    let collection = try CollectionName(argument: collection)
    let snapshot = try OpenStore(store).store.snapshot(of: collection)
    switch format {
    case .ndjson: try writeLines(of: snapshot, to: console)
    case .csv: try writeTable(of: snapshot, to: console)
    }
  }

  private func writeLines(of snapshot: any CollectionSnapshot, to console: Console) throws {
    try forEachView(in: snapshot) { view, id in
      var line: [UInt8] = []
      view.recordJSON(collection: snapshot.collection, id: id).encode(into: &line)
      line.append(UInt8(ascii: "\n"))
      try console.raw(line)
    }
  }

  /// Reads everything twice: the columns are all paths that occur.
  private func writeTable(of snapshot: any CollectionSnapshot, to console: Console) throws {
    var paths: Set<FieldPath> = []
    try forEachView(in: snapshot) { view, _ in
      try Task.checkCancellation()
      for leaf in view.leaves { paths.insert(leaf.path) }
    }
    let writer = CSVWriter(paths: paths.sorted(), showsDeleted: deleted)
    try console.raw(writer.header)
    try forEachView(in: snapshot) { view, id in try console.raw(writer.row(of: view, id)) }
  }

  private func forEachView(
    in snapshot: any CollectionSnapshot, _ body: (RecordView, RecordID) throws -> Void
  ) throws {
    let schema = try snapshot.schema()
    try snapshot.forEachRecord { id, record in
      let view = RecordView(record, schema: schema)
      if deleted || !view.isDeleted { try body(view, id) }
    }
  }
}
