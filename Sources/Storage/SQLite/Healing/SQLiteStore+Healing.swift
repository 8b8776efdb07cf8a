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
      var healing = Healing()
      if try Self.isOwn(endings, in: collection, db) {
        healing = try Self.renew(db, isRestored: true, token: token)
      }
      var renamer = try Renamer(db, collection)
      for ending in endings {
        for origin in try Self.origins(reaching: ending, in: collection, db) {
          try renamer.split(origin, after: ending.stamp?.counter ?? 0)
        }
        try renamer.keep(ending)
      }
      try renamer.finish()
      healing.renamings += renamer.renamings
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
    try Owners(db).bind(new, to: replica.identity, name: replica.name)
    for name in try String.fetchAll(db, sql: "SELECT name FROM collection ORDER BY name") {
      let collection = try CollectionName(stored: name)
      let number = try CollectionTotals.number(of: collection, in: db)
      let shown = try RawStatement(db, "SELECT shown FROM collection WHERE number = ?")
        .first({ $0.int(number) }) { $0.counter(0) }
      var renamer = try Renamer(db, collection)
      let own = try ReplicaNumbers(db).number(of: replica.id)
      if try KnowledgeTable(db, collection: number).counter(of: own) > shown ?? 0 {
        try renamer.takeAlong(after: shown ?? 0, to: new)
      }
      try renamer.finish()
      healing.renamings += renamer.renamings
      // Also where nothing was renamed: sessions under way believe that they know this store's ID.
      if renamer.renamings.isEmpty { try NameEpoch(db, collection: number).advance() }
    }
    try db.execute(sql: "UPDATE collection SET shown = 0")
    try StoreRow.addFormer(replica.id, in: db)
    try db.execute(sql: "UPDATE store SET replica = ?", arguments: [Data(new.bytes)])
    if isRestored, replica.identity.role == .office {
      try StoreRow.save(isRecovering: true, in: db)
    }
    return healing
  }

  /// Whether the store's own present ID ended with one of these.
  private static func isOwn(
    _ endings: [Ending], in collection: CollectionName, _ db: Database
  ) throws -> Bool {
    let own = try ReplicaNumbers(db).number(of: StoreRow(in: db).replica.id)
    return try endings.contains { try origins(reaching: $0, in: collection, db).contains(own) }
  }

  /// The origins whose lists the ending is in.
  static func origins(
    reaching ending: Ending, in collection: CollectionName, _ db: Database
  ) throws -> [Int64] {
    guard let number = try CollectionTotals.findNumber(of: collection, in: db) else { return [] }
    if let stamp = ending.stamp {
      return try StampTable(db, collection: number).origins(with: stamp)
    }
    return [try ReplicaNumbers(db).find(ending.origin)].compactMap { $0 }
  }
}
