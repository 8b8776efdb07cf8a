import OfficeSyncProtocol
import OfficeSyncRecords

/// Which replica a store is.
public struct ReplicaInfo: Hashable, Sendable {
  public var id: ReplicaID
  /// IDs that the store wrote under before it took this one; sorted.
  public var formerIDs: [ReplicaID]
  /// The human name, for instance `amina`.
  public var name: String
  public var identity: Identity

  public init(id: ReplicaID, formerIDs: [ReplicaID] = [], name: String, identity: Identity) {
    self.id = id
    self.formerIDs = formerIDs
    self.name = name
    self.identity = identity
  }

  /// Every ID that the store's own writes go by.
  public var ids: Set<ReplicaID> { Set(formerIDs + [id]) }
}

/// The seam between syncing and a storage engine: batches and snapshots, no engine's own type.
///
/// Every method is one transaction that is durable when it returns, and blocks its thread meanwhile. All may be called
/// from several threads and processes at once.
///
/// What a session learnt of names is void once they change: calls that say in which `epoch` they were prepared throw
/// `.namesChanged` in a later one.
///
/// Throws ``StorageError`` throughout.
public protocol RecordStore: Sendable {
  /// Who this store is.
  func replica() throws -> ReplicaInfo

  /// Names of the collections that hold anything, sorted.
  func collections() throws -> [CollectionName]

  /// A consistent view of a collection (which need not exist: it is then empty).
  func snapshot(of collection: CollectionName) throws -> any CollectionSnapshot

  /// Like ``snapshot(of:)``, for a session: own writes since the last stamp are stamped first, durably, so that the view
  /// holds no own write without one (DESIGN.md §4, "Stamps"). History that is older than the store keeps it is deleted.
  ///
  /// If the store's clock is more than five minutes ahead of the wall clock, that one was set back. Then own writes, in all
  /// collections, that nobody has seen and that bear later times than the wall clock are first given new ones, in their
  /// order and under the same dots, and the store's clock goes on from there; stamps that nobody has seen are drawn anew,
  /// so that two copies of the store which do this are told apart.
  /// - Parameters:
  ///   - wallMilliseconds: the wall clock now.
  ///   - token: draws 128 random bits.
  func sessionSnapshot(
    of collection: CollectionName, wallMilliseconds: UInt64, token: () -> ReplicaID
  ) throws -> any CollectionSnapshot

  /// Makes local writes, all or none. Each ``RecordWriter/put(_:changes:context:)`` is one dot.
  /// - Parameters:
  ///   - wallMilliseconds: the wall clock now.
  ///   - note: who sat at the desk.
  ///   - moreFollow: whether this is one of a row of such transactions, and not the last: what they add is entered into the
  ///     index by ID together. If the row breaks off, the store makes up for that when it is opened.
  func write<T>(
    to collection: CollectionName, wallMilliseconds: UInt64, note: String, moreFollow: Bool,
    _ body: (any RecordWriter) throws -> T
  ) throws -> T

  /// Throws where the disk is so nearly full that what can wait should: others' records and imports. Reading, small writes
  /// and sending go on.
  /// - Throws: ``StorageError`` `.diskNearlyFull`
  func requireRoom() throws

  /// Takes in what a peer sent: merges each record by the rule, keeps index, fingerprint and conflict count, and notes how
  /// far the sender's stream got.
  /// - Throws: ``StorageError`` `.diskNearlyFull` where ``requireRoom()`` does, but for the offices' own collection.
  func apply(_ batch: IncomingBatch) throws -> BatchOutcome

  /// Keeps stamps of other origins. A run that does not continue the list held here is an error, and nothing is kept.
  /// - Throws: ``StorageError`` `.forked`, `.restored` for later stamps of the store's own ID.
  func adopt(_ runs: [StampRun], in collection: CollectionName, epoch: UInt64?) throws

  /// Ends a stream: joins the sender's knowledge, and forgets its progress.
  func complete(_ completion: StreamCompletion) throws

  /// How far an unfinished stream from this sender got.
  func progress(from sender: ReplicaID, in collection: CollectionName) throws -> Progress?

  /// Notes, before anything is sent under it, that this store gave out a stream token to a receiver, and that own writes
  /// may be seen from now on.
  /// - Parameters:
  ///   - ownStamp: the newest own stamp in the snapshot that is sent from; nil if there is none.
  ///   - revision: that snapshot's.
  ///   - epoch: and its epoch; nil for no matter when. What goes by other names by now must not go out by the old ones: the
  ///     peer may have heard of that, and would take it for writes that it does not know.
  /// - Throws: ``StorageError`` `.overtaken` if the writes under that stamp were given new times since; `.namesChanged`
  func remember(
    token: ReplicaID, givenTo receiver: ReplicaID, in collection: CollectionName, ownStamp: Stamp?,
    revision: UInt64, epoch: UInt64?
  ) throws

