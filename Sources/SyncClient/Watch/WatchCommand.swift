import ArgumentParser
import OfficeSyncCommandErrors
import OfficeSyncCommandSupport
import OfficeSyncRecords
import OfficeSyncStorage
import OfficeSyncSyncLink

struct WatchCommand: ConsoleCommand {
  static let configuration = CommandConfiguration(
    commandName: "watch",
    abstract: "Show changes as they arrive, and keep the store live with the office.",
    discussion: """
      What changes at the office comes at once, what is written here by other commands goes out at once. When the link \
      breaks it is made again, after pauses that grow to two minutes; meanwhile changes of this store are shown. It runs \
      until SIGINT or SIGTERM, or until the office refuses this store. Other commands may read and write the store \
      meanwhile; of those that sync the store, watch among them, only one may run (75). With --local, or where no server is \
      named, it uses no network: then any number may run, also beside a server on an office's store.

      Example: syncclient watch projects --json
      """)

  @Argument(
    help: ArgumentHelp(
      "The collections; all that this identity may read if none is named.",
      valueName: "collection"))
  var collections: [String] = []

  @Flag(help: "Show what changes in this store; use no network.")
  var local = false

  @OptionGroup var network: NetworkOptions
  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  func run(console: Console) async throws {
    let names = try collections.map { try CollectionName(argument: $0) }
    let folder = try OpenStore.folder(store)
    let settings = try NetworkSettings(
      network, folder: folder, file: StoreConfiguration(readingFrom: folder)
    ).opened(on: console)
    let watch = Watch(collections: names.isEmpty ? nil : names, console: console)
    guard !local, let server = settings.server else {
      if !local { console.note(WatchTexts.local) }
      let open = try OpenStore(store)
      defer { open.store.close() }
      return try await watch.run(on: open, link: nil)
    }
    try await RunLock.with(folder.lock, wait: settings.wait) {
      let open = try OpenStore(store)
      defer { open.store.close() }
      // What cannot be used is said at once; later each connection takes what is there then.
      let identity = open.replica.identity
      _ = try Credentials.context(settings, for: identity)
      let link = Watch.Link(
        server: server, timeout: settings.timeout, revocationList: settings.revocationList,
        tickets: folder.tickets,
        renewal: Renewal(settings: settings, server: server, identity: identity),
        context: { try Credentials.context(settings, for: identity) })
      try await watch.run(on: open, link: link)
    }
  }
}
