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
      try Self.raiseConfirmed(to: completion.confirmedCounter, in: collection, db)
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
      let own = try StoreRow(in: db).replica.id
      let table = try RefusalTable(db, collection: collection)
      let records = try RecordTable(db, collection: collection)
      let refused = Set(confirmation.refusals.map(\.id))
      // An earlier refusal is settled by a later write to the record that the office took.
      for earlier in try table.all() where !refused.contains(earlier.id) {
        let latest = try records.find(earlier.id)?.record.clock[own] ?? 0
        if latest > earlier.counter, latest <= confirmation.counter {
          try table.remove(earlier.id)
        }
      }
      for refusal in confirmation.refusals {
        let latest = try records.find(refusal.id)?.record.clock[own] ?? 0
        try table.save(
          refusal.id, reason: refusal.reason, counter: min(latest, confirmation.counter))
      }
      try Self.raiseConfirmed(to: confirmation.counter, in: collection, db)
    }
  }

  private static func raiseConfirmed(
    to counter: UInt64, in collection: Int64, _ db: Database
  ) throws {
    if counter == 0 { return }
    try RawStatement(
      db, "UPDATE collection SET confirmed = max(confirmed, ?) WHERE number = ?"
    ).run {
      $0.counter(counter)
      $0.int(collection)
    }
  }
}

/// Records that an office refused for good, each as of an own write.
struct RefusalTable {
  private let db: Database
  private let collection: Int64

  init(_ db: Database, collection: Int64) throws {
    self.db = db
    self.collection = collection
  }

  func all() throws -> [(id: RecordID, counter: UInt64, reason: String)] {
    try Row.fetchAll(
      db, sql: "SELECT id, counter, reason FROM refusal WHERE collection = ? ORDER BY id",
      arguments: [collection]
    ).map { row in
      let counter: Int64 = row["counter"]
      return (
        try RecordID(stored: Array(row["id"] as Data)), UInt64(bitPattern: counter), row["reason"]
      )
    }
  }

  func save(_ id: RecordID, reason: String, counter: UInt64) throws {
    try db.execute(
      sql: "INSERT OR REPLACE INTO refusal (collection, id, counter, reason) VALUES (?, ?, ?, ?)",
      arguments: [collection, Data(id.key.bytes), Int64(bitPattern: counter), reason])
  }

  func remove(_ id: RecordID) throws {
    try db.execute(
      sql: "DELETE FROM refusal WHERE collection = ? AND id = ?",
      arguments: [collection, Data(id.key.bytes)])
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
