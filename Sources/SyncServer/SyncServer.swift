import ArgumentParser
import OfficeSyncCommandErrors
import OfficeSyncCommandSupport

@main
struct SyncServer: AsyncParsableCommand {
  static let version = "0.1.0"

  static let configuration = CommandConfiguration(
    commandName: "syncserver",
    abstract: "Run an office: its store, its server, its certificates.", version: version,
    subcommands: [
      InitCommand.self, RunCommand.self, StatusCommand.self, ReplicasCommand.self,
      RecoveryCommand.self, AccessCommand.self, PKICommand.self,
    ])

  static func main() async {
    await Program(SyncServer.self, translate: CommandError.translating).main()
  }
}
