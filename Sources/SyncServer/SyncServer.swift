import ArgumentParser
import OfficeSyncCommandSupport

@main
struct SyncServer: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "syncserver", subcommands: [PKICommand.self])

  static func main() async {
    await Program(SyncServer.self).main()
  }
}
