import ArgumentParser
import OfficeSyncCommandSupport
import OfficeSyncRecords
import OfficeSyncStorage

struct CollectionsCommand: ConsoleCommand {
  static let configuration = CommandConfiguration(
    commandName: "collections",
    abstract: "List the collections in the store.",
    discussion: "Example: syncclient collections")

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  func run(console: Console) throws {
    let open = try OpenStore(store)
    var table = CollectionTable(console)
    for name in try open.store.collections() where name != .office {
      let summary = try CollectionSummary(open.store.snapshot(of: name))
      try console.line(.object(summary.members))
      try table.add(summary)
    }
    try table.finish()
  }
}
