import OfficeSyncCommandSupport
import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncStorage
import OfficeSyncSyncLink

/// What people are told of stores that were copied, or put back from a copy. Nothing of it is a failure.
enum HealingTexts {
  /// The store's file is not where it was.
  static func moved(_ healing: Healing, _ replica: ReplicaInfo) -> Prose? {
    guard let former = healing.formerReplica else { return nil }
    return """
      This store was moved to another place, copied, or put back from a copy. In case another one writes as replica \
      \(former), it goes on as \(replica.id); nothing was lost.
      """
  }

  /// - Parameter owner: whose a replica is, as far as this store knows.
  static func lines(
    _ healed: [OfficeSyncSyncLink.SyncClient.Report.Healed], _ server: NetworkAddress,
    replica: ReplicaInfo, owner: (ReplicaID) throws -> Identity?
  ) rethrows -> [Prose] {
    var lines: [Prose] = []
    for healed in healed {
      let name = healed.collection
      if let former = healed.healing.formerReplica, healed.healing.wasRetired {
        lines.append(
          """
          \(name): an office has retired this store's replica \(former). Nothing is lost: the store goes on as \
          \(replica.id), and what it had not sent goes along. If it was retired by mistake, nothing need be done.
          """)
      } else if let former = healed.healing.formerReplica {
        lines.append(
          """
          \(name): another store writes as this one's replica \(former): one of them was copied, or put back from a \
          copy. Both keep what they wrote; this one goes on as \(replica.id).
          """)
      }
      for renaming in healed.healing.renamings where renaming.origin != healed.healing.formerReplica
      {
        let whose: Prose =
          if let owner = try owner(renaming.origin) { "\(owner)'s replica" } else { "replica" }
        lines.append(
          """
          \(name): two stores have written as \(whose) \(renaming.origin), or it was retired. Nothing is lost; what this \
          store has of it after write \(renaming.after) goes by \(renaming.name) from now on.
          """)
      }
      if let reason = healed.serverReason.flatMap(serverWord) {
        lines.append(
          """
          \(name): \(server) was \(reason), and goes on under a new replica ID; nothing was lost here.
          """)
      }
    }
    return lines
  }

  private static func serverWord(_ reason: Again.Reason) -> Prose? {
    switch reason {
    case .renewed: "copied, or put back from a copy"
    case .retired: "retired"
    case .forked, .changed: nil
    }
  }
}

extension OfficeSyncSyncLink.SyncClient.Report.Healed {
  /// A member of `healed`, docs/CLI.md.
  var json: JSONValue {
    .object([
      JSONMember("collection", .string(collection.text)),
      JSONMember("formerReplica", healing.formerReplica.map { .string($0.description) } ?? .null),
      JSONMember(
        "renamed",
        .array(
          healing.renamings.map { renaming in
            .object([
              JSONMember("replica", .string(renaming.origin.description)),
              JSONMember("after", .count(renaming.after)),
              JSONMember("name", .string(renaming.name.description)),
            ])
          })),
      JSONMember("retired", .boolean(healing.wasRetired)),
      JSONMember("serverRenewed", .boolean([.renewed, .retired].contains(serverReason))),
    ])
  }
}
