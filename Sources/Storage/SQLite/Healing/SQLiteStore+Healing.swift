import Foundation
import GRDB
import OfficeSyncProtocol
import OfficeSyncRecords

extension SQLiteStore {
  public func renew(
    _ former: ReplicaID, isRestored: Bool, token: () -> ReplicaID
  ) throws -> Healing {
    try write { db in
      guard try StoreRow(in: db).replica.id == former else { return Healing() }
      return try Self.renew(db, isRestored: isRestored, token: token)
    }
  }

  public func heal(
    _ endings: [Ending], in collection: CollectionName, token: () -> ReplicaID
  ) throws -> Healing {
    try write { db in
      let tables = try SQLiteTables(db, collection)
      var healing = Healing()
      if let end = try tables.endOfOwnID(endings) {
        healing = try Self.renew(db, isRestored: !end.isRetirement, token: token)
        healing.wasRetired = end.isRetirement
      }
      healing.renamings += try tables.heal(endings)
      return healing
    }
  }

  /// Gives the store a new ID, in all its collections at once.
  static func renew(
    _ db: Database, isRestored: Bool, token: () -> ReplicaID
  ) throws -> Healing {
    let replica = try StoreRow(in: db).replica
    let new = token()
    var healing = Healing(formerReplica: replica.id)
    for name in try String.fetchAll(db, sql: "SELECT name FROM collection ORDER BY name") {
      let tables = try SQLiteTables(db, CollectionName(stored: name))
      healing.renamings += try tables.giveUpOwnID(for: new)
    }
    try Owners(db).note(new, OwnerRow(identity: replica.identity, name: replica.name))
    try StoreRow.addFormer(replica.id, in: db)
    try db.execute(sql: "UPDATE store SET replica = ?", arguments: [Data(new.bytes)])
    if isRestored, replica.identity.role == .office {
      // The original may have let somebody in by them since.
      try withdrawEnrolments(db)
      try StoreRow.save(isRecovering: true, in: db)
    }
    return healing
  }
}
