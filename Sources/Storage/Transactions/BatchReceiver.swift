import OfficeSyncProtocol
import OfficeSyncRecords

/// Takes one batch in, inside one transaction.
package final class BatchReceiver {
  private let batch: IncomingBatch
  private let transaction: CollectionTransaction
  private let own: ReplicaID
  private let ownCounter: UInt64
  private let clockBefore: HybridTime
  private var clock: HybridClock
  private let timeMax: HybridTime
  /// Where IDs of the device that sends this ended: it may not go on under them.
  private var ends: [Dot] = []
  private var outcome = BatchOutcome()
  /// Origins whose writes go by the names that were compared.
  private var unchanged: Set<ReplicaID> = []

  package init(_ tables: any CollectionTables, _ batch: IncomingBatch) throws {
    self.batch = batch
    try tables.require(epoch: batch.epoch)
    transaction = try CollectionTransaction(tables)
    let row = try tables.store()
    own = row.replica.id
    clockBefore = row.clock
    clock = HybridClock(latest: row.clock)
    timeMax = HybridClock.timeMax(wallMilliseconds: batch.wallMilliseconds)
    ownCounter = try tables.counter(of: own)
    if case .own(let replicas, _, _) = batch.rule {
      ends = try replicas.sorted().compactMap { replica in
        try tables.end(of: replica)?.stamp.map { Dot(replica, $0.counter) }
      }
    }
  }

  package func take(_ incoming: IncomingRecord) throws {
    let clock = incoming.checked.clock
    if let end = ends.first(where: { clock[$0.replica] > $0.counter }) {
      throw StorageError.forked(end.replica)
    }
    if try takeNew(incoming) { return }
    let held = try transaction.held(incoming.id)
    let theirs = try incoming.checked.record
    switch batch.rule.judge(theirs, id: incoming.id, held: held?.record) {
    case .unchanged: break
    case .deferred: outcome.deferred += 1
    case .refused(let refusal):
      outcome.refused.append(BatchOutcome.Refused(id: incoming.id, refusal: refusal))
    case .changed(let record):
      guard try goesByComparedNames(clock) else {
        outcome.deferred += 1
        return
      }
      try noteOwn(clock)
      try transaction.store(
        incoming.id, record, RecordEncoder.encode(record), over: held,
        atMilliseconds: max(batch.wallMilliseconds, self.clock.latest.milliseconds))
      try noteApplied(incoming.checked)
    }
  }

  /// A device does not tell the stamps of others' writes that it builds on, so these must be what they were when both sides
  /// compared theirs: a session beside this one may have brought another branch of the same name.
  private func goesByComparedNames(_ clock: VersionVector) throws -> Bool {
    guard case .own(let replicas, _, _) = batch.rule, let compared = batch.compared else {
      return true
    }
    for origin in clock.entries.lazy.map(\.replica) where !replicas.contains(origin) {
      if unchanged.contains(origin) { continue }
      let newest = try transaction.tables.newestStamp(of: origin)
      if newest != compared[origin] { return false }
      unchanged.insert(origin)
    }
    return true
  }

  /// The bulk of a first pull: a record that is not here yet is kept as it came, without decoding, merging and encoding
  /// what is canonical already.
  private func takeNew(_ incoming: IncomingRecord) throws -> Bool {
    // What the rule has to look at, and an empty record, go the long way.
    guard !incoming.checked.clock.isEmpty,
      batch.rule.admitsUnseen(incoming.checked, id: incoming.id)
    else { return false }
    try noteOwn(incoming.checked.clock)
    guard try transaction.insert(incoming.id, incoming.checked, part: incoming.part) else {
      return false
    }
    try noteApplied(incoming.checked)
    return true
  }

  /// A peer that knows own writes that are not here saw this store before it was put back from a copy. Taking its word
  /// would let the next local write take a name that is in use. And what others build on they were shown, by a copy if not here.
  private func noteOwn(_ clock: VersionVector) throws {
    let seen = clock[own]
    if seen > ownCounter { throw StorageError.restored }
    if seen > 0 { try transaction.noteShown(Dot(own, seen)) }
  }

  private func noteApplied(_ checked: CheckedRecord) throws {
    outcome.applied += 1
    if case .plain(let plain) = checked, plain.latest <= timeMax {
      return clock.observe(plain.latest, timeMax: timeMax)
    }
    for field in try checked.record.fields {
      for sibling in field.siblings { clock.observe(sibling.write.time, timeMax: timeMax) }
    }
  }

  package func finish() throws -> BatchOutcome {
    if outcome.applied > 0 { try transaction.finish() }
    if clock.latest != clockBefore { try transaction.tables.save(clock: clock.latest) }
    if let progress = batch.progress, outcome.deferred == 0, outcome.refused.isEmpty {
      try transaction.tables.save(progress, from: batch.sender)
    }
    outcome.newConflicts = transaction.newConflicts
    return outcome
  }
}
