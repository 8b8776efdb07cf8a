import ArgumentParser
import OfficeSyncCommandSupport
import OfficeSyncRecords
import OfficeSyncStorage

struct PeerCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "peer",
    abstract: "Say which servers this office keeps current with by itself.",
    discussion: """
      A running server syncs with each of them: live while the link is up, so that a change shows at the other office \
      within a second, or on a schedule. It is enough that one of two offices names the other.

      Example: syncserver peer add rabat.example.ma
      """,
    subcommands: [PeerAdd.self, PeerRemove.self, PeerList.self])
}

struct PeerAdd: ConsoleCommand {
  static let configuration = CommandConfiguration(
    commandName: "add",
    abstract: "Add a server, or change how one is kept current with.",
    discussion: """
      A running server obeys at once.

      Example: syncserver peer add rabat.example.ma --every 900
      """)

  @Argument(help: ArgumentHelp("The other office's server.", valueName: "host:port"))
  var server: String

  @Option(
    help: ArgumentHelp("Sync so often, instead of live.", valueName: "seconds"))
  var every: Int?

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard every.map({ 1...86_400 ~= $0 }) ?? true else {
      throw ValidationError("--every is a number of seconds up to 86400.")
    }
  }

  func run(console: Console) throws {
    let office = try OfficeStore(opening: store.folder(of: .server))
    let address = try NetworkAddress(parsing: server, from: "the address")
    let peer = StandingPeerEntry(
      server: address.description, everySeconds: every.map { Int64($0) })
    try office.recording("peer add", peer.members) { try office.store.add(peer) }
    try console.document(.object([JSONMember("ok", .boolean(true))] + peer.members))
    try console.print(PeerTexts.added(peer))
    console.next([NextSteps.watchPeers(store)])
  }
}

struct PeerRemove: ConsoleCommand {
  static let configuration = CommandConfiguration(
    commandName: "remove",
    abstract: "Sync with a server no longer.",
    discussion: "Example: syncserver peer remove rabat.example.ma")

  @Argument(help: ArgumentHelp("The other office's server.", valueName: "host:port"))
  var server: String

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  func run(console: Console) throws {
    let office = try OfficeStore(opening: store.folder(of: .server))
    let address = try NetworkAddress(parsing: server, from: "the address").description
    let wasThere = try office.recording("peer remove", [JSONMember("server", .string(address))]) {
      try office.store.removePeer(address)
    }
    try console.document(
      .object([JSONMember("ok", .boolean(true)), JSONMember("changed", .boolean(wasThere))]))
    try console.print(wasThere ? PeerTexts.removed(address) : PeerTexts.notThere(address))
  }
}

struct PeerList: ConsoleCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "List the servers this office keeps current with, and how it went last.",
    discussion: "Example: syncserver peer list --json")

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  func run(console: Console) throws {
    let office = try OfficeStore(opening: store.folder(of: .server))
    let contacts = Dictionary(
      try office.store.contacts().map { ($0.server, $0) }, uniquingKeysWith: { $1 })
    let peers = try office.store.standingPeers()
    var table = console.table([
      Table.Column(OfficeTexts.columnServer, isKept: true), Table.Column(PeerTexts.columnHow),
      Table.Column(OfficeTexts.columnWho), Table.Column(OfficeTexts.columnSeen),
      Table.Column(OfficeTexts.columnResult),
    ])
    for peer in peers {
      let contact = contacts[peer.server]
      try console.line(
        .object(
          peer.members + [
            JSONMember("identity", contact?.identity.map { .string($0.description) } ?? .null),
            JSONMember("at", contact.map { .string(moment($0.atMilliseconds)) } ?? .null),
            JSONMember("result", contact.map { .string($0.result) } ?? .null),
          ]))
      try table.add([
        peer.server, PeerTexts.how(peer), contact?.identity?.description ?? "",
        contact.map { moment($0.atMilliseconds) } ?? OfficeTexts.never, contact?.result ?? "",
      ])
    }
    if peers.isEmpty { try console.print(PeerTexts.none) }
    try table.finish()
  }
}

extension StandingPeerEntry {
  fileprivate var members: [JSONMember] {
    [
      JSONMember("server", .string(server)),
      JSONMember("every", everySeconds.map { .number(String($0)) } ?? .null),
    ]
  }
}
