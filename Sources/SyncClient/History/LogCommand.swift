import ArgumentParser
import OfficeSyncCommandSupport
import OfficeSyncRecords
import OfficeSyncStorage

struct LogCommand: ConsoleCommand {
  static let configuration = CommandConfiguration(
    commandName: "log",
    abstract:
      "Show who changed what in a record, newest first, with the values that were overtaken.",
    discussion: """
      Overtaken values are kept where they were seen, for 90 days unless config.toml says otherwise; they do not travel. \
      The exit code is 1 if there is no such record.

      Example: syncclient log projects future-hub status
      """)

  @OptionGroup var record: RecordArguments

  @Argument(help: "Only this field, and what stands below it.")
  var path: String?

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  func run(console: Console) throws {
    let (collection, id) = try record.parsed()
    let path = try path.map { try FieldPath(argument: $0) }
    let open = try OpenStore(store)
    let snapshot = try open.store.snapshot(of: collection)
    guard let found = try snapshot.record(id) else {
      console.note(Texts.noRecord(id, collection))
      throw ExitStatus.no
    }
    let schema = try snapshot.schema()
    let log = try RecordLog(of: id, found, in: snapshot)
    let entries = log.entries.filter { path.map($0.path.isAtOrBelow) ?? true }
    var table = LogTable(console, log, schema: schema)
    for entry in entries {
      try console.line(entry.json(collection: collection, id: id))
      try table.add(entry)
    }
    try table.finish()
    if !found.erased.isEmpty { console.note(LogTexts.purged(id)) }
    let earlier = entries.first { entry in
      entry.overtaken != nil
        && schema.structure(at: entry.path)?.rule.policy.behaviour.shape != .entries
    }
    if let earlier {
      console.next([
        open.next().undo(
          earlier.path, to: earlier.sibling.dot.shortened, of: id, in: collection)
      ])
    }
  }
}
