import ArgumentParser
import OfficeSyncCommandSupport
import OfficeSyncRecords
import OfficeSyncStorage

struct PurgeCommand: ConsoleCommand {
  static let configuration = CommandConfiguration(
    commandName: "purge",
    abstract: "Erase a record's values for good, here and wherever they went. Offices alone.",
    discussion: """
      It leaves a tombstone: the ID, and which writes were erased. Others lose the values when they sync. An edit that \
      was made meanwhile by somebody who did not know of it survives, by itself, as a conflict.

      Example: syncclient purge projects future-hub
      """)

  @OptionGroup var record: RecordArguments

  @Flag(help: "Do not ask on a terminal.")
  var yes = false

  @OptionGroup var author: AuthorOptions
  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  func run(console: Console) throws {
    let (collection, id) = try record.toWrite()
    let note = try author.note()
    let open = try OpenStore(store)
    guard open.replica.identity.role == .office else { throw StorageError.officesOnly }
    if !yes, try open.store.snapshot(of: collection).record(id) != nil {
      guard try isConfirmed(id, collection, console) else { throw ExitStatus.no }
    }
    let what = [
      JSONMember("collection", .string(collection.text)), JSONMember("id", .string("\(id)")),
    ]
    let dot = try open.recording("purge", by: note, what) {
      try open.purge(id, in: collection, note: note)
    }
    if dot != nil, try !open.store.emptyLog() { console.note(Texts.purgedInLog) }
    try console.report(
      dot, Texts.purged(id, collection), orElse: Texts.nothingToPurge(id, collection))
    console.next([open.next(after: dot, orElse: { $0.get(id, in: collection) })])
  }

  /// Where nobody can be asked, the command line was the decision.
  private func isConfirmed(
    _ id: RecordID, _ collection: CollectionName, _ console: Console
  ) throws -> Bool {
    guard let answer = try console.ask(Texts.askPurge(id, collection)) else { return true }
    return answer == id.description
  }
}
