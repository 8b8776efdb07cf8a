import OfficeSyncProtocol
import OfficeSyncRecords

/// One collection's tables inside one write transaction of an engine: plain reading and writing, no rules. What must hold
/// between them is kept by ``CollectionTransaction``, ``LocalWriter``, ``BatchReceiver`` and the extensions in this folder,
/// the same for every engine.
package protocol CollectionTables: AnyObject {
  var name: CollectionName { get }

  /// Runs `work` and gives what the engine throws its name in ``StorageError``.
  func translating<T>(_ work: () throws -> T) throws -> T

  func store() throws -> StoreRow
  func save(clock: HybridTime) throws

  func totals() throws -> CollectionTotals
  func save(_ totals: CollectionTotals) throws

  // Records, in the order of their arrival.
  func held(_ id: RecordID) throws -> HeldRecord?
  /// - Returns: the new row's number; nil, having changed nothing, if the record is there already.
  func insert(
    _ id: RecordID, _ encoded: EncodedRecord, _ traits: RecordTraits
  ) throws -> Int64?
  func update(_ row: Int64, _ encoded: EncodedRecord, _ traits: RecordTraits) throws
  /// Counts open conflicts anew over all contested records.
  /// - Returns: those whose count differs from what is stored.
  func recount(_ count: (Record) -> Int) throws -> [(row: Int64, before: Int, after: Int)]
  func setOpenConflicts(_ row: Int64, to count: Int) throws

  /// A row as it lies there, readable or not.
  func stored(_ id: RecordID) throws -> StoredRow?
  /// All of them; `body` may update the row that it is given.
  func forEachStored(_ body: (StoredRow) throws -> Void) throws

  // The index by origin: one row for each entry of each record's clock.
  func insertEntry(_ entry: Dot, record row: Int64) throws
  func deleteEntry(_ entry: Dot, record row: Int64) throws
  /// Takes away all entries of one record, or of all.
  func removeEntries(ofRecord row: Int64) throws
  func removeAllEntries() throws
  /// Records whose clock has an entry of `origin` above `counter`, by that entry; `body` may replace them, with entries of
  /// `origin` that are the same or not above `counter`.
  func forEachRecord(
    of origin: ReplicaID, after counter: UInt64, _ body: (RecordID) throws -> Void
  ) throws

  /// What is known of an origin.
  func counter(of origin: ReplicaID) throws -> UInt64
  /// Raises what is known of an origin; what is higher already stays.
  func raise(_ entry: Dot) throws
  /// Lowers what is known of an origin: what is above goes by another name.
  func lower(_ origin: ReplicaID, to counter: UInt64) throws

  /// Own writes that are at an office, for each of the IDs that they go by.
  func confirmed(of origin: ReplicaID) throws -> UInt64
  func raiseConfirmed(_ entry: Dot) throws
  func lowerConfirmed(_ origin: ReplicaID, to counter: UInt64) throws

  func save(_ progress: Progress, from sender: ReplicaID) throws
  func removeProgress(from sender: ReplicaID) throws
  /// Progress of all senders, and tokens given out to all receivers.
  func forgetStreams() throws

  func newestStamp(of origin: ReplicaID) throws -> Stamp?
  /// Those with counters above `after`, up to `through`, in order.
  func stamps(of origin: ReplicaID, after: UInt64, through: UInt64) throws -> [Stamp]
  func append(_ stamp: Stamp, of origin: ReplicaID) throws
  /// Takes away those with counters above `counter`.
  func removeStamps(of origin: ReplicaID, after counter: UInt64) throws
  /// Origins in whose list a stamp is.
  func origins(with stamp: Stamp) throws -> [ReplicaID]

  /// Keeps where an ID ended; a retirement has the last word on why.
  func insert(_ ending: Ending) throws
  /// Whatever ended with this stamp, as far as it did not serve to close an origin.
  func ending(at stamp: Stamp) throws -> Ending?
  /// The end of an origin that is closed; nil if it is not.
  func closed(_ origin: ReplicaID) throws -> Ending?
  /// Notes, with its end, that nothing more can come under an origin; the endings with that stamp have done their service.
  func close(_ ending: Ending) throws
  /// Undoes that, and keeps the ending.
  func reopen(_ origin: ReplicaID) throws
  /// Whoever owns a replica owns what its writes are called now; of one that nobody is known to own nothing is noted.
  func bind(_ name: ReplicaID, toOwnerOf origin: ReplicaID) throws
  /// Own writes go by this ID, too.
  func addFormer(_ replica: ReplicaID) throws

  // History: what changes overtook, and what came with which session, each in that order. Only purging and pruning take
  // anything away.
  func keep(_ overtaken: OvertakenSibling, ofRecord row: Int64) throws
  func keep(_ arrival: Arrival) throws
  /// Takes away what `erased` covers.
  func eraseHistory(ofRecord row: Int64, coveredBy erased: VersionVector) throws
  func renameHistory(ofRecord row: Int64, by renaming: Renaming) throws
  func renameArrivals(by renaming: Renaming) throws
}

/// Who the store is, with its hybrid clock.
package struct StoreRow {
  package var replica: ReplicaInfo
  package var clock: HybridTime
  /// What the clock read before it was put back; zero if it never was.
  package var clockBefore: HybridTime
  /// An office that was put back from a copy, and takes from field devices what it may have lost.
  package var isRecovering: Bool
  package var retention: HistoryRetention

  package init(
    replica: ReplicaInfo, clock: HybridTime, clockBefore: HybridTime = .zero,
    isRecovering: Bool = false, retention: HistoryRetention = .standard
  ) {
    self.replica = replica
    self.clock = clock
    self.clockBefore = clockBefore
    self.isRecovering = isRecovering
    self.retention = retention
  }

  /// No own write bears a later time.
  package var latestOwnTime: HybridTime { max(clock, clockBefore) }

  /// The wall clock was set back, and the hybrid clock follows it. Own writes that somebody may have seen keep their times.
  package mutating func putBack(to time: HybridTime) {
    clockBefore = latestOwnTime
    clock = time
  }
}

/// A record as it is stored.
package struct HeldRecord: Sendable {
  package var row: Int64
  package var traits: RecordTraits
  package var record: Record
  package var encoded: EncodedRecord

  /// - Throws: `CodecError`
  package init(row: Int64, traits: RecordTraits, _ bytes: [UInt8]) throws {
    self.row = row
    self.traits = traits
    (record, encoded) = try RecordDecoder.decode(bytes)
  }
}
