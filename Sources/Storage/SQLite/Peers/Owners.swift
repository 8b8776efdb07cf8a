import Foundation
import GRDB
import OfficeSyncRecords

/// A replica that this store met, with whom it belongs to.
public struct Peer: Hashable, Sendable {
  public var replica: ReplicaID
  public var identity: Identity
  public var name: String
  /// Milliseconds since 1970 UTC; nil if it never was here.
  public var seenMilliseconds: UInt64?
  /// What it knew of each collection when it was last here.
  public var knowledge: [CollectionName: VersionVector]
  /// The replica ID that its store goes on under; nil if it is in use, as far as is known.
  public var successor: ReplicaID?
  /// When this office retired it, in milliseconds since 1970 UTC; nil if it has not.
  public var retiredMilliseconds: UInt64?

  public init(
    replica: ReplicaID, identity: Identity, name: String, seenMilliseconds: UInt64?,
    knowledge: [CollectionName: VersionVector], successor: ReplicaID? = nil,
    retiredMilliseconds: UInt64? = nil
  ) {
    self.successor = successor
    self.retiredMilliseconds = retiredMilliseconds
    self.replica = replica
    self.identity = identity
    self.name = name
    self.seenMilliseconds = seenMilliseconds
    self.knowledge = knowledge
  }
}

extension SQLiteStore {
  /// Binds a replica to an identity: the first one that shows it has it for ever.
  ///
  /// - Throws: ``StorageError`` `.ownedByAnother`
  public func bind(replica: ReplicaID, to identity: Identity, name: String) throws {
    // Nearly always it is bound already, and then nothing is written.
    let isBound = try read {
      try Owners($0).find(replica) == OwnerRow(identity: identity, name: name)
    }
    if isBound { return }
    try write { try Owners($0).bind(replica, to: identity, name: name) }
  }

  /// Whom a replica belongs to; nil if it was never bound.
  public func owner(of replica: ReplicaID) throws -> Identity? {
    try read { try Owners($0).find(replica)?.identity }
  }

  /// All replicas bound to an identity.
  public func replicas(of identity: Identity) throws -> Set<ReplicaID> {
    try read { db in
      let ids = try Data.fetchAll(
        db,
        sql: """
          SELECT replica.id FROM owner JOIN replica ON replica.number = owner.replica
          WHERE owner.identity = ?
          """, arguments: [identity.description])
      return Set(ids.compactMap { ReplicaID(bytes: $0) })
    }
  }

  /// Notes that a bound replica was here.
  public func noteSeen(_ replica: ReplicaID, atMilliseconds milliseconds: UInt64) throws {
    try write { db in
      try db.execute(
        sql: "UPDATE owner SET seen = ? WHERE replica = ?",
        arguments: [
          Int64(bitPattern: milliseconds), try ReplicaNumbers(db).number(of: replica),
        ])
    }
  }

  /// Notes that the store of bound replicas goes on under another ID.
  public func note(successor: ReplicaID, of former: [ReplicaID]) throws {
    try write { db in
      let numbers = ReplicaNumbers(db)
      for replica in former {
        try db.execute(
          sql: "UPDATE owner SET successor = ? WHERE replica = ?",
          arguments: [try numbers.number(of: successor), try numbers.number(of: replica)])
      }
    }
  }

  /// Notes what a bound replica showed to know of a collection.
  public func notePeer(
    _ replica: ReplicaID, atMilliseconds milliseconds: UInt64, knowledge: VersionVector,
    in collection: CollectionName
  ) throws {
    try write { db in
      let collection = try CollectionTotals.number(of: collection, in: db)
      let number = try ReplicaNumbers(db).number(of: replica)
      try db.execute(
        sql: "UPDATE owner SET seen = ? WHERE replica = ?",
        arguments: [Int64(bitPattern: milliseconds), number])
      try db.execute(
        sql: "INSERT OR REPLACE INTO peer_knowledge (replica, collection, vector) VALUES (?, ?, ?)",
        arguments: [number, collection, Data(knowledge.stored)])
    }
  }

  /// Every replica but this store's own, by identity and ID.
  public func peers() throws -> [Peer] {
    try read { db in
      let own = try StoreRow(in: db).replica.ids
      return try Owners(db).all().filter { !own.contains($0.replica) }
    }
  }
}

/// Whom a replica belongs to, and what it was called last.
struct OwnerRow: Equatable {
  var identity: Identity
  var name: String
}

/// Which identity each replica belongs to.
struct Owners {
  private let db: Database

  init(_ db: Database) {
    self.db = db
  }

  func find(_ replica: ReplicaID) throws -> OwnerRow? {
    let row = try Row.fetchOne(
      db,
      sql: """
        SELECT identity, name FROM owner JOIN replica ON replica.number = owner.replica
        WHERE replica.id = ?
        """, arguments: [Data(replica.bytes)])
    return try row.map {
      OwnerRow(identity: try Identity(stored: $0["identity"]), name: $0["name"])
    }
  }

  func bind(_ replica: ReplicaID, to identity: Identity, name: String) throws {
    if let owner = try find(replica), owner.identity != identity {
      throw StorageError.ownedByAnother(owner.identity)
    }
    try db.execute(
      sql: """
        INSERT INTO owner (replica, identity, name) VALUES (?, ?, ?)
        ON CONFLICT DO UPDATE SET name = excluded.name
        """,
      arguments: [
        try ReplicaNumbers(db).number(of: replica), identity.description, name,
      ])
  }

  func all() throws -> [Peer] {
    try Row.fetchAll(
      db,
      sql: """
        SELECT replica.number, replica.id, identity, name, seen, retired,
          successor.id AS successor
        FROM owner JOIN replica ON replica.number = owner.replica
        LEFT JOIN replica AS successor ON successor.number = owner.successor
        ORDER BY identity, replica.id
        """
    ).map { row in
      guard let replica = ReplicaID(bytes: row["id"] as Data) else {
        throw StorageError.damaged(detail: "a replica ID has the wrong length")
      }
      let (seen, retired): (Int64?, Int64?) = (row["seen"], row["retired"])
      return Peer(
        replica: replica, identity: try Identity(stored: row["identity"]), name: row["name"],
        seenMilliseconds: seen.map { UInt64(bitPattern: $0) },
        knowledge: try knowledge(of: row["number"]),
        successor: (row["successor"] as Data?).flatMap { ReplicaID(bytes: $0) },
        retiredMilliseconds: retired.map { UInt64(bitPattern: $0) })
    }
  }

  private func knowledge(of replica: Int64) throws -> [CollectionName: VersionVector] {
    let rows = try Row.fetchAll(
      db,
      sql: """
        SELECT name, vector FROM peer_knowledge
        JOIN collection ON collection.number = peer_knowledge.collection WHERE replica = ?
        """, arguments: [replica])
    var knowledge: [CollectionName: VersionVector] = [:]
    for row in rows {
      let name = try CollectionName(stored: row["name"])
      knowledge[name] = try VersionVector(stored: Array(row["vector"] as Data))
    }
    return knowledge
  }
}

extension Identity {
  init(stored text: String) throws {
    do {
      try self.init(text)
    } catch {
      throw StorageError.damaged(detail: "an identity is malformed")
    }
  }
}
