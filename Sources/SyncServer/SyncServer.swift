import ArgumentParser

@main
struct SyncServer: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "syncserver")
}