  /// Whether a stream may go on, from a snapshot, behind one that was cut: this very store gave out its token to that receiver (a
  /// copy of the store does not remember what was given out after it was made), and sent it from no later snapshot. In a later
  /// one a record that was written again has its place further on, so whoever got as far as that may lack what is
  /// before it in an earlier one.
  /// - Parameter revision: the snapshot's.
  func remembers(
    token: ReplicaID, givenTo receiver: ReplicaID, in collection: CollectionName, revision: UInt64
  ) throws -> Bool

  /// Puts an office's whole records in the place of those that are damaged or missing here; of a damaged one what can still
  /// be read of writes that the office has not seen is kept. Afterwards ``rebuild(_:)`` is due.
  func repair(_ records: [IncomingRecord], in collection: CollectionName) throws

  /// Makes everything that is kept beside a collection's records anew from these.
  ///
  /// - Returns: IDs under which there were copies of other records, because a bit of an ID had flipped; they are gone now.
  @discardableResult
  func rebuild(_ collection: CollectionName) throws -> [RecordID]

  /// Notes which own writes an office holds, and which records it refused for good.
  func confirm(_ confirmation: Confirmation) throws

  // MARK: Healing

  /// Gives the store a new replica ID, because another store writes under its present one. Own writes that nobody has
  /// been shown yet go with it.
  /// - Parameters:
  ///   - former: the ID to give up; if it is not the store's any more, nothing is done.
  ///   - isRestored: whether somebody who is believed says so: an office then is in recovery, and takes from field devices
  ///     what it may have lost, until an administrator ends that.
  ///   - token: draws 128 random bits.
  func renew(_ former: ReplicaID, isRestored: Bool, token: () -> ReplicaID) throws -> Healing

  /// Renames what this store holds beyond each ending's stamp, whatever origin's list that is in: it goes by the first
  /// stamp after. It keeps the endings in mind, and closes origins of which it knows all there can be. All in one
  /// transaction, however much it is.
  /// - Parameter token: draws 128 random bits: for a new ID, if an ending is the store's own.
  func heal(
    _ endings: [Ending], in collection: CollectionName, token: () -> ReplicaID
  ) throws -> Healing
}

extension RecordStore {
  /// Makes local writes, all or none, in a transaction by itself.
  public func write<T>(
    to collection: CollectionName, wallMilliseconds: UInt64, note: String,
    _ body: (any RecordWriter) throws -> T
  ) throws -> T {
    try write(
      to: collection, wallMilliseconds: wallMilliseconds, note: note, moreFollow: false, body)
  }
}

/// A collection at one moment, from one transaction.
public protocol CollectionSnapshot: AnyObject, Sendable {
  var collection: CollectionName { get }
  var replica: ReplicaInfo { get }
  /// No write of the store's own, in any collection, bears a later time.
  var latestOwnTime: HybridTime { get }
  /// Grows each time that names change: writes are renamed, or the store takes a new ID.
  var epoch: UInt64 { get }
  /// Grows with each transaction that changes records: of two snapshots of one store the later has no lower one.
  var revision: UInt64 { get }
  var knowledge: Knowledge { get throws }
  /// Where names ended, as far as this store has heard, and no origin was closed with it; sorted.
  var ended: [Ending] { get throws }
  var condition: Condition { get throws }
  /// Own writes that an office confirmed.
  var confirmed: VersionVector { get }
  /// Every record, deleted ones among them.
  var recordCount: UInt64 { get }
  /// Records that are not deleted.
  var liveRecordCount: UInt64 { get }
  var openConflictCount: UInt64 { get }
  /// Records that an office refused for good, by ID.
  var refusals: [(id: RecordID, reason: String)] { get throws }

  /// The schema in force; an empty one if there is none.
  func schema() throws -> Schema
  func record(_ id: RecordID) throws -> Record?
  /// A record's canonical bytes; nil if there is none, or it is not what was written.
  func soundRecord(_ id: RecordID) throws -> [UInt8]?
  /// Records in ID order after `id` (nil: from the first), at most `limit`; deleted and reserved ones too.
  func records(after id: RecordID?, limit: Int) throws -> [(id: RecordID, record: Record)]
  /// IDs in order after `id` (nil: from the first), at most `limit`; also of records that cannot be read.
  func recordIDs(after id: RecordID?, limit: Int) throws -> [RecordID]
  /// Records in short, in ID order after `id` (nil: from the first), none beyond `last` (nil: to the last), at most `limit`:
  /// reckoned anew from what is stored, damaged ones included.
  func digests(
    after id: RecordID?, through last: RecordID?, limit: Int
  ) throws -> [RecordDigest]
  /// IDs of records with open conflicts, sorted.
  func recordsWithOpenConflicts() throws -> [RecordID]

  /// The highest entry of every origin that occurs in the clock of some record. Of one that is closed it is where it ended,
  /// which no record need have.
  var newestEntries: VersionVector { get throws }
  /// Records whose clock has an entry of `origin` above `cursor`, by counter (then in a fixed order of the store's own
  /// among equal counters); no more once they have `bytesGoal` bytes, at least one if there is any.
  func entries(
    of origin: ReplicaID, after cursor: EntryCursor, bytesGoal: Int
  ) throws -> [StoredEntry]
  /// About how many records have a clock entry that neither vector covers; exact is not needed, fast is.
  func estimatedRecords(beyond known: VersionVector) throws -> UInt64

