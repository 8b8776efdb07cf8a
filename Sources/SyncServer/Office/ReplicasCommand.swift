import ArgumentParser
import OfficeSyncCommandSupport
import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncStorage

struct ReplicasCommand: ConsoleCommand {
  static let configuration = CommandConfiguration(
    commandName: "replicas",
    abstract:
      "Show who syncs with this office, when they were last here, and how far behind they are.",
    discussion: """
      "Behind" counts the writes in each collection that they did not have when they were last here. A store \
      that was copied, moved or put back goes on under another replica ID. One that is gone for good is for \
      `syncserver retire`.

      Example: syncserver replicas --json
      """)

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  func run(console: Console) throws {
    let office = try OfficeStore(opening: store.folder(of: .server))
    let known = try office.store.knowledgeByCollection()
    let visitors = try office.store.peers().map { Visitor($0, office: known) }
    for visitor in visitors { try console.line(visitor.json) }
    if visitors.isEmpty { return try console.print(OfficeTexts.noReplicas) }
    var table = console.table([
      Table.Column(OfficeTexts.columnWho, isKept: true), Table.Column(OfficeTexts.columnReplica),
      Table.Column(OfficeTexts.columnSeen), Table.Column(OfficeTexts.columnBehind),
    ])
    for visitor in visitors { try table.add(visitor.row) }
    try table.finish()
  }
}

/// A replica that was here, and what it lacks.
private struct Visitor {
  let peer: Peer
  /// Collections that it has shown here, with the number of writes that it lacks.
  let behind: [(collection: CollectionName, writes: UInt64)]

  init(_ peer: Peer, office: [CollectionName: VersionVector]) {
    self.peer = peer
    behind = peer.lag(behind: office)
  }

  var json: JSONValue {
    .object([
      JSONMember("identity", .string(peer.identity.description)),
      JSONMember("role", .string(peer.identity.role.rawValue)),
      JSONMember("replica", .string(peer.replica.description)),
      JSONMember("name", .string(peer.name)),
      JSONMember("seen", peer.seenMilliseconds.map { .string(moment($0)) } ?? .null),
      JSONMember(
        "behind",
        .object(behind.map { JSONMember($0.collection.text, .number("\($0.writes)")) })),
      JSONMember("successor", peer.successor.map { .string($0.description) } ?? .null),
      JSONMember("retired", peer.retiredMilliseconds.map { .string(moment($0)) } ?? .null),
    ])
  }

  var row: [String] {
    let lacking = behind.filter { $0.writes > 0 }
    let text =
      if let successor = peer.successor {
        OfficeTexts.goesOn(as: successor)
      } else if peer.retiredMilliseconds != nil {
        OfficeTexts.retired
      } else if lacking.isEmpty {
        behind.isEmpty ? "" : OfficeTexts.upToDate
      } else {
        lacking.map { OfficeTexts.behind($0.writes, in: $0.collection) }.joined(separator: ", ")
      }
    return [
      peer.identity.description, peer.replica.description,
      peer.seenMilliseconds.map { moment($0) } ?? OfficeTexts.never, text,
    ]
  }
}
