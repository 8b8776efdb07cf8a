import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncStorage

/// Carries records from one store to another as a session does, without protocol or link: whole records, in the order
/// of the index.
struct Carrier {
  var batchRecords = 3
  var wallMilliseconds: UInt64 = 1_000
  /// Stop after so many batches, without completing.
  var cutAfterBatches: Int?
  var session: SessionTrace?

  @discardableResult
  func carry(
    from sender: TestStore, to receiver: TestStore, in collection: CollectionName = .projects
  ) throws -> [BatchOutcome] {
    let snapshot = try sender.store.sessionSnapshot(
      of: collection, wallMilliseconds: wallMilliseconds
    ) { randomToken() }
    let known = try receiver.store.snapshot(of: collection).knowledge.vector
    let isField = sender.replica.identity.role == .field
    let rule: AdmissionRule =
      isField
      ? .own(
        replicas: [sender.replica.id], author: sender.replica.identity,
        timeMax: HybridClock.timeMax(wallMilliseconds: wallMilliseconds)) : .relayed

    var records: [IncomingRecord] = []
    var seen: Set<RecordID> = []
    for origin in try snapshot.newestEntries.entries.map(\.replica)
    where !isField || origin == sender.replica.id {
      for entry in try allEntries(snapshot, of: origin, after: known[origin]) {
        guard seen.insert(entry.id).inserted else { continue }
        records.append(try incoming(entry, own: isField ? sender.replica.id : nil))
      }
    }
    var outcomes: [BatchOutcome] = []
    var start = 0
    while start < records.count {
      if outcomes.count == cutAfterBatches { return outcomes }
      let batch = Array(records[start..<min(start + batchRecords, records.count)])
      outcomes.append(
        try receiver.store.apply(
          IncomingBatch(
            collection: collection, sender: sender.replica.id, rule: rule, records: batch,
            progress: nil, wallMilliseconds: wallMilliseconds)))
      start += batch.count
    }
    if outcomes.contains(where: { $0.deferred > 0 }) { return outcomes }
    let vector = try snapshot.knowledge.vector
    let claimed =
      isField ? VersionVector(Dot(sender.replica.id, vector[sender.replica.id])) : vector
    try receiver.store.complete(
      StreamCompletion(
        collection: collection, sender: sender.replica.id, knowledge: claimed,
        confirmed: VersionVector(), session: session))
    return outcomes
  }

  /// - Parameter own: a field device sends just its own values; of others' on the same path only the dots go.
  private func incoming(_ entry: StoredEntry, own: ReplicaID?) throws -> IncomingRecord {
    let checked = try CheckedRecord(entry.record)
    guard let own else { return IncomingRecord(id: entry.id, checked) }
    let whole = try checked.record
    let fields = whole.fields.compactMap { field -> Record.Field? in
      let mine = field.siblings.filter { $0.dot.replica == own }
      if mine.isEmpty { return nil }
      let others = field.siblings.filter { $0.dot.replica != own }.map(\.dot)
      return Record.Field(path: field.path, siblings: mine, withheld: others)
    }
    let record = try Record(fields: fields, clock: whole.clock, erased: whole.erased)
    return IncomingRecord(id: entry.id, CheckedRecord(record))
  }
}

func randomToken() -> ReplicaID {
  var generator = SystemRandomNumberGenerator()
  return ReplicaID.random(using: &generator)
}

/// What a peer would send of a record that it made by itself.
func incoming(_ id: String, _ record: Record) throws -> IncomingRecord {
  IncomingRecord(id: try RecordID(id), CheckedRecord(record))
}
