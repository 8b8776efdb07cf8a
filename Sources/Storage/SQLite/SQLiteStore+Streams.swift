import Foundation
import GRDB
import OfficeSyncProtocol
import OfficeSyncRecords

import struct OfficeSyncProtocol.Progress

extension SQLiteStore {
  /// Of the stream tokens given out to one receiver for one collection, this many are remembered.
  static let givenTokensMax = 64

  public func complete(_ completion: StreamCompletion) throws {
    try write { db in
      let collection = try CollectionTotals.number(of: completion.collection, in: db)
      try NameEpoch(db, collection: collection).require(completion.epoch)
      let numbers = ReplicaNumbers(db)
      let own = try StoreRow(in: db).replica.id
      let knowledge = KnowledgeTable(db, collection: collection)
      for entry in completion.knowledge.entries {
        let origin = try numbers.number(of: entry.replica)
        // Own counters are never learnt from others: a peer that knows more of this store than it does saw it before it
        // was put back from a copy.
        if entry.replica == own {
          if try knowledge.counter(of: origin) < entry.counter { throw StorageError.restored }
        } else {
          try knowledge.raise(origin: origin, to: entry.counter)
        }
      }
      try ProgressTable(db, collection: collection)
        .remove(from: numbers.number(of: completion.sender))
      try Self.raiseConfirmed(to: completion.confirmed, in: collection, db)
    }
  }

  public func progress(
    from sender: ReplicaID, in collection: CollectionName
  ) throws -> Progress? {
    try read { db in
      guard let number = try CollectionTotals.findNumber(of: collection, in: db),
        let sender = try ReplicaNumbers(db).find(sender)
      else { return nil }
      return try ProgressTable(db, collection: number).find(from: sender)
    }
  }

  // MARK: Tokens

  public func remember(
    token: ReplicaID, givenTo receiver: ReplicaID, in collection: CollectionName
  ) throws {
    try write { db in
      let collection = try CollectionTotals.number(of: collection, in: db)
      let receiver = try ReplicaNumbers(db).number(of: receiver)
      try noteShown(in: collection, db)
      try RawStatement(
        db, "INSERT INTO given_token (collection, receiver, token) VALUES (?, ?, ?)"
      ).run {
        $0.int(collection)
        $0.int(receiver)
        $0.bytes(token.bytes)
      }
      try RawStatement(
        db,
        """
        DELETE FROM given_token WHERE collection = ?1 AND receiver = ?2 AND number NOT IN (
          SELECT number FROM given_token WHERE collection = ?1 AND receiver = ?2
          ORDER BY number DESC LIMIT ?3)
        """
      ).run {
        $0.int(collection)
        $0.int(receiver)
        $0.int(Int64(Self.givenTokensMax))
      }
    }
  }

  /// The stamps of this very moment: some more than those sent does no harm.
  private func noteShown(in collection: Int64, _ db: Database) throws {
    let own = try ReplicaNumbers(db).number(of: StoreRow(in: db).replica.id)
    let newest = try StampTable(db, collection: collection).newest(of: own)?.counter ?? 0
    try db.execute(
      sql: "UPDATE collection SET shown = max(shown, ?) WHERE number = ?",
      arguments: [Int64(bitPattern: newest), collection])
  }

  public func remembers(
    token: ReplicaID, givenTo receiver: ReplicaID, in collection: CollectionName
  ) throws -> Bool {
    try write { db in
      guard let collection = try CollectionTotals.findNumber(of: collection, in: db),
        let receiver = try ReplicaNumbers(db).find(receiver)
      else { return false }
      let number = try RawStatement(
        db,
        "SELECT number FROM given_token WHERE collection = ? AND receiver = ? AND token = ?"
      ).first({
        $0.int(collection)
        $0.int(receiver)
        $0.bytes(token.bytes)
      }) { $0.int(0) }
      guard let number else { return false }
      // A receiver keeps one token: those given out before the one that it shows are never shown again.
      try RawStatement(
        db, "DELETE FROM given_token WHERE collection = ? AND receiver = ? AND number < ?"
      ).run {
        $0.int(collection)
        $0.int(receiver)
        $0.int(number)
      }
      return true
    }
  }

  // MARK: Confirmations

  public func confirm(_ confirmation: Confirmation) throws {
    try write { db in
      let collection = try CollectionTotals.number(of: confirmation.collection, in: db)
      try NameEpoch(db, collection: collection).require(confirmation.epoch)
      let refusals = RefusalTable(db, collection: collection)
      for refusal in confirmation.refusals { try refusals.save(refusal) }
      try Self.raiseConfirmed(to: confirmation.confirmed, in: collection, db)
    }
  }

  private static func raiseConfirmed(
    to confirmed: VersionVector, in collection: Int64, _ db: Database
  ) throws {
    let table = KnowledgeTable(db, collection: collection, .confirmed)
    for entry in confirmed.entries {
      try table.raise(
        origin: try ReplicaNumbers(db).number(of: entry.replica), to: entry.counter)
    }
  }
}

/// Records of one collection that an office refused for good.
struct RefusalTable {
  private let db: Database
  private let collection: Int64

  init(_ db: Database, collection: Int64) {
    self.db = db
    self.collection = collection
  }

  func all() throws -> [(id: RecordID, reason: String)] {
    try Row.fetchAll(
      db, sql: "SELECT id, reason FROM refusal WHERE collection = ? ORDER BY id",
      arguments: [collection]
    ).map { (try RecordID(stored: Array($0["id"] as Data)), $0["reason"]) }
  }

  /// The last reason given for a record is the one kept.
  func save(_ refusal: Confirmation.Refusal) throws {
    try db.execute(
      sql: "INSERT OR REPLACE INTO refusal (collection, id, reason) VALUES (?, ?, ?)",
      arguments: [collection, Data(refusal.id.key.bytes), refusal.reason])
  }
}

extension RecordID {
  init(stored bytes: [UInt8]) throws {
    do {
      try self.init(bytes: bytes)
    } catch {
      throw StorageError.damaged(detail: "a record's ID is malformed")
    }
  }
}
