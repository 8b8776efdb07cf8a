import ArgumentParser
import OfficeSyncCommandSupport
import OfficeSyncRecords

struct UnsetCommand: ConsoleCommand {
  static let configuration = CommandConfiguration(
    commandName: "unset",
    abstract: "Remove fields of a record, with all that stands below them.",
    discussion: "Example: syncclient unset projects future-hub dueBy milestones/m1")

  @OptionGroup var record: RecordArguments

  @Argument(help: ArgumentHelp("The fields to remove.", valueName: "path"))
  var paths: [String]

  @OptionGroup var author: AuthorOptions
  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  func run(console: Console) throws {
    let (collection, id) = try record.toWrite()
    let edits = try paths.map { Edit.unset(try FieldPath(argument: $0)) }
    let note = try author.note()
    let open = try OpenStore(store)
    let dot = try open.write(to: id, in: collection, note: note) { record, desk in
      try desk.changes(edits, to: record)
    }
    try console.report(
      dot, Texts.stored(id, collection), orElse: Texts.unchanged(id, collection))
    console.next([open.next(after: dot, orElse: { $0.get(id, in: collection) })])
  }
}
