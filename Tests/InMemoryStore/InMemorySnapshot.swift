import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncStorage

/// A collection at one moment: a copy of its image.
final class InMemorySnapshot: CollectionSnapshot {
  let collection: CollectionName
  let replica: ReplicaInfo
  let latestOwnTime: HybridTime
  private let image: CollectionImage
  let newestEntries: VersionVector
  let knowledge: Knowledge

  init(_ store: StoreImage, of collection: CollectionName) {
    self.collection = collection
    replica = store.row.replica
    latestOwnTime = store.row.latestOwnTime
    image = store.collections[collection] ?? CollectionImage()
    newestEntries = image.newestEntries
    knowledge = image.knowledge(newestEntries)
  }

  var epoch: UInt64 { image.totals.epoch }
  var revision: UInt64 { image.totals.revision }
  var ended: [Ending] { image.endings.sorted() }

  var condition: Condition {
    let strays = knowledge.strays
    return Condition(
      fingerprint: image.totals.fingerprint,
      isPartial: newestEntries.entries.contains { entry in
        !image.knowledge.covers(entry) && strays[entry.replica] == nil
      })
  }

  var confirmed: VersionVector { image.confirmed }
  var recordCount: UInt64 { image.totals.records }
  var liveRecordCount: UInt64 { image.totals.live }
  var openConflictCount: UInt64 { image.totals.conflicts }

  var refusals: [(id: RecordID, reason: String)] {
    image.refusals.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  func schema() -> Schema { .inForce(in: collection, record: record(.schema)) }

  func record(_ id: RecordID) -> Record? { image.held(id)?.record }

  /// No bit flips here.
  func soundRecord(_ id: RecordID) -> [UInt8]? { image.held(id)?.encoded.bytes }

  func records(after id: RecordID?, limit: Int) -> [(id: RecordID, record: Record)] {
    let all = image.rows.sorted { $0.id < $1.id }
    return all.drop { row in id.map { row.id <= $0 } ?? false }.prefix(limit)
      .map { ($0.id, $0.held.record) }
  }

  func recordIDs(after id: RecordID?, limit: Int) -> [RecordID] {
    records(after: id, limit: limit).map(\.id)
  }

  func digests(after id: RecordID?, through last: RecordID?, limit: Int) -> [RecordDigest] {
    let found = image.rows.sorted { $0.id < $1.id }.filter { row in
      (id.map { row.id > $0 } ?? true) && (last.map { row.id <= $0 } ?? true)
    }
    return found.prefix(limit).map { row in
      StoredState(
        row.held.encoded.bytes, checksum: row.held.traits.checksum, id: row.id,
        collection: collection
      ).digest(of: row.id)
    }
  }

  func recordsWithOpenConflicts() -> [RecordID] {
    image.rows.filter { $0.held.traits.openConflicts > 0 }.map(\.id).sorted()
  }

  func entries(of origin: ReplicaID, after cursor: EntryCursor, bytesGoal: Int) -> [StoredEntry] {
    let start = CollectionImage.Entry(counter: cursor.counter, row: cursor.row)
    var found: [StoredEntry] = []
    var bytes = 0
    for entry in image.entries[origin] ?? [] where entry > start {
      let row = image[entry.row]
      found.append(
        StoredEntry(
          cursor: EntryCursor(counter: entry.counter, row: entry.row), id: row.id,
          record: row.held.encoded.bytes, checksum: row.held.traits.checksum))
      bytes += row.held.encoded.bytes.count
      if bytes >= bytesGoal { break }
    }
    return found
  }

  func estimatedRecords(beyond known: VersionVector) -> UInt64 {
    let lacking = image.rows.count { !$0.held.record.clock.isCovered(by: known) }
    return UInt64(lacking)
  }

  func stampList(of origin: ReplicaID, after counter: UInt64) -> [Stamp] {
    (image.stamps[origin] ?? []).filter { $0.counter > counter }
  }

  func contains(_ stamp: Stamp, of origin: ReplicaID) -> Bool {
    image.stamps[origin]?.contains(stamp) ?? false
  }

  func overruns(_ ending: Ending) -> Bool {
    let reached = image.stamps.filter { origin, list in
      ending.stamp.map(list.contains) ?? (origin == ending.origin)
    }
    let isOwn = ending.stamp == nil && ending.origin == replica.id
    return isOwn
      || reached.contains { origin, list in
        origin == replica.id || (list.last?.counter ?? 0) > ending.stamp?.counter ?? 0
      }
  }

  func history(of id: RecordID) -> [OvertakenSibling] {
    image.held(id).flatMap { image.history[$0.row] } ?? []
  }

  func session(of dot: Dot) -> SessionTrace? {
    let arrival = image.arrivals.first {
      $0.origin == dot.replica && $0.after < dot.counter && $0.through >= dot.counter
    }
    return arrival?.session
  }
}

extension CollectionImage {
  /// - Parameter newestEntries: of each origin.
  fileprivate func knowledge(_ newestEntries: VersionVector) -> Knowledge {
    let beyond = newestEntries.entries.filter { newest in
      !knowledge.covers(newest)
        && endings.contains { $0.stamp != nil && $0.stamp == newestStamps[newest.replica] }
    }.map(\.replica)
    let strays = beyond.map { origin in
      let entries = entries[origin, default: []]
        .filter { $0.counter > knowledge[origin] }
      return (
        origin,
        entries.map { Fingerprint(stray: Dot(origin, $0.counter), of: self[$0.row].id) }
          .reduce(.zero, +)
      )
    }
    return Knowledge(
      vector: knowledge, newestStamps: newestStamps, closed: closed,
      strays: Dictionary(uniqueKeysWithValues: strays))
  }
}
