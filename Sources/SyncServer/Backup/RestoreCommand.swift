import ArgumentParser
import OfficeSyncCommandSupport
import OfficeSyncRecords
import OfficeSyncStorage

struct RestoreCommand: ConsoleCommand {
  static let configuration = CommandConfiguration(
    commandName: "restore",
    abstract: "Put an office's store back from a file that `syncserver backup` wrote.",
    discussion: """
      The office goes on under a new replica ID: others may know writes of the old one that are not in the file. What is \
      missing comes back with the next syncs, from other offices and, until `syncserver recovery --close`, from field \
      devices. A store that is there is kept under another name. Stop the server first.

      Example: syncserver restore /backup/rabat-2026-11-24.sqlite
      """)

  @Argument(help: ArgumentHelp("The file to put back.", valueName: "file"), completion: .file())
  var file: String

  @Flag(help: "Put aside a store that is there.")
  var force = false

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  func run(console: Console) async throws {
    let folder = store.folder(of: .server)
    try SecureFile.createFolder(folder.path)
    // Neither the server nor a sync may have the store open that is put aside.
    let locks = [
      try await RunLock.acquire(folder.serverLock), try await RunLock.acquire(folder.lock),
    ]
    defer { withExtendedLifetime(locks) {} }
    let act = AuditAct("restore", [JSONMember("file", .string(file))])
    let restore = try AuditLog(of: folder).recording(act, at: wallMilliseconds()) {
      try StoreRestore(
        from: file, into: folder.path, replacing: force, nowMilliseconds: wallMilliseconds()
      ) { replica in
        guard replica.identity.role == .office else {
          throw CommandError.notAnOffice(replica.identity, at: file)
        }
      }
    }
    try console.document(
      .object([
        JSONMember("ok", .boolean(true)), JSONMember("data", .string(folder.path)),
        JSONMember("replica", restore.replica.json), JSONMember("recovering", .boolean(true)),
        JSONMember("replaced", restore.replaced.map { .string($0) } ?? .null),
      ]))
    try console.print(BackupTexts.restored(restore.replica, in: folder))
    if let replaced = restore.replaced { try console.print(BackupTexts.keptAside(replaced)) }
    try console.print(BackupTexts.recovery)
    console.next(NextSteps.run(store, listens: true))
  }
}
