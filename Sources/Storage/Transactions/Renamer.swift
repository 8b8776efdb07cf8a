import OfficeSyncProtocol
import OfficeSyncRecords

/// Gives writes of one collection new names, wherever they stand: records, index, fingerprint, knowledge, stamps.
struct Renamer {
  private let tables: any CollectionTables
  private let replica: ReplicaInfo
  private let transaction: CollectionTransaction
  private(set) var renamings: [Renaming] = []

  init(_ tables: any CollectionTables) throws {
    self.tables = tables
    replica = try tables.store().replica
    transaction = try CollectionTransaction(tables)
  }

  /// What a branch wrote after a fork goes by the first stamp that it made there.
  /// - Parameter isRetirement: whether the origin was retired there; then so is the branch, where it ends now.
  mutating func split(
    _ origin: ReplicaID, after counter: UInt64, isRetirement: Bool = false
  ) throws {
    let rest = try tables.stamps(of: origin, after: counter, through: Dot.counterMax)
    guard let first = rest.first else { return }
    let held = try tables.stamps(of: first.token, after: 0, through: Dot.counterMax)
    let common = zip(rest, held).prefix { $0 == $1 }.count
    if common > 0, common < min(rest.count, held.count) {
      // The branch forked again, and both of its own branches are here: one by this name, one still by the old one.
      let last = rest[common - 1]
      try tables.keep(Ending(origin: first.token, stamp: last))
      try split(first.token, after: last.counter)
      try split(origin, after: last.counter)
    }
    for changed in [origin, first.token] { try tables.reopen(changed) }
    try moveStamps(of: origin, after: counter, to: first.token)
    try rename(Renaming(origin: origin, after: counter, name: first.token))
    if replica.ids.contains(origin) { try tables.addFormer(first.token) }
    if isRetirement, let last = try tables.newestStamp(of: first.token) {
      try tables.insert(Ending(origin: first.token, stamp: last, isRetirement: true))
    }
    for changed in [origin, first.token] { try tables.closeIfReached(changed) }
  }

  /// Own writes that were never shown to anybody get the store's new ID, and their stamps anew.
  mutating func takeAlong(to name: ReplicaID) throws {
    let shown = try transaction.shown(of: replica.id)
    try tables.removeStamps(of: replica.id, after: shown)
    // Nothing was shown without a stamp: then there is nothing by this name, also where its counters went on from those of an
    // earlier one.
    let kept = try tables.newestStamp(of: replica.id) == nil ? 0 : shown
    if try tables.counter(of: replica.id) > kept {
      try rename(Renaming(origin: replica.id, after: kept, name: name))
    }
    transaction.beginOwnID()
  }

  /// The last call. Sessions under way begin again, and nothing goes on from where an earlier stream stopped.
  func finish() throws {
    transaction.advanceEpoch()
    try transaction.finish()
    try tables.forgetStreams()
  }

  private func moveStamps(
    of origin: ReplicaID, after counter: UInt64, to name: ReplicaID
  ) throws {
    let newest = try tables.newestStamp(of: name)?.counter ?? 0
    for stamp in try tables.stamps(of: origin, after: counter, through: Dot.counterMax)
    where stamp.counter > newest {
      try tables.append(stamp, of: name)
    }
    try tables.removeStamps(of: origin, after: counter)
  }

  private mutating func rename(_ renaming: Renaming) throws {
    try tables.forEachRecord(of: renaming.origin, after: renaming.after) { id in
      let row = try transaction.rewrite(id) { try $0.renamed(by: renaming) }
      if let row { try tables.renameHistory(ofRecord: row, by: renaming) }
    }
    try tables.renameArrivals(by: renaming)
    try renameKnowledge(renaming)
    try tables.bind(renaming.name, toOwnerOf: renaming.origin)
    renamings.append(renaming)
  }

  private func renameKnowledge(_ renaming: Renaming) throws {
    let known = try tables.counter(of: renaming.origin)
    if known > renaming.after {
      try tables.raise(Dot(renaming.name, known))
      try tables.lower(renaming.origin, to: renaming.after)
    }
    guard replica.ids.contains(renaming.origin) else { return }
    // Up to the fork there are no writes by the new name: none waits to be sent.
    let there = max(try tables.confirmed(of: renaming.origin), renaming.after)
    if there > 0 { try tables.raiseConfirmed(Dot(renaming.name, there)) }
    try tables.lowerConfirmed(renaming.origin, to: renaming.after)
  }
}
