import ArgumentParser
import OfficeSyncCommandSupport
import OfficeSyncProtocol
import OfficeSyncRecords

/// What `pull`, `push` and `sync` have in common: everything but the direction.
protocol ExchangeCommand: ConsoleCommand {
  static var directions: Directions { get }
  var options: ExchangeOptions { get }
}

extension ExchangeCommand {
  var output: OutputOptions { options.output }

  func run(console: Console) async throws {
    let names = try options.collections.map { try CollectionName(argument: $0) }
    let exchange = Exchange(
      directions: Self.directions, collections: names.isEmpty ? nil : names, console: console)
    try await exchange.run(options)
  }
}

struct ExchangeOptions: ParsableArguments {
  @Argument(
    help: ArgumentHelp(
      "The collections; all that this identity may read if none is named.",
      valueName: "collection"))
  var collections: [String] = []

  @OptionGroup var network: NetworkOptions
  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions
}

struct PullCommand: ExchangeCommand {
  static let configuration = CommandConfiguration(
    commandName: "pull",
    abstract: "Get from the office what is new there.",
    discussion: "Example: syncclient pull projects --server rabat.example.ma")
  static let directions: Directions = .pull

  @OptionGroup var options: ExchangeOptions
}

struct PushCommand: ExchangeCommand {
  static let configuration = CommandConfiguration(
    commandName: "push",
    abstract: "Send the office what is new here.",
    discussion: "Example: syncclient push")
  static let directions: Directions = .push

  @OptionGroup var options: ExchangeOptions
}

struct SyncCommand: ExchangeCommand {
  static let configuration = CommandConfiguration(
    commandName: "sync",
    abstract: "Exchange with the office what is new on either side.",
    discussion: """
      What was done before a cut link is kept; the same command goes on from there.

      Example: syncclient sync
      """)
  static let directions: Directions = [.pull, .push]

  @OptionGroup var options: ExchangeOptions
}
