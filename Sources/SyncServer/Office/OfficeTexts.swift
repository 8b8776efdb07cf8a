import Foundation
import OfficeSyncCommandSupport
import OfficeSyncRecords
import OfficeSyncStorage

/// The words of `syncserver init`, `status` and `replicas` that people read.
enum OfficeTexts {
  static func made(_ replica: ReplicaInfo, in folder: StoreFolder) -> Prose {
    "Made the store of \(replica.identity) in \(folder.path)."
  }

  static func replicaID(_ replica: ReplicaInfo) -> Prose { "Replica ID: \(replica.id)" }

  // MARK: Status

  static func store(_ folder: StoreFolder) -> Prose { "Store: \(folder.path)" }

  static func identity(_ replica: ReplicaInfo) -> Prose {
    "Office: \(replica.identity), replica \(replica.id)"
  }

  static func former(_ replica: ReplicaInfo) -> Prose? {
    if replica.formerIDs.isEmpty { return nil }
    let former = replica.formerIDs.map(\.description).joined(separator: ", ")
    return "It was copied, moved or put back; earlier writes go by \(former)."
  }

  static func certificateEnds(_ end: String) -> Prose { "Its certificate ends at \(end)." }
  static let noCertificate: Prose = "It has no certificate that can be read yet."

  // MARK: Recovery

  static func recovering(_ folder: StoreFolder) -> Prose {
    let close = ShellCommand("syncserver", "recovery", "--data", folder.path, "--close")
    return """
      In recovery: the store was put back from a copy, and takes from field devices all that they hold. When those that \
      matter have synced:
        \(close)
      """
  }

  static let notRecovering: Prose = "Not in recovery: devices are believed their own writes alone."

  // MARK: Retirement

  /// - Parameter owner: whose it is; nil if that was never heard.
  static func retired(
    _ replica: ReplicaID, of owner: Identity?,
    _ ended: [(collection: CollectionName, writes: UInt64)]
  ) -> Prose {
    let whose: Prose = if let owner { "\(owner)'s replica" } else { "Replica" }
    if ended.isEmpty { return "\(whose) \(replica) is retired. It has written nothing here." }
    let writes = Amounts.count(Int(clamping: ended.reduce(0) { $0 + $1.writes }))
    return """
      \(whose) \(replica) is retired. Its \(writes) writes stay, and other offices hear of it when they sync. If its \
      store comes back it goes on under a new replica ID, with what it had not sent.
      """
  }

  // MARK: What is in the store

  static let noCollections: Prose = "No collection holds anything yet."
  static let columnCollection = "Collection"
  static let columnRecords = "Records"
  static let columnConflicts = "Conflicts"
  static let columnUnsent = "Unsent"
  static let columnFingerprint = "Fingerprint"
  static let columnServer = "Server"
  static let columnResult = "Result"

  // MARK: Replicas

  static let noReplicas: Prose = "Nobody has synced with this office yet."
  static let columnWho = "Who"
  static let columnReplica = "Replica"
  static let columnSeen = "Last seen"
  static let columnBehind = "Behind"
  static let never = "never"

  static func goesOn(as successor: ReplicaID) -> String { "goes on as \(successor)" }

  static let retired = "retired"

  static let upToDate = "up to date"

  static func behind(_ writes: UInt64, in collection: CollectionName) -> String {
    "\(collection): \(Amounts.count(Int(clamping: writes)))"
  }
}
