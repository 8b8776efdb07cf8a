import ArgumentParser
import OfficeSyncCommandSupport
import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncStorage

struct RetireCommand: ConsoleCommand {
  static let configuration = CommandConfiguration(
    commandName: "retire",
    abstract:
      "Retire the replica of a device that is lost or was replaced, or a former one of a store.",
    discussion: """
      Its writes stay. It no longer weighs in what is compared and sent, and what it had only half sent is waited for \
      no more. Other offices hear of it when they sync with this one. A retired store that comes back goes on under a \
      new replica ID; nothing of it is lost. To keep somebody out, revoke the certificate or the grants.

      Example: syncserver retire field/amina
      """)

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  @Argument(
    help: .init(
      "A replica ID or its first digits, or an identity that has one replica in use.",
      valueName: "replica|identity"))
  var who: String

  func run(console: Console) throws {
    let office = try OfficeStore(opening: store.folder(of: .server))
    let peer = try find(in: office)
    var generator = SystemRandomNumberGenerator()
    let whom = [
      JSONMember("replica", .string(peer.replica.description)),
      JSONMember("identity", peer.owner.map { .string($0.description) } ?? .null),
    ]
    let ended = try office.recording("retire", whom) {
      try office.store.retire(
        peer.replica, atMilliseconds: wallMilliseconds()
      ) { ReplicaID.random(using: &generator) }
    }
    try console.document(
      .object([
        JSONMember("ok", .boolean(true)), whom[0], whom[1],
        JSONMember(
          "collections",
          .array(
            ended.map {
              .object([
                JSONMember("name", .string($0.collection.text)),
                JSONMember("writes", .number("\($0.writes)")),
              ])
            })),
      ]))
    try console.print(OfficeTexts.retired(peer.replica, of: peer.owner, ended))
    console.next(NextSteps.retired(peer.owner))
  }

  /// - Throws: `CommandError` `unknown-replica`, `ambiguous-replica`, `own-replica` (65).
  private func find(in office: OfficeStore) throws -> (replica: ReplicaID, owner: Identity?) {
    if let identity = try? Identity(who) {
      let inUse = try office.store.peers().filter {
        $0.identity == identity && $0.successor == nil && $0.retiredMilliseconds == nil
      }
      return (try only(inUse.map(\.replica), in: office), identity)
    }
    var known = Set(try office.store.peers().map(\.replica)).union(office.replica.ids)
    for name in try office.store.collections() {
      known.formUnion(try office.store.snapshot(of: name).knowledge.newestStamps.keys)
    }
    let wanted = who.lowercased()
    let found = wanted.isEmpty ? [] : known.filter { $0.description.hasPrefix(wanted) }.sorted()
    let replica = try only(found, in: office)
    return (replica, try office.store.owner(of: replica))
  }

  private func only(_ found: [ReplicaID], in office: OfficeStore) throws -> ReplicaID {
    guard let replica = found.first else { throw CommandError.unknownReplica(who) }
    guard found.count == 1 else { throw CommandError.ambiguousReplica(who, found) }
    if replica == office.replica.id { throw CommandError.ownReplica(replica) }
    return replica
  }
}
