import NIOPosix
import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncReplication
import OfficeSyncStorage
import Synchronization

/// Carries out one session's store requests, on threads that may block.
///
/// It keeps the session's snapshots, one a channel, until they are released.
final class StoreWorker: Sendable {
  private struct State {
    var collections: [Channel: CollectionName] = [:]
    var snapshots: [Channel: any CollectionSnapshot] = [:]
    var peer: ReplicaID?
  }

  private let store: any RecordStore
  private let threads: NIOThreadPool
  private let state = Mutex(State())

  init(store: any RecordStore, threads: NIOThreadPool = .singleton) {
    self.store = store
    self.threads = threads
  }

  /// Whose progress and tokens are meant; known once `Hello` or `Welcome` came.
  func setPeer(_ replica: ReplicaID) {
    state.withLock { $0.peer = replica }
  }

  /// Opens a collection on a channel, so that the client can begin with what it knows.
  func open(_ collection: CollectionName, on channel: OfficeSyncProtocol.Channel) async throws
    -> LocalView
  {
    try await run { try self.opened(collection, on: channel) }
  }

  func perform(_ request: StoreRequest, on channel: OfficeSyncProtocol.Channel) async throws
    -> StoreAnswer
  {
    try await run { try self.answer(request, on: channel) }
  }

  func close(_ channel: Channel) {
    state.withLock {
      $0.snapshots[channel] = nil
      $0.collections[channel] = nil
    }
  }

  /// Runs something that blocks.
  func run<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws -> T {
    try await threads.runIfActive(body)
  }

  private func answer(_ request: StoreRequest, on channel: OfficeSyncProtocol.Channel) throws
    -> StoreAnswer
  {
    if case .open(let collection) = request {
      return .opened(try opened(collection, on: channel))
    }
    let (collection, peer) = state.withLock { ($0.collections[channel], $0.peer) }
    guard let collection, let peer else { throw ChannelNotOpen() }
    switch request {
    case .open: throw ChannelNotOpen()
    case .settle(let query):
      return .settled(try settle(query, collection, with: peer, try snapshot(channel)))
    case .remember(let token):
      try store.remember(token: token, givenTo: peer, in: collection)
      return .remembered
    case .origins: return .origins(try snapshot(channel).origins())
    case .read(let origin, let cursor, let bytesGoal):
      let rows = try snapshot(channel).entries(of: origin, after: cursor, bytesGoal: bytesGoal)
      return .read(rows)
    case .adopt(let runs):
      try store.adopt(runs, in: collection)
      return .adopted
    case .apply(let records, let rule, let progress):
      let batch = IncomingBatch(
        collection: collection, sender: peer, rule: rule, records: records, progress: progress)
      return .applied(try store.apply(batch))
    case .complete(let knowledge, let confirmedCounter):
      try store.complete(
        StreamCompletion(
          collection: collection, sender: peer, knowledge: knowledge,
          confirmedCounter: confirmedCounter))
      return .completed(try view(of: try store.snapshot(of: collection), peer: nil))
    case .confirm(let counter, let refusals):
      try store.confirm(
        Confirmation(
          collection: collection, counter: counter,
          refusals: refusals.map {
            Confirmation.Refusal(id: $0.id, reason: "\($0.reason)")
          }))
      return .confirmed
    case .release:
      state.withLock { $0.snapshots[channel] = nil }
      return .released
    }
  }

  private func opened(_ collection: CollectionName, on channel: OfficeSyncProtocol.Channel) throws
    -> LocalView
  {
    let snapshot = try store.sessionSnapshot(of: collection, token: Self.token)
    let peer = state.withLock {
      $0.collections[channel] = collection
      $0.snapshots[channel] = snapshot
      return $0.peer
    }
    return try view(of: snapshot, peer: peer)
  }

  private func view(of snapshot: any CollectionSnapshot, peer: ReplicaID?) throws -> LocalView {
    LocalView(
      knowledge: snapshot.knowledge, ended: snapshot.ended, condition: snapshot.condition,
      progress: try peer.flatMap { try store.progress(from: $0, in: snapshot.collection) },
      refusedIDs: Set(try snapshot.refusals.map(\.id)))
  }

  private func settle(
    _ query: SettleQuery, _ collection: CollectionName, with peer: ReplicaID,
    _ snapshot: any CollectionSnapshot
  ) throws -> Settlement {
    let forked = try query.checks.filter { try !snapshot.contains($0.stamp, of: $0.origin) }
    let runs = try query.suffixes.compactMap { suffix -> StampRun? in
      let stamps = try snapshot.stampList(of: suffix.origin, after: suffix.after)
      return stamps.isEmpty
        ? nil : StampRun(origin: suffix.origin, after: suffix.after, stamps: stamps)
    }
    let remembers = try query.peerToken.map {
      try store.remembers(token: $0, givenTo: peer, in: collection)
    }
    return Settlement(
      forked: forked.map(\.origin), runs: runs, remembersPeerToken: remembers ?? false,
      progress: try store.progress(from: peer, in: collection), token: Self.token(),
      recordsEstimate: try snapshot.estimatedRecords(beyond: query.peerKnowledge))
  }

  private func snapshot(_ channel: Channel) throws -> any CollectionSnapshot {
    guard let snapshot = state.withLock({ $0.snapshots[channel] }) else { throw ChannelNotOpen() }
    return snapshot
  }

  private static func token() -> ReplicaID {
    var generator = SystemRandomNumberGenerator()
    return ReplicaID.random(using: &generator)
  }
}

/// A session asked for something on a channel that it had not opened: a fault of this program's own.
struct ChannelNotOpen: Error {}
