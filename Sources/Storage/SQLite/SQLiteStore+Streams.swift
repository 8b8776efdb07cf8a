import Foundation
import GRDB
import OfficeSyncProtocol
import OfficeSyncRecords

import struct OfficeSyncProtocol.Progress

extension SQLiteStore {
  public func complete(_ completion: StreamCompletion) throws {
    try write { db in
      try SQLiteTables(db, completion.collection).complete(completion)
      try RecordIDs.enterTail(db)
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
    token: ReplicaID, givenTo receiver: ReplicaID, in collection: CollectionName, ownStamp: Stamp?,
    revision: UInt64, epoch: UInt64?
  ) throws {
    try write { db in
      let tables = try SQLiteTables(db, collection)
      try tables.require(epoch: epoch)
      if let ownStamp { try tables.noteShown(ownStamp) }
      let collection = tables.number
      let receiver = try ReplicaNumbers(db).number(of: receiver)
      try RawStatement(
        db, "INSERT INTO given_token (collection, receiver, token, revision) VALUES (?, ?, ?, ?)"
      ).run {
        $0.int(collection)
        $0.int(receiver)
        $0.bytes(token.bytes)
        $0.counter(revision)
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
        $0.int(Int64(SQLiteTables.givenTokensMax))
      }
    }
  }

  public func remembers(
    token: ReplicaID, givenTo receiver: ReplicaID, in collection: CollectionName, revision: UInt64
  ) throws -> Bool {
    try write { db in
      guard let collection = try CollectionTotals.findNumber(of: collection, in: db),
        let receiver = try ReplicaNumbers(db).find(receiver)
      else { return false }
      let number = try RawStatement(
        db,
        """
        SELECT number FROM given_token
        WHERE collection = ? AND receiver = ? AND token = ? AND revision <= ?
        """
      ).first({
        $0.int(collection)
        $0.int(receiver)
        $0.bytes(token.bytes)
        $0.counter(revision)
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
      let tables = try SQLiteTables(db, confirmation.collection)
      try tables.require(epoch: confirmation.epoch)
      let refusals = RefusalTable(db, collection: tables.number)
      for refusal in confirmation.refusals { try refusals.save(refusal) }
      for entry in confirmation.confirmed.entries { try tables.raiseConfirmed(entry) }
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
    let select = try db.cachedStatement(
      sql: "SELECT id, reason FROM refusal WHERE collection = ? ORDER BY id")
    return try Row.fetchAll(select, arguments: [collection]).map {
      (
        try RecordID(stored: Array($0.decode(forColumn: "id") as Data)),
        try $0.decode(forColumn: "reason")
      )
    }
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
