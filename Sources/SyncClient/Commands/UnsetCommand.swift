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
    let (collection, id) = try record.parsed()
    let edits = try paths.map { Edit.unset(try FieldPath(argument: $0)) }
    let note = try author.note()
    let dot = try OpenStore(store).write(to: id, in: collection, note: note) { record, desk in
      try desk.changes(edits, to: record)
    }
    try console.document(dot.written)
    try console.print(dot == nil ? Texts.unchanged(id, collection) : Texts.stored(id, collection))
  }
}
