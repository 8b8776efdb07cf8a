import Foundation
import OfficeSyncCommandSupport
import OfficeSyncRecords
import OfficeSyncStorage

/// The words of `syncserver init`, `status` and `replicas` that people read.
enum OfficeTexts {
  /// The command that makes a store in the folder.
  static func makeStore(_ folder: StoreFolder) -> String {
    "syncserver init --data \(folder.path.shellWord) --name NAME"
  }

  static func made(_ replica: ReplicaInfo, in folder: StoreFolder) -> Prose {
    "Made the store of \(replica.identity) in \(folder.path)."
  }

  static func replicaID(_ replica: ReplicaInfo) -> Prose { "Replica ID: \(replica.id)" }

  static func nextRun(_ folder: StoreFolder) -> Prose {
    """
    Next, let other machines in:
      syncserver run --data \(folder.path.shellWord) --listen 0.0.0.0:7443
    """
  }

  static func nextCertificate(_ replica: ReplicaInfo, _ settings: NetworkSettings) -> Prose {
    """
    Next, where the certificate authority is kept:
      syncserver pki issue --dir DIR \(replica.identity) --host NAME-OR-ADDRESS
    Copy its certificate to \(settings.certificate), its key to \(settings.key) and ca.pem to \
    \(settings.authority), then:
      syncserver run
    """
  }

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

  // MARK: Recovery

  static func recovering(_ folder: StoreFolder) -> Prose {
    """
    In recovery: the store was put back from a copy, and takes from field devices all that they hold. When those that \
    matter have synced:
      syncserver recovery --data \(folder.path.shellWord) --close
    """
  }

  static let notRecovering: Prose = "Not in recovery: devices are believed their own writes alone."

  // MARK: What is in the store

  static let noCollections: Prose = "No collection holds anything yet."
  static let columnCollection = "COLLECTION"
  static let columnRecords = "RECORDS"
  static let columnConflicts = "CONFLICTS"
  static let columnUnsent = "UNSENT"
  static let columnFingerprint = "FINGERPRINT"
  static let columnServer = "SERVER"
  static let columnResult = "RESULT"

  // MARK: Replicas

  static let noReplicas: Prose = "Nobody has synced with this office yet."
  static let columnWho = "WHO"
  static let columnReplica = "REPLICA"
  static let columnSeen = "LAST SEEN"
  static let columnBehind = "BEHIND"
  static let never = "never"

  static func goesOn(as successor: ReplicaID) -> String { "goes on as \(successor)" }

  static let upToDate = "up to date"

  static func behind(_ writes: UInt64, in collection: CollectionName) -> String {
    "\(collection): \(Amounts.count(Int(clamping: writes)))"
  }
}
