import ArgumentParser
import OfficeSyncCommandSupport
import OfficeSyncRecords
import OfficeSyncStorage

struct ConflictsCommand: ConsoleCommand {
  static let configuration = CommandConfiguration(
    commandName: "conflicts",
    abstract: "List fields that were changed differently in two places, value beside value.",
    discussion: """
      Open conflicts wait for somebody to settle them with `resolve`. Those that a policy settled are listed with --all.

      Example: syncclient conflicts projects
      """)

  @Argument(help: "The collection's name; all if it is left out.")
  var collection: String?

  @Flag(help: "List those too that a policy settled.")
  var all = false

  @Flag(help: "Exit with 1 if any are open.")
  var check = false

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  func run(console: Console) throws {
    let names = try collection.map { [try CollectionName(argument: $0)] }
    let open = try OpenStore(store)
    var table = ConflictTable(console, names: ConflictTable.Name.allCases)
    var firstOpen: NextStep?
    for name in try names ?? open.store.collections() {
      let snapshot = try open.store.snapshot(of: name)
      try forEachConflict(in: snapshot) { conflict, id in
        if conflict.isOpen, firstOpen == nil {
          firstOpen = open.next().resolve(conflict.path, of: id, in: name)
        }
        try console.line(conflict.json(collection: name, id: id))
        try table.add(conflict, of: id, in: name)
      }
    }
    try table.finish()
    if let firstOpen {
      console.next([firstOpen])
    } else if !all {
      try console.print(Texts.noConflicts)
    }
    if check, firstOpen != nil { throw ExitStatus.no }
  }

  private func forEachConflict(
    in snapshot: any CollectionSnapshot, _ body: (FieldConflict, RecordID) throws -> Void
  ) throws {
    let schema = try snapshot.schema()
    func visit(_ id: RecordID, _ record: Record) throws {
      for conflict in RecordView(record, schema: schema).conflicts where all || conflict.isOpen {
        try body(conflict, id)
      }
    }
    if all { return try snapshot.forEachRecord(visit) }
    for id in try snapshot.recordsWithOpenConflicts() where !id.isReserved {
      if let record = try snapshot.record(id) { try visit(id, record) }
    }
  }
}
