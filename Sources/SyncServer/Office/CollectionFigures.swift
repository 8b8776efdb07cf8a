import OfficeSyncCommandSupport
import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncStorage

/// How a collection stands: what `status` shows, and `run --metrics` writes.
struct CollectionFigures {
  let name: CollectionName
  let records: UInt64
  let conflicts: UInt64
  let unsent: UInt64
  let refused: Int
  let fingerprint: String
  let knowledge: VersionVector

  init(_ snapshot: any CollectionSnapshot) throws {
    name = snapshot.collection
    records = snapshot.liveRecordCount
    conflicts = snapshot.openConflictCount
    knowledge = try snapshot.knowledge.open
    unsent = try snapshot.unsentCount
    refused = try snapshot.refusals.count
    fingerprint = try snapshot.condition.fingerprint.description
  }
}

extension SQLiteStore {
  func figures() throws -> [CollectionFigures] {
    try collections().map { try CollectionFigures(try snapshot(of: $0)) }
  }
}
