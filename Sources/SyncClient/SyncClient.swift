import ArgumentParser
import OfficeSyncCommandErrors
import OfficeSyncCommandSupport
import OfficeSyncSecureTransport

@main
struct SyncClient: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "syncclient",
    abstract: "Works on project records and syncs them with an office.",
    discussion: """
      Records are kept in a store on this machine, with or without a network. `pull`, `push` and `sync` exchange them \
      with the office that `init` was told of.

      Example: syncclient init --name amina --server rabat.example.ma
      """,
    version: productVersion,
    groupedSubcommands: [
      CommandGroup(
        name: "Records",
        subcommands: [
          PutCommand.self, UnsetCommand.self, GetCommand.self, ListCommand.self, RemoveCommand.self,
          PurgeCommand.self, LogCommand.self, UndoCommand.self, CollectionsCommand.self,
        ]),
      CommandGroup(
        name: "Files", subcommands: [ImportCommand.self, ExportCommand.self, SchemaCommand.self]),
      CommandGroup(
        name: "Syncing",
        subcommands: [
          PullCommand.self, PushCommand.self, SyncCommand.self, ConflictsCommand.self,
          WatchCommand.self, ResolveCommand.self, ReplicateCommand.self,
        ]),
      CommandGroup(
        name: "The store",
        subcommands: [InitCommand.self, EnrolCommand.self, StatusCommand.self, VerifyCommand.self]),
    ])

  static func main() async {
    tuneAllocatorForBulkTransfer()
    await Program(SyncClient.self, translate: { CommandError.translating($0) }).main()
  }
}
