import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncStorage
import Testing

/// Reckons everything that a store keeps added up again from its records, through the seam alone.
func audit(
  _ snapshot: any CollectionSnapshot, sourceLocation: SourceLocation = #_sourceLocation
) throws {
  let records = try allRecords(snapshot)
  let schema = Schema.inForce(
    in: snapshot.collection, record: records.first { $0.id == .schema }?.record)
  var fingerprint = Fingerprint.zero
  var live: UInt64 = 0
  var open: UInt64 = 0
  var inConflict: [RecordID] = []
  var entries: [ReplicaID: Set<[String]>] = [:]
  var isPartial = false
  let known = try snapshot.knowledge
  for (id, record) in records {
    let encoded = RecordEncoder.encode(record)
    fingerprint =
      fingerprint + Fingerprint(collection: snapshot.collection, id: id, record: encoded)
    let view = RecordView(record, schema: schema)
    if !view.isDeleted, !id.isReserved { live += 1 }
    open += UInt64(view.openConflictCount)
    if view.openConflictCount > 0 { inConflict.append(id) }
    let own = record.fields.flatMap(\.siblings).filter { $0.dot.replica == snapshot.replica.id }
    #expect(
      own.allSatisfy { $0.write.time <= snapshot.latestOwnTime }, "\(id)",
      sourceLocation: sourceLocation)
    for entry in record.clock.entries {
      entries[entry.replica, default: []].insert([id.description, String(entry.counter)])
      if !known.vector.covers(entry), known.strays[entry.replica] == nil { isPartial = true }
    }
  }
  #expect(try snapshot.condition.fingerprint == fingerprint, sourceLocation: sourceLocation)
  #expect(snapshot.recordCount == UInt64(records.count), sourceLocation: sourceLocation)
  #expect(snapshot.liveRecordCount == live, sourceLocation: sourceLocation)
  #expect(snapshot.openConflictCount == open, sourceLocation: sourceLocation)
  #expect(try snapshot.condition.isPartial == isPartial, sourceLocation: sourceLocation)
  #expect(try snapshot.recordsWithOpenConflicts() == inConflict, sourceLocation: sourceLocation)
  let newest = try snapshot.newestEntries
  #expect(newest.entries.map(\.replica) == entries.keys.sorted(), sourceLocation: sourceLocation)
  for (origin, expected) in entries {
    let highest = expected.compactMap { UInt64($0[1]) }.max() ?? 0
    #expect(
      known.closed.contains(origin) ? newest[origin] >= highest : newest[origin] == highest,
      sourceLocation: sourceLocation)
    let found = try allEntries(snapshot, of: origin)
    #expect(
      Set(found.map { [$0.id.description, String($0.cursor.counter)] }) == expected,
      sourceLocation: sourceLocation)
    #expect(found.count == expected.count, sourceLocation: sourceLocation)
    #expect(
      found.map(\.cursor.counter) == found.map(\.cursor.counter).sorted(),
      sourceLocation: sourceLocation)
  }
}

/// Every record, read in pages of three.
func allRecords(
  _ snapshot: any CollectionSnapshot
) throws -> [(id: RecordID, record: Record)] {
  var all: [(id: RecordID, record: Record)] = []
  while true {
    let page = try snapshot.records(after: all.last?.id, limit: 3)
    if page.isEmpty { return all }
    all += page
  }
}

/// Every index row of an origin, read in small bites.
func allEntries(
  _ snapshot: any CollectionSnapshot, of origin: ReplicaID, after counter: UInt64 = 0,
  bytesGoal: Int = 300
) throws -> [StoredEntry] {
  var all: [StoredEntry] = []
  var cursor = EntryCursor(counter: counter)
  while true {
    let bite = try snapshot.entries(of: origin, after: cursor, bytesGoal: bytesGoal)
    guard let last = bite.last else { return all }
    all += bite
    cursor = last.cursor
  }
}
