import ArgumentParser
import OfficeSyncCommandSupport
import OfficeSyncRecords
import OfficeSyncStorage

struct GetCommand: ConsoleCommand {
  static let configuration = CommandConfiguration(
    commandName: "get",
    abstract: "Show a record, with what is in conflict.",
    discussion: """
      The exit code is 1 if there is no such record. A deleted one is shown as such.

      Example: syncclient get projects future-hub
      """)

  @OptionGroup var record: RecordArguments
  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  func run(console: Console) throws {
    let (collection, id) = try record.parsed()
    let open = try OpenStore(store)
    let snapshot = try open.store.snapshot(of: collection)
    guard let found = try snapshot.record(id) else {
      try console.document(.null)
      console.note(Texts.noRecord(id, collection))
      throw ExitStatus.no
    }
    let view = RecordView(found, schema: try snapshot.schema())
    try console.document(view.recordJSON(collection: collection, id: id))
    try printed(view, id, collection, console)
    if let conflict = view.conflicts.first(where: \.isOpen) {
      console.next([open.next().resolve(conflict.path, of: id, in: collection)])
    }
  }

  private func printed(
    _ view: RecordView, _ id: RecordID, _ collection: CollectionName, _ console: Console
  ) throws {
    try console.print(
      view.isDeleted ? Texts.deletedHeading(id, collection) : Texts.heading(id, collection))
    let leaves = view.leaves
    let labels = Labels(of: view.schema)
    let hasLabels = leaves.contains { labels[$0.path] != nil }
    var columns = [Table.Column(Texts.field, isKept: true), Table.Column(Texts.value)]
    if hasLabels { columns.insert(Table.Column(Texts.label), at: 1) }
    var table = console.table(columns, isCut: false)
    for leaf in leaves {
      var row = [leaf.path.description, leaf.value.shown]
      if hasLabels { row.insert(labels[leaf.path] ?? "", at: 1) }
      try table.add(row)
    }
    try table.finish()
    if view.conflicts.isEmpty { return }
    try console.print(Texts.conflictsHeading)
    var conflicts = ConflictTable(console, names: [.path])
    for conflict in view.conflicts { try conflicts.add(conflict, of: id, in: collection) }
    try conflicts.finish()
  }
}
