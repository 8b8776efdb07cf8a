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
  /// When an office retired it, in milliseconds since 1970 UTC; nil if none has, as far as is known.
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
  /// Binds a replica to an identity, for all offices: the first one that shows it has it for ever.
  ///
  /// - Throws: ``StorageError`` `.ownedByAnother`, `.disputed`
  public func bind(
    replica: ReplicaID, to identity: Identity, name: String, wallMilliseconds: UInt64
  ) throws {
    // Nearly always it is bound already, and then nothing is written.
    let isBound = try read { db in
      let owner = OwnerRow(identity: identity, name: name)
      return try Register(db).entry(of: replica).owners == [identity]
        && Owners(db).find(replica) == owner
    }
    if isBound { return }
    try write { db in
      let (register, owners) = (try Register(db), Owners(db))
      if let owner = try owners.owner(of: replica, register), owner != identity {
        throw StorageError.ownedByAnother(owner)
      }
      if try register.entry(of: replica).owners.isEmpty {
        try register.write(
          ReplicaEntry.owned(by: identity), to: ReplicaEntry.id(of: replica),
          wallMilliseconds: wallMilliseconds)
      }
      try owners.note(replica, OwnerRow(identity: identity, name: name))
    }
  }

  /// Whom a replica belongs to; nil if it was never bound.
  ///
  /// - Throws: ``StorageError`` `.disputed`
  public func owner(of replica: ReplicaID) throws -> Identity? {
    try read { try Owners($0).owner(of: replica, Register($0)) }
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

  /// Every replica but this store's own that it met, or that other offices told of; by identity and ID.
  public func peers() throws -> [Peer] {
    try read { db in
      let own = try StoreRow(in: db).replica.ids
      var peers: [ReplicaID: Peer] = [:]
      for peer in try Owners(db).all() where !own.contains(peer.replica) {
        peers[peer.replica] = peer
      }
      for entry in try Register(db).entries() where !own.contains(entry.replica) {
        guard let identity = entry.owners.first ?? peers[entry.replica]?.identity else { continue }
        var peer =
          peers[entry.replica]
          ?? Peer(
            replica: entry.replica, identity: identity, name: identity.name, seenMilliseconds: nil,
            knowledge: [:])
        peer.identity = identity
        peer.retiredMilliseconds = entry.retiredMilliseconds
        peers[entry.replica] = peer
      }
      return peers.values.sorted { ($0.identity, $0.replica) < ($1.identity, $1.replica) }
    }
  }
}

/// Whom a replica belongs to, and what it was called last.
struct OwnerRow: Equatable {
  var identity: Identity
  var name: String
}

/// What this store was told last of each replica that it met.
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
      OwnerRow(
        identity: try Identity(stored: $0.decode(forColumn: "identity")),
        name: try $0.decode(forColumn: "name"))
    }
  }

  /// Whom a replica belongs to: what the offices agree on goes before what this store was told.
  ///
  /// - Throws: ``StorageError`` `.disputed`
  func owner(of replica: ReplicaID, _ register: Register) throws -> Identity? {
    let owners = try register.entry(of: replica).owners
    if owners.count > 1 { throw StorageError.disputed(replica, owners) }
    return try owners.first ?? find(replica)?.identity
  }

  func note(_ replica: ReplicaID, _ owner: OwnerRow) throws {
    try db.execute(
      sql: """
        INSERT INTO owner (replica, identity, name) VALUES (?, ?, ?)
        ON CONFLICT DO UPDATE SET identity = excluded.identity, name = excluded.name
        """,
      arguments: [
        try ReplicaNumbers(db).number(of: replica), owner.identity.description, owner.name,
      ])
  }

  func all() throws -> [Peer] {
    try Row.fetchAll(
      db,
      sql: """
        SELECT replica.number, replica.id, identity, name, seen, successor.id AS successor
        FROM owner JOIN replica ON replica.number = owner.replica
        LEFT JOIN replica AS successor ON successor.number = owner.successor
        """
    ).map { row in
      guard let replica = ReplicaID(bytes: try row.decode(forColumn: "id") as Data) else {
        throw StorageError.damaged(detail: "a replica ID has the wrong length")
      }
      let seen: Int64? = try row.decode(forColumn: "seen")
      return Peer(
        replica: replica, identity: try Identity(stored: row.decode(forColumn: "identity")),
        name: try row.decode(forColumn: "name"),
        seenMilliseconds: seen.map { UInt64(bitPattern: $0) },
        knowledge: try knowledge(of: row.decode(forColumn: "number")),
        successor: (try row.decode(forColumn: "successor") as Data?).flatMap {
          ReplicaID(bytes: $0)
        })
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
      let name = try CollectionName(stored: row.decode(forColumn: "name"))
      knowledge[name] = try VersionVector(stored: Array(row.decode(forColumn: "vector") as Data))
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
