import OfficeSyncProtocol
import OfficeSyncRecords

/// What a channel asks of the store. Whoever drives the session carries it out and hands back the ``StoreAnswer`` of the
/// same name, before anything else happens on the session; only ``apply(_:rule:progress:)`` may take its time.
public enum StoreRequest: Hashable, Sendable {
  /// Opens a session snapshot (stamping first).
  case open(CollectionName)
  /// Looks up what is needed before records flow.
  case settle(SettleQuery)
  /// Keeps a token that is about to be given out to the peer, and that the peer is about to see own writes.
  case remember(ReplicaID)
  case newestEntries
  /// Records of one origin after the other, about `bytesGoal` bytes of them together.
  case read([EntryRange], bytesGoal: Int)
  case adopt([StampRun])
  /// Renames what goes on behind these endings, and keeps them in mind.
  case heal([Ending])
  /// Finds how far the peer's lists and those held here are the same, and heals there, of the origins in `trusted` alone if
  /// that is not nil.
  case part([StampList], trusted: Set<ReplicaID>?)
  /// Gives the store a new replica ID in the place of this one, which is in use elsewhere.
  /// - Parameter isRestored: whether the peer is believed that the store was put back from a copy.
  case renew(ReplicaID, isRestored: Bool)
  case apply([IncomingRecord], rule: AdmissionRule, progress: Progress)
  /// Ends the peer's stream; afterwards the store says how it stands.
  /// - Parameter confirmed: own writes that an office is known to have now.
  case complete(knowledge: VersionVector, confirmed: VersionVector)
  case confirm(VersionVector, refusals: [Result.Refusal])
  /// Records in short, by ID.
  case digests(RecordRange, limit: Int)
  /// One record whole, as the snapshot has it.
  case record(RecordID)
  /// Puts what an office holds in the place of what is damaged or missing here.
  case repair([IncomingRecord])
  /// The snapshot is not needed any more: an open one keeps the database from tidying up behind long work.
  case release
}

/// What the store says to a ``StoreRequest``.
public enum StoreAnswer: Hashable, Sendable {
  case opened(LocalView)
  case settled(Settlement)
  case remembered
  /// Of each origin that occurs in the clock of some record the highest entry, or one above it.
  case newestEntries(VersionVector)
  /// As far as the goal reached, at least of the first.
  case read([OriginEntries])
  case adopted
  case healed(Healing)
  /// - Parameter endings: the last common stamp of each list.
  case parted(Healing, endings: [Ending])
  case renewed(Healing)
  case applied(BatchOutcome)
  case completed(LocalView)
  case confirmed
  case digests([RecordDigest])
  /// Canonical bytes; nil if there is none, or it is not what was written.
  case record(RecordID, [UInt8]?)
  case repaired
  case released
}

/// The records of an origin behind a place.
public struct EntryRange: Hashable, Sendable {
  public var origin: ReplicaID
  public var after: EntryCursor

  public init(origin: ReplicaID, after: EntryCursor) {
    self.origin = origin
    self.after = after
  }
}

/// What there is of an ``EntryRange``, in order.
public struct OriginEntries: Hashable, Sendable {
  public var origin: ReplicaID
  public var rows: [StoredEntry]
  /// Whether nothing follows them.
  public var isWhole: Bool

  public init(origin: ReplicaID, rows: [StoredEntry], isWhole: Bool) {
    self.origin = origin
    self.rows = rows
    self.isWhole = isWhole
  }
}

/// The look-ups that two sides' states call for.
public struct SettleQuery: Hashable, Sendable {
  public struct Check: Hashable, Sendable {
    public var origin: ReplicaID
    public var stamp: Stamp

    public init(origin: ReplicaID, stamp: Stamp) {
      self.origin = origin
      self.stamp = stamp
    }
  }

  public struct Suffix: Hashable, Sendable {
    public var origin: ReplicaID
    /// The peer's newest stamp; nil if it has none.
    public var after: Stamp?

    public init(origin: ReplicaID, after: Stamp?) {
      self.origin = origin
      self.after = after
    }
  }

  /// The peer's newest stamp of this very store: the store must have made it, in this session or beside it.
  public var own: Stamp?
  /// Stamps of the peer's that must be in the lists held here.
  public var checks: [Check]
  /// The peer's endings that this side believes, as far as it has not heard of them.
  public var endings: [Ending]
  /// Lists of which the peer needs the end; empty if nothing will be sent.
  public var suffixes: [Suffix]
  /// The token that the peer's progress is bound to.
  public var peerToken: ReplicaID?
  /// What the peer will be sent is at most what it does not know: for an estimate.
  public var peerKnowledge: VersionVector
}

/// What the store found out for a ``SettleQuery``.
public struct Settlement: Hashable, Sendable {
  /// The peer has a stamp of this store's that the store never made.
  public var isOwnNameInUse: Bool
  /// Of origins whose checked stamp is not in the list held here: that list, as far as the stamp's counter. The name
  /// forked.
  public var forked: [StampList]
  /// Endings behind which this store goes on, so that it has to rename.
  public var overrun: [Ending]
  public var runs: [StampRun]
  /// Whether this very store gave out the peer's token.
  public var remembersPeerToken: Bool
  /// How far an unfinished stream from the peer got.
  public var progress: Progress?
  /// A fresh token for the stream that this side may begin.
  public var token: ReplicaID
  public var recordsEstimate: UInt64

  public init(
    isOwnNameInUse: Bool, forked: [StampList], overrun: [Ending], runs: [StampRun],
    remembersPeerToken: Bool,
    progress: Progress?, token: ReplicaID, recordsEstimate: UInt64
  ) {
    self.isOwnNameInUse = isOwnNameInUse
    self.forked = forked
    self.overrun = overrun
    self.runs = runs
    self.remembersPeerToken = remembersPeerToken
    self.progress = progress
    self.token = token
    self.recordsEstimate = recordsEstimate
  }
}
