import ArgumentParser
import OfficeSyncCommandSupport
import OfficeSyncRecords

struct RemoveCommand: ConsoleCommand {
  static let configuration = CommandConfiguration(
    commandName: "rm",
    abstract: "Delete a record.",
    discussion: """
      Somebody who edits it meanwhile elsewhere makes that a conflict; nothing is lost until it is settled.

      Example: syncclient rm projects future-hub
      """)

  @OptionGroup var record: RecordArguments
  @OptionGroup var author: AuthorOptions
  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  func run(console: Console) throws {
    let (collection, id) = try record.toWrite()
    let note = try author.note()
    let open = try OpenStore(store)
    let dot = try open.write(to: id, in: collection, note: note) { record, _ in
      record.deletion
    }
    try console.report(
      dot, Texts.deleted(id, collection), orElse: Texts.notThere(id, collection))
    console.next([open.next(after: dot, orElse: { $0.list(collection) })])
  }
}
