import ArgumentParser
import OfficeSyncCommandSupport
import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncStorage

struct ExportCommand: ConsoleCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write all records of a collection to standard output.",
    discussion: """
      As ndjson each record is one line, as `get --json` shows it; `import` takes it back. As csv each field is a column.
      Of a damaged store it writes what can be read, and ends by naming what cannot.

      With --unsent a line has the values that are not at an office, deletions and removals among them, and what this store \
      had seen when they were written.

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

  @Flag(
    help: "Write only what was written here and no office has; `import` takes it in elsewhere.")
  var unsent = false

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if unsent, deleted || format == .csv {
      throw ValidationError("--unsent writes ndjson, with all that is unsent.")
    }
  }

  func run(console: Console) throws {
    let collection = try CollectionName(argument: collection)
    let open = try OpenStore(store)
    let what = [
      JSONMember("collection", .string(collection.text)),
      JSONMember("format", .string(format.rawValue)), JSONMember("unsent", .boolean(unsent)),
    ]
    try open.recording("export", by: "", what) {
      try write(open.store.snapshot(of: collection), to: console)
    }
  }

  private func write(_ snapshot: any CollectionSnapshot, to console: Console) throws {
    let unreadable = Unreadable()
    switch format {
    case .ndjson where unsent: try writeUnsent(of: snapshot, to: console, unreadable)
    case .ndjson: try writeLines(of: snapshot, to: console, unreadable)
    case .csv: try writeTable(of: snapshot, to: console, unreadable)
    }
    if let first = unreadable.first {
      throw CommandError.recordsUnreadable(unreadable.ids.count, first, in: snapshot.collection)
    }
  }

  /// Records that cannot be read.
  private final class Unreadable {
    private(set) var ids: Set<RecordID> = []
    var first: RecordID? { ids.min() }

    func note(_ id: RecordID) { ids.insert(id) }
  }

  private func writeUnsent(
    of snapshot: any CollectionSnapshot, to console: Console, _ unreadable: Unreadable
  ) throws {
    let own = snapshot.replica.ids
    let refused = Set(try snapshot.refusals.map(\.id))
    // No more than one record is held; which ones are concerned is told by the index.
    var ids = refused
    for replica in own {
      var cursor = EntryCursor(counter: snapshot.confirmed[replica])
      while case let rows = try snapshot.entries(of: replica, after: cursor, bytesGoal: 1 << 20),
        let last = rows.last
      {
        ids.formUnion(rows.lazy.map(\.id))
        cursor = last.cursor
      }
    }
    for id in ids.sorted() {
      let record: Record?
      do { record = try snapshot.record(id) } catch StorageError.damaged {
        unreadable.note(id)
        continue
      }
      guard let record,
        let unsent = UnsentRecord(
          of: id, record, own: own, confirmed: snapshot.confirmed, isRefused: refused.contains(id))
      else { continue }
      var line: [UInt8] = []
      unsent.json(collection: snapshot.collection).encode(into: &line)
      line.append(UInt8(ascii: "\n"))
      try console.raw(line)
    }
  }

  private func writeLines(
    of snapshot: any CollectionSnapshot, to console: Console, _ unreadable: Unreadable
  ) throws {
    try forEachView(in: snapshot, unreadable) { view, id in
      var line: [UInt8] = []
      view.recordJSON(collection: snapshot.collection, id: id).encode(into: &line)
      line.append(UInt8(ascii: "\n"))
      try console.raw(line)
    }
  }

  /// Reads everything twice: the columns are all paths that occur.
  private func writeTable(
    of snapshot: any CollectionSnapshot, to console: Console, _ unreadable: Unreadable
  ) throws {
    var paths: Set<FieldPath> = []
    try forEachView(in: snapshot, unreadable) { view, _ in
      try Task.checkCancellation()
      for leaf in view.leaves { paths.insert(leaf.path) }
    }
    let writer = CSVWriter(paths: paths.sorted(), showsDeleted: deleted)
    try console.raw(writer.header)
    try forEachView(in: snapshot, unreadable) { view, id in
      try console.raw(writer.row(of: view, id))
    }
  }

  private func forEachView(
    in snapshot: any CollectionSnapshot, _ unreadable: Unreadable,
    _ body: (RecordView, RecordID) throws -> Void
  ) throws {
    let schema = try schema(of: snapshot)
    try snapshot.forEachRecord(unreadable: { unreadable.note($0) }) { id, record in
      let view = RecordView(record, schema: schema)
      if deleted || !view.isDeleted { try body(view, id) }
    }
  }

  /// Where it cannot be read, conflicts are shown as without one: the values can be had all the same.
  private func schema(of snapshot: any CollectionSnapshot) throws -> Schema {
    do { return try snapshot.schema() } catch StorageError.damaged { return .none }
  }
}