  func stampList(of origin: ReplicaID, after counter: UInt64) throws -> [Stamp]
  func contains(_ stamp: Stamp, of origin: ReplicaID) throws -> Bool
  /// Whether a list held here goes on behind the ending's stamp, or the store's own ID ended there.
  func overruns(_ ending: Ending) throws -> Bool

  /// What changes overtook in a record, as far as it was seen here and is still kept, in the order in which that
  /// happened. What a purge erased is not among it.
  func history(of id: RecordID) throws -> [OvertakenSibling]
  /// The session after which this store knew a write and all before it of the same origin; nil for own writes, for those
  /// of a stream that was not completed yet, and where it is not kept any longer.
  func session(of dot: Dot) throws -> SessionTrace?
}

extension CollectionSnapshot {
  /// Own writes that no office (for an office: no other office) has confirmed.
  public var unsentCount: UInt64 {
    get throws {
      try knowledge.vector.of(replica.ids).entries
        .reduce(0) { $0 + $1.counter - min($1.counter, confirmed[$1.replica]) }
    }
  }
}

/// What local writes work with, inside one transaction.
public protocol RecordWriter: AnyObject {
  var replica: ReplicaInfo { get }
  /// The schema in force, as of this transaction.
  func schema() throws -> Schema
  func record(_ id: RecordID) throws -> Record?
  /// A fresh reading of the hybrid clock.
  func nextTime() throws -> HybridTime
  /// One write; no changes, no write (nil).
  func put(
    _ id: RecordID, changes: [(path: FieldPath, content: Sibling.Content)],
    context: VersionVector?
  ) throws -> Dot?
  /// One write to a record that there was none of when its fields were worked out. What somebody wrote there meanwhile stays
  /// beside it.
  func put(_ id: RecordID, fields: EncodedFields) throws -> Dot
  /// Erases for good; offices alone.
  func purge(_ id: RecordID) throws -> Dot
}

/// Records that a peer sent, to be merged in one transaction.
public struct IncomingBatch: Sendable {
  public var collection: CollectionName
  public var sender: ReplicaID
  public var rule: AdmissionRule
  public var records: [IncomingRecord]
  /// What to keep as progress if every record of this batch is taken, and none refused or deferred; nil keeps it as it
  /// is.
  public var progress: Progress?
  /// The wall clock now. The store's clock follows no time that is too far ahead of it.
  public var wallMilliseconds: UInt64
  /// When the sender's names and this store's were compared; nil for no matter when.
  public var epoch: UInt64?
  /// The newest stamp of each origin when a device's names were compared with this store's. What came here since under a
  /// later one may be of another branch than what the device means by the same name: its records that build on such names
  /// are deferred. nil for no matter when.
  public var compared: [ReplicaID: Stamp]?

  public init(
    collection: CollectionName, sender: ReplicaID, rule: AdmissionRule, records: [IncomingRecord],
    progress: Progress?, wallMilliseconds: UInt64, epoch: UInt64? = nil,
    compared: [ReplicaID: Stamp]? = nil
  ) {
    self.collection = collection
    self.epoch = epoch
    self.compared = compared
    self.sender = sender
    self.rule = rule
    self.records = records
    self.progress = progress
    self.wallMilliseconds = wallMilliseconds
  }
}

/// The end of a stream: everything that the sender said it would send has been applied.
public struct StreamCompletion: Hashable, Sendable {
  public var collection: CollectionName
  public var sender: ReplicaID
  /// What of the sender's knowledge may be taken for own.
  public var knowledge: VersionVector
  /// What this completed stream proves that an office has of this store's own writes.
  public var confirmed: VersionVector
  /// As for ``IncomingBatch``.
  public var epoch: UInt64?
  /// Which session that was, for the history; nil keeps nothing of it.
  public var session: SessionTrace?

  public init(
    collection: CollectionName, sender: ReplicaID, knowledge: VersionVector,
    confirmed: VersionVector = VersionVector(), epoch: UInt64? = nil,
    session: SessionTrace? = nil
  ) {
    self.collection = collection
    self.sender = sender
    self.knowledge = knowledge
    self.confirmed = confirmed
    self.epoch = epoch
    self.session = session
  }
}

/// What an office said about the own writes it was sent.
public struct Confirmation: Hashable, Sendable {
  public var collection: CollectionName
  /// Own writes that are at an office.
  public var confirmed: VersionVector
  /// Records that the office refused, with the reason as people read it.
  public var refusals: [Refusal]

  public struct Refusal: Hashable, Sendable {
    public var id: RecordID
    public var reason: String

    public init(id: RecordID, reason: String) {
      self.id = id
      self.reason = reason
    }
  }

  /// As for ``IncomingBatch``.
  public var epoch: UInt64?

  public init(
    collection: CollectionName, confirmed: VersionVector, refusals: [Refusal],
    epoch: UInt64? = nil
  ) {
    self.collection = collection
    self.confirmed = confirmed
    self.refusals = refusals
    self.epoch = epoch
  }
}
