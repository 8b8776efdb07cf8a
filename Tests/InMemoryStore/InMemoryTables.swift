import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncStorage

/// One collection inside one transaction: works on a copy, which takes the place of the original if all goes well.
final class InMemoryTables: CollectionTables {
  let name: CollectionName
  var collection: CollectionImage
  private var original: StoreImage

  init(_ image: StoreImage, _ name: CollectionName) {
    self.name = name
    original = image
    collection = image.collections[name] ?? CollectionImage()
  }

  /// The store with what was changed so far.
  var image: StoreImage {
    var image = original
    image.collections[name] = collection
    return image
  }

  func translating<T>(_ work: () throws -> T) throws -> T {
    do {
      return try work()
    } catch is CounterExhausted {
      throw StorageError.counterExhausted
    }
  }

  func store() -> StoreRow { original.row }

  func save(clock: HybridTime) {
    original.row.clock = clock
  }

  func totals() -> CollectionTotals { collection.totals }
  func save(_ totals: CollectionTotals) { collection.totals = totals.revised }

  func held(_ id: RecordID) -> HeldRecord? { collection.held(id) }

  func insert(
    _ id: RecordID, _ encoded: EncodedRecord, _ traits: RecordTraits
  ) throws -> Int64? {
    try collection.insert(id, encoded, traits)
  }

  func update(_ row: Int64, _ encoded: EncodedRecord, _ traits: RecordTraits) throws {
    collection[row].held = try HeldRecord(row: row, traits: traits, encoded.bytes)
  }

  func stored(_ id: RecordID) -> StoredRow? {
    collection.held(id).map { held in
      StoredRow(row: held.row, id: id, traits: held.traits, bytes: held.encoded.bytes)
    }
  }

  func forEachStored(_ body: (StoredRow) throws -> Void) throws {
    for row in collection.rows {
      try body(
        StoredRow(
          row: row.held.row, id: row.id, traits: row.held.traits, bytes: row.held.encoded.bytes))
    }
  }

  func removeEntries(ofRecord row: Int64) { collection.removeEntries { $0 == row } }
  func removeAllEntries() { collection.removeEntries { _ in true } }

  func recount(_ count: (Record) -> Int) -> [(row: Int64, before: Int, after: Int)] {
    collection.rows.map(\.held).filter(\.traits.isContested)
      .map { (row: $0.row, before: $0.traits.openConflicts, after: count($0.record)) }
      .filter { $0.before != $0.after }
  }

  func setOpenConflicts(_ row: Int64, to count: Int) {
    collection[row].held.traits.openConflicts = count
  }

  func insertEntry(_ entry: Dot, record row: Int64) { collection.insertEntry(entry, record: row) }
  func deleteEntry(_ entry: Dot, record row: Int64) { collection.deleteEntry(entry, record: row) }

  func forEachRecord(
    of origin: ReplicaID, after counter: UInt64, _ body: (RecordID) throws -> Void
  ) throws {
    for entry in collection.entries[origin] ?? [] where entry.counter > counter {
      try body(collection[entry.row].id)
    }
  }

  func counter(of origin: ReplicaID) -> UInt64 { collection.knowledge[origin] }
  func raise(_ entry: Dot) { collection.knowledge.insert(entry) }

  func lower(_ origin: ReplicaID, to counter: UInt64) {
    if collection.knowledge[origin] > counter { collection.knowledge[origin] = counter }
  }

  func confirmed(of origin: ReplicaID) -> UInt64 { collection.confirmed[origin] }
  func raiseConfirmed(_ entry: Dot) { collection.confirmed.insert(entry) }

  func lowerConfirmed(_ origin: ReplicaID, to counter: UInt64) {
    if collection.confirmed[origin] > counter { collection.confirmed[origin] = counter }
  }

  func save(_ progress: Progress, from sender: ReplicaID) {
    collection.progress[sender] = progress
  }

