import ArgumentParser
import OfficeSyncCommandSupport
import OfficeSyncRecords
import OfficeSyncReplication

struct ReplicateCommand: ConsoleCommand {
  static let configuration = CommandConfiguration(
    commandName: "replicate",
    abstract: "Carry between two offices what either lacks.",
    discussion: """
      For cron: what the one office sends is passed on to the other as it comes, and nothing is kept here. It runs with an \
      office's certificate (--cert, --key, --ca, or --data of an office's store) and is trusted like that office. What was \
      carried before a cut link is kept; the same command goes on from there.

      Example: syncclient replicate --from casa.example.ma --to rabat.example.ma --data /var/lib/officesync --quiet
      """)

  @Argument(
    help: ArgumentHelp(
      "The collections; all that both offices give if none is named.", valueName: "collection"))
  var collections: [String] = []

  @Option(help: ArgumentHelp("The one office's server.", valueName: "host:port"))
  var from: String

  @Option(help: ArgumentHelp("The other's.", valueName: "host:port"))
  var to: String

  @Flag(help: "Carry from --from to --to alone.")
  var oneWay = false

  @Option(
    help: ArgumentHelp(
      "If an office cannot be reached or a link breaks, try again up to this many times, later each time.",
      valueName: "times"))
  var retries: Int = 0

  @OptionGroup var certificates: CertificateOptions
  @OptionGroup var patience: WaitOptions
  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard 0...CourierRun.retriesMax ~= retries else {
      throw ValidationError("--retries is a number up to \(CourierRun.retriesMax).")
    }
  }

  func run(console: Console) async throws {
    let names = try collections.map { try CollectionName(argument: $0) }
    let run = CourierRun(
      from: try NetworkAddress(parsing: from, from: "--from"),
      to: try NetworkAddress(parsing: to, from: "--to"),
      wanted: oneWay ? [.from] : Set(RelayEnd.allCases),
      collections: names.isEmpty ? nil : names, retries: retries, console: console)
    try await run.run(certificates, patience, store)
  }
}
