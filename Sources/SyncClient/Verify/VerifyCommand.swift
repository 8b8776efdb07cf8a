import ArgumentParser
import OfficeSyncCommandSupport
import OfficeSyncRecords

struct VerifyCommand: ConsoleCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Check that this store and the office's hold the same, record by record.",
    discussion: """
      Both add up their records anew from what is on disk; where the sums differ the records are found, and little more \
      than the difference is sent. With --repair what is damaged or missing here is fetched. With --local the store is \
      held against itself, without a network. The exit code is 1 if something differs or is damaged.

      Example: syncclient verify projects
      """)

  @Argument(
    help: ArgumentHelp(
      "The collection; all that this store holds if none is named.", valueName: "collection"))
  var collection: String?

  @Flag(help: "Hold the store against itself, without a network.")
  var local = false

  @Flag(help: "Fetch what is damaged or missing here from the office, and make the indexes anew.")
  var repair = false

  @OptionGroup var network: NetworkOptions
  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if local, repair { throw ValidationError("--local has nobody to repair from.") }
    if local, collection != nil { throw ValidationError("--local checks the whole store.") }
  }

  func run(console: Console) async throws {
    let name = try collection.map { try CollectionName(argument: $0) }
    if local { return try LocalVerification(open: OpenStore(store), console: console).run() }
    try await Verification(collection: name, repairs: repair, console: console)
      .run(network, store)
  }
}
