import ArgumentParser

@main
struct SyncClient: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "syncclient")
}
