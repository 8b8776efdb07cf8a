import ArgumentParser
import OfficeSyncCommandErrors
import OfficeSyncCommandSupport
import OfficeSyncRecords
import OfficeSyncStorage

struct UndoCommand: ConsoleCommand {
  static let configuration = CommandConfiguration(
    commandName: "undo",
    abstract: "Write an earlier value of a field anew.",
    discussion: """
      Without --to it is the value before the current one. Of a set it takes back what the last change did to its \
      elements; what stands in a journal stays. The path $deleted brings a deleted record back, or deletes it again. The \
      write goes out with the next sync like any other.

      Example: syncclient undo projects future-hub status --to 3fa91c2e:12
      """)

  @OptionGroup var record: RecordArguments

  @Argument(help: "The field's path.")
  var path: String

  @Option(
    help: ArgumentHelp(
      "Take what this write put there, as log lists it; the replica may be cut short.",
      valueName: "dot"))
  var to: String?

  @OptionGroup var author: AuthorOptions
  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  func run(console: Console) throws {
    let (collection, id) = try record.toWrite()
    let path = try FieldPath(argument: path)
    let write = try to.map { text in
      guard let pattern = DotPattern(text) else { throw CommandError.badDot(text) }
      return pattern
    }
    let note = try author.note()
    let open = try OpenStore(store)
    let snapshot = try open.store.snapshot(of: collection)
    guard let seen = try snapshot.record(id) else { throw CommandError.noRecord(id, collection) }
    let earlier = try snapshot.history(of: id)
    // What came in since it was looked at was not decided on, and stays.
    let dot = try open.write(to: id, in: collection, note: note, context: seen.clock) { _, desk in
      try desk.editor.changes(undoing: path, to: write, in: seen, earlier: earlier)
    }
    try console.report(
      dot, LogTexts.undone(path, id), orElse: LogTexts.nothingToUndo(path, id))
    console.next([open.next(after: dot, orElse: { $0.get(id, in: collection) })])
  }
}