  func removeProgress(from sender: ReplicaID) { collection.progress[sender] = nil }

  func forgetStreams() { collection.forgetStreams() }

  func origins(with stamp: Stamp) -> [ReplicaID] {
    collection.stamps.filter { $0.value.contains(stamp) }.keys.sorted()
  }

  func insert(_ ending: Ending) {
    var retirement = ending
    retirement.isRetirement = true
    if collection.endings.contains(retirement) { return }
    if ending.isRetirement {
      collection.endings.remove(Ending(origin: ending.origin, stamp: ending.stamp))
    }
    collection.endings.insert(ending)
  }

  func ending(at stamp: Stamp) -> Ending? {
    let found = collection.endings.filter { $0.stamp == stamp }.sorted()
    return found.first(where: \.isRetirement) ?? found.first
  }

  func closed(_ origin: ReplicaID) -> Ending? {
    collection.closed.first { $0.origin == origin }
  }

  func close(_ ending: Ending) {
    collection.endings = collection.endings.filter { $0.stamp != ending.stamp }
    if let place = collection.closed.firstIndex(where: { $0.origin == ending.origin }) {
      if ending.isRetirement { collection.closed[place].isRetirement = true }
    } else {
      collection.closed.append(ending)
    }
  }

  func reopen(_ origin: ReplicaID) {
    guard let place = collection.closed.firstIndex(where: { $0.origin == origin }) else { return }
    insert(collection.closed.remove(at: place))
  }

  /// Who owns what is no matter here: nobody is let in or kept out.
  func bind(_ name: ReplicaID, toOwnerOf origin: ReplicaID) {}

  func addFormer(_ replica: ReplicaID) {
    let former = original.row.replica.formerIDs
    original.row.replica.formerIDs = Set(former + [replica]).sorted()
  }

  func newestStamp(of origin: ReplicaID) -> Stamp? { collection.newestStamps[origin] }

  func stamps(of origin: ReplicaID, after: UInt64, through: UInt64) -> [Stamp] {
    (collection.stamps[origin] ?? []).filter { $0.counter > after && $0.counter <= through }
  }

  func removeStamps(of origin: ReplicaID, after counter: UInt64) {
    collection.removeStamps(of: origin, after: counter)
  }

  func append(_ stamp: Stamp, of origin: ReplicaID) {
    collection.append(stamp, of: origin)
  }

  func keep(_ overtaken: OvertakenSibling, ofRecord row: Int64) {
    collection.history[row, default: []].append(overtaken)
  }

  func keep(_ arrival: Arrival) { collection.arrivals.append(arrival) }

  func eraseHistory(ofRecord row: Int64, coveredBy erased: VersionVector) {
    collection.history[row]?.removeAll { erased.covers($0.sibling.dot) }
  }

  func renameHistory(ofRecord row: Int64, by renaming: Renaming) {
    func renamed(_ dot: Dot) -> Dot {
      dot.replica == renaming.origin && dot.counter > renaming.after
        ? Dot(renaming.name, dot.counter) : dot
    }
    collection.history[row] = collection.history[row]?.map { overtaken in
      var overtaken = overtaken
      let sibling = overtaken.sibling
      overtaken.sibling = Sibling(
        dot: renamed(sibling.dot), write: sibling.write, content: sibling.content)
      overtaken.by = overtaken.by.map(renamed)
      return overtaken
    }
  }

  func renameArrivals(by renaming: Renaming) {
    collection.arrivals = collection.arrivals.flatMap { arrival -> [Arrival] in
      guard arrival.origin == renaming.origin, arrival.through > renaming.after else {
        return [arrival]
      }
      var (kept, moved) = (arrival, arrival)
      kept.through = renaming.after
      (moved.origin, moved.after) = (renaming.name, max(arrival.after, renaming.after))
      return arrival.after < renaming.after ? [kept, moved] : [moved]
    }
  }
}
