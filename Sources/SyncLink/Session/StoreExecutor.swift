import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncReplication
import OfficeSyncStorage

/// Carries out one session's store requests. Every call blocks.
///
/// It keeps the session's snapshots, one a channel, until they are released.
public struct StoreExecutor {
  private let store: any RecordStore
  private let wall: @Sendable () -> UInt64
  private let token: @Sendable () -> ReplicaID
  private var collections: [Channel: CollectionName] = [:]
  private var snapshots: [Channel: any CollectionSnapshot] = [:]
  /// When the names were compared by which a channel goes.
  private var epochs: [Channel: UInt64] = [:]
  /// And the newest stamps that were compared then.
  private var compared: [Channel: [ReplicaID: Stamp]] = [:]

  /// Whose progress and tokens are meant; known once `Hello` or `Welcome` came.
  public var peer: ReplicaID?
  /// What the history keeps of the session; nil for nothing.
  public var trace: SessionTrace?

  /// - Parameters:
  ///   - wall: the wall clock, in milliseconds since 1970 UTC.
  ///   - token: draws 128 random bits.
  public init(
    store: any RecordStore, wall: @escaping @Sendable () -> UInt64,
    token: @escaping @Sendable () -> ReplicaID
  ) {
    self.store = store
    self.wall = wall
    self.token = token
  }

  /// Opens a collection on a channel.
  public mutating func open(_ collection: CollectionName, on channel: Channel) throws -> LocalView {
    let snapshot = try store.sessionSnapshot(
      of: collection, wallMilliseconds: wall(), token: token)
    collections[channel] = collection
    snapshots[channel] = snapshot
    epochs[channel] = snapshot.epoch
    compared[channel] = try snapshot.knowledge.newestStamps
    return try view(of: snapshot, peer: peer)
  }

  public mutating func close(_ channel: Channel) {
    snapshots[channel] = nil
    collections[channel] = nil
    epochs[channel] = nil
    compared[channel] = nil
  }

  /// - Throws: `StorageError`, ``ChannelNotOpen``
  public mutating func perform(
    _ request: StoreRequest, on channel: Channel
  ) throws -> StoreAnswer {
    if case .open(let collection) = request { return .opened(try open(collection, on: channel)) }
    guard let collection = collections[channel], let peer else { throw ChannelNotOpen() }
    switch request {
    case .open: throw ChannelNotOpen()
    case .settle(let query):
      return .settled(try settle(query, collection, with: peer, try snapshot(channel)))
    case .remember(let token):
      let (own, snapshot) = (try store.replica().id, try snapshot(channel))
      try store.remember(
        token: token, givenTo: peer, in: collection, ownStamp: snapshot.knowledge.newestStamps[own],
        revision: snapshot.revision, epoch: epochs[channel])
      return .remembered
    case .newestEntries: return .newestEntries(try snapshot(channel).newestEntries)
    case .read(let ranges, let bytesGoal):
      return .read(try read(ranges, bytesGoal, in: try snapshot(channel)))
    case .adopt(let runs):
      try store.adopt(runs, in: collection, epoch: epochs[channel])
      return .adopted
    case .heal(let endings):
      return .healed(try store.heal(endings, in: collection, token: token))
    case .part(let lists, let trusted):
      return try part(lists, trusted: trusted, in: collection)
    case .renew(let former, let isRestored):
      return .renewed(try store.renew(former, isRestored: isRestored, token: token))
    case .apply(let records, let rule, let progress):
      let batch = IncomingBatch(
        collection: collection, sender: peer, rule: rule, records: records, progress: progress,
        wallMilliseconds: wall(), epoch: epochs[channel], compared: compared[channel])
      return .applied(try store.apply(batch))
    case .complete(let knowledge, let confirmed):
      try store.complete(
        StreamCompletion(
          collection: collection, sender: peer, knowledge: knowledge, confirmed: confirmed,
          epoch: epochs[channel], session: trace))
      return .completed(try view(of: try store.snapshot(of: collection), peer: nil))
    case .confirm(let confirmed, let refusals):
      try store.confirm(
        Confirmation(
          collection: collection, confirmed: confirmed,
          refusals: refusals.map { Confirmation.Refusal(id: $0.id, reason: "\($0.reason)") },
          epoch: epochs[channel]))
      return .confirmed
    case .digests(let range, let limit):
      return .digests(
        try snapshot(channel).digests(after: range.after, through: range.through, limit: limit))
    case .record(let id):
      return .record(id, try snapshot(channel).soundRecord(id))
    case .repair(let records):
      try store.repair(records, in: collection)
      return .repaired
    case .release:
      snapshots[channel] = nil
      return .released
    }
  }

