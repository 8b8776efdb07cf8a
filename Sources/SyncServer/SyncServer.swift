import ArgumentParser
import OfficeSyncCommandErrors
import OfficeSyncCommandSupport
import OfficeSyncSyncLink

@main
struct SyncServer: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "syncserver",
    abstract: "Run an office: its store, its server, its certificates.",
    discussion: """
      Each command ends by naming the next; the first is where the organisation's certificates begin.

      Example: syncserver pki init --dir ca --organisation "Regional Investment Offices"
      """,
    version: productVersion,
    subcommands: [
      InitCommand.self, RunCommand.self, StatusCommand.self, DoctorCommand.self,
      ReplicasCommand.self, AuditCommand.self,
      BackupCommand.self, RestoreCommand.self, RecoveryCommand.self, RetireCommand.self,
      AccessCommand.self, EnrolCommand.self, PeerCommand.self, PKICommand.self,
    ])

  static func main() async {
    TaskThreads.install()
    await Program(SyncServer.self, translate: CommandError.translating).main()
  }
}
