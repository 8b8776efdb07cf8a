import GRDB
import OfficeSyncProtocol
import OfficeSyncRecords

import struct OfficeSyncRecords.Record

/// Gives writes of one collection new names, wherever they stand: records, index, fingerprint, knowledge, stamps.
struct Renamer {
  private let db: Database
  private let replica: ReplicaInfo
  private let transaction: CollectionTransaction
  private let stamps: StampTable
  private(set) var renamings: [Renaming] = []

  init(_ db: Database, _ collection: CollectionName) throws {
    self.db = db
    replica = try StoreRow(in: db).replica
    transaction = try CollectionTransaction(db, collection)
    stamps = StampTable(db, collection: transaction.number)
  }

  /// What a branch wrote after a fork goes by the first stamp that it made there.
  mutating func split(_ origin: Int64, after counter: UInt64) throws {
    let rest = try stamps.list(of: origin, after: counter)
    guard let first = rest.first else { return }
    let name = try transaction.numbers.number(of: first.token)
    let held = try stamps.list(of: name, after: 0)
    let common = zip(rest, held).prefix { $0 == $1 }.count
    if common > 0, common < min(rest.count, held.count) {
      // The branch forked again, and both of its own branches are here: one by this name, one still by the old one.
      let last = rest[common - 1]
      try keep(Ending(origin: first.token, stamp: last))
      try split(name, after: last.counter)
      try split(origin, after: last.counter)
    }
    try stamps.move(of: origin, after: counter, to: name)
    try rename(origin, after: counter, to: first.token)
    if replica.ids.contains(try transaction.numbers.id(of: origin)) {
      try StoreRow.addFormer(first.token, in: db)
    }
  }

  /// Own writes that were never shown to anybody get the store's new ID, and their stamps anew.
  mutating func takeAlong(after counter: UInt64, to name: ReplicaID) throws {
    let origin = try transaction.numbers.number(of: replica.id)
    try stamps.remove(of: origin, after: counter)
    try rename(origin, after: counter, to: name)
  }

  /// An office passes on where names ended.
  func keep(_ ending: Ending) throws {
    guard replica.identity.role == .office else { return }
    let origin = try transaction.numbers.number(of: ending.origin)
    try EndingTable(db, collection: transaction.number).insert(ending.stamp, of: origin)
  }

  func finish() throws {
    if renamings.isEmpty { return }
    try transaction.finish()
    try NameEpoch(db, collection: transaction.number).advance()
  }

  private mutating func rename(_ origin: Int64, after counter: UInt64, to name: ReplicaID) throws {
    let renaming = Renaming(
      origin: try transaction.numbers.id(of: origin), after: counter, name: name)
    for row in try ClockEntries(db, collection: transaction.number)
      .records(of: origin, after: counter)
    {
      guard let (id, held) = try transaction.held(inRow: row) else { continue }
      let renamed = try renamed(held.record, renaming)
      try transaction.replace(held, id, with: renamed, RecordEncoder.encode(renamed))
    }
    try renameKnowledge(origin, renaming)
    try bind(renaming)
    renamings.append(renaming)
  }

  private func renamed(_ record: Record, _ renaming: Renaming) throws -> Record {
    do { return try record.renamed(by: renaming) } catch {
      throw StorageError.damaged(detail: "a stored record breaks its own rules: \(error)")
    }
  }

  private func renameKnowledge(_ origin: Int64, _ renaming: Renaming) throws {
    let name = try transaction.numbers.number(of: renaming.name)
    let knowledge = KnowledgeTable(db, collection: transaction.number)
    let known = try knowledge.counter(of: origin)
    if known > renaming.after {
      try knowledge.raise(origin: name, to: known)
      try knowledge.lower(origin: origin, to: renaming.after)
    }
    guard replica.ids.contains(renaming.origin) else { return }
    let confirmed = KnowledgeTable(db, collection: transaction.number, .confirmed)
    // Up to the fork there are no writes by the new name: none waits to be sent.
    let there = try confirmed.counter(of: origin)
    if max(there, renaming.after) > 0 {
      try confirmed.raise(origin: name, to: max(there, renaming.after))
    }
    try confirmed.lower(origin: origin, to: renaming.after)
  }

  /// A branch belongs to whom the forked ID belonged to.
  private func bind(_ renaming: Renaming) throws {
    let owners = Owners(db)
    if let owner = try owners.find(renaming.origin) {
      try owners.bind(renaming.name, to: owner.identity, name: owner.name)
    }
  }
}