  private func read(
    _ ranges: [EntryRange], _ bytesGoal: Int, in snapshot: any CollectionSnapshot
  ) throws -> [OriginEntries] {
    var parts: [OriginEntries] = []
    var left = bytesGoal
    for range in ranges where left > 0 {
      let rows = try snapshot.entries(of: range.origin, after: range.after, bytesGoal: left)
      left -= rows.reduce(0) { $0 + $1.record.count }
      // It stops only once it has as much as was asked for.
      parts.append(OriginEntries(origin: range.origin, rows: rows, isWhole: left > 0))
    }
    return parts
  }

  private func view(of snapshot: any CollectionSnapshot, peer: ReplicaID?) throws -> LocalView {
    LocalView(
      me: snapshot.replica.id, own: snapshot.replica.ids, knowledge: try snapshot.knowledge,
      ended: try snapshot.ended, condition: try snapshot.condition,
      progress: try peer.flatMap { try store.progress(from: $0, in: snapshot.collection) },
      refusedIDs: Set(try snapshot.refusals.map(\.id)),
      confirmed: snapshot.confirmed)
  }

  private func settle(
    _ query: SettleQuery, _ collection: CollectionName, with peer: ReplicaID,
    _ snapshot: any CollectionSnapshot
  ) throws -> Settlement {
    let forked = try query.checks.filter { try !snapshot.contains($0.stamp, of: $0.origin) }
      .map { check in
        let list = try snapshot.stampList(of: check.origin, after: 0)
        return StampList(
          origin: check.origin, stamps: list.filter { $0.counter <= check.stamp.counter })
      }
    let runs = try query.suffixes.compactMap { suffix -> StampRun? in
      let stamps = try snapshot.stampList(of: suffix.origin, after: suffix.after?.counter ?? 0)
      return stamps.isEmpty
        ? nil : StampRun(origin: suffix.origin, after: suffix.after, stamps: stamps)
    }
    // Another session may have shown more since this view was opened, or given its writes new times.
    let (me, present) = (snapshot.replica.id, try store.snapshot(of: collection))
    if let stamp = try snapshot.knowledge.newestStamps[me], try !present.contains(stamp, of: me) {
      throw StorageError.overtaken
    }
    let isOwnNameInUse = try query.own.map {
      try !snapshot.contains($0, of: me) && !present.contains($0, of: me)
    }
    let remembers = try query.peerToken.map {
      try store.remembers(
        token: $0, givenTo: peer, in: collection, revision: snapshot.revision)
    }
    return Settlement(
      isOwnNameInUse: isOwnNameInUse ?? false, forked: forked,
      overrun: try query.endings.filter(snapshot.overruns), runs: runs,
      remembersPeerToken: remembers ?? false,
      progress: try store.progress(from: peer, in: collection), token: token(),
      recordsEstimate: try snapshot.estimatedRecords(beyond: query.peerKnowledge))
  }

  /// How far the peer's lists go with those held here. One of two lists of one branch begins with the other, so the common
  /// part ends with the last stamp of the peer's that is found.
  ///
  /// What nobody was ever shown goes along with a new ID, in every collection at once: where nothing is left here beyond the
  /// common part this store stepped aside, and the peer need not.
  private func part(
    _ lists: [StampList], trusted: Set<ReplicaID>?, in collection: CollectionName
  ) throws -> StoreAnswer {
    var healing = Healing()
    let own = try store.replica().id
    if lists.contains(where: { $0.origin == own }) {
      healing = try store.renew(own, isRestored: trusted == nil, token: token)
    }
    let snapshot = try store.snapshot(of: collection)
    let endings = try lists.map { list in
      let mine = Set(try snapshot.stampList(of: list.origin, after: 0))
      return Ending(origin: list.origin, stamp: list.stamps.last(where: mine.contains))
    }.filter(snapshot.overruns)
    let believed = endings.filter { trusted?.contains($0.origin) ?? true }
    if !believed.isEmpty {
      healing.add(try store.heal(believed, in: collection, token: token))
    }
    return .parted(healing, endings: endings)
  }

  private func snapshot(_ channel: Channel) throws -> any CollectionSnapshot {
    guard let snapshot = snapshots[channel] else { throw ChannelNotOpen() }
    return snapshot
  }
}

/// A session asked for something on a channel that it had not opened: a fault of this program's own.
public struct ChannelNotOpen: Error {}

extension StorageError {
  /// What a session does about names that changed, or have to; nil for all else that a store may fail with.
  public var interruption: Interruption? {
    switch self {
    // Overtaken: stamps were taken back.
    case .namesChanged, .forked, .overtaken: .namesChanged
    case .restored: .ownNameInUse
    case .noStore, .exists, .notOurs, .newer, .damaged, .foreignOwner, .networkFileSystem,
      .diskFull, .diskNearlyFull, .busy, .io, .counterExhausted, .limit, .pathTwice, .officesOnly,
      .ownedByAnother, .disputed,
      .grantedByWildcard:
      nil
    }
  }
}
