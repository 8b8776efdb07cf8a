import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncStorage
import Synchronization

/// The program died here. What was committed before is on disk, and nothing else.
struct SimulatedCrash: Error {
  /// The index of the site.
  var site: Int
}

/// A store as the product uses it, where the simulator sees each durable step and may disturb it.
final class WatchedStore: RecordStore {
  /// What a durable step did.
  enum Deed: Sendable {
    case opened(CollectionName)
    case applied(IncomingBatch)
    case completed(StreamCompletion)
    /// Names changed.
    case healed(Healing)
    case other
  }

  enum Trap: Hashable, Sendable {
    /// The next durable step does not happen.
    case crashBefore
    /// It happens, and nobody hears of it.
    case crashAfter
    /// It does not happen, and the program goes on. The disk stays full.
    case diskFull
    /// The same, and then there is room again.
    case diskFullOnce
  }

  private struct State {
    var deeds: [Deed] = []
    var trap: Trap?
    var refused = 0
  }

  private let store: any SimulatedStore
  private let site: Int
  private let state = Mutex(State())

  init(_ store: any SimulatedStore, site: Int) {
    self.store = store
    self.site = site
  }

  var trap: Trap? {
    get { state.withLock { $0.trap } }
    set { state.withLock { $0.trap = newValue } }
  }

  /// How many steps found no room since this was last asked.
  func takeRefused() -> Int {
    state.withLock { state in
      defer { state.refused = 0 }
      return state.refused
    }
  }

  /// The durable steps since this was last asked.
  func takeDeeds() -> [Deed] {
    state.withLock { state in
      defer { state.deeds = [] }
      return state.deeds
    }
  }

  private func step<T>(
    _ deed: @autoclosure () -> Deed, _ body: () throws -> T
  ) throws -> T {
    try step(body) { _ in deed() }
  }

  private func step<T>(_ body: () throws -> T, _ deed: (T) -> Deed) throws -> T {
    let trap = state.withLock { state in
      let trap = state.trap
      if trap == .diskFull || trap == .diskFullOnce { state.refused += 1 }
      if trap == .diskFullOnce { state.trap = nil }
      return trap
    }
    switch trap {
    case .crashBefore: throw SimulatedCrash(site: site)
    case .diskFull, .diskFullOnce: throw StorageError.diskFull
    case .crashAfter, nil: break
    }
    let result = try body()
    state.withLock { $0.deeds.append(deed(result)) }
    if trap == .crashAfter { throw SimulatedCrash(site: site) }
    return result
  }

  // MARK: Reading

  func replica() throws -> ReplicaInfo { try store.replica() }
  func collections() throws -> [CollectionName] { try store.collections() }

  func snapshot(of collection: CollectionName) throws -> any CollectionSnapshot {
    try store.snapshot(of: collection)
  }

  func progress(from sender: ReplicaID, in collection: CollectionName) throws -> Progress? {
    try store.progress(from: sender, in: collection)
  }

  func requireRoom() throws { try store.requireRoom() }

  var isRecovering: Bool { get throws { try store.isRecovering } }

  func setRecovering(_ isRecovering: Bool) throws { try store.setRecovering(isRecovering) }

  // MARK: Durable steps

  func sessionSnapshot(
    of collection: CollectionName, wallMilliseconds: UInt64, token: () -> ReplicaID
  ) throws -> any CollectionSnapshot {
    try step(.opened(collection)) {
      try store.sessionSnapshot(of: collection, wallMilliseconds: wallMilliseconds, token: token)
    }
  }

  func write<T>(
    to collection: CollectionName, wallMilliseconds: UInt64, note: String, moreFollow: Bool,
    _ body: (any RecordWriter) throws -> T
  ) throws -> T {
    try step(.other) {
      try store.write(
        to: collection, wallMilliseconds: wallMilliseconds, note: note, moreFollow: moreFollow,
        body)
    }
  }

  func apply(_ batch: IncomingBatch) throws -> BatchOutcome {
    try step(.applied(batch)) { try store.apply(batch) }
  }

  func repair(_ records: [IncomingRecord], in collection: CollectionName) throws {
    try step(.other) { try store.repair(records, in: collection) }
  }

  func rebuild(_ collection: CollectionName) throws -> [RecordID] {
    try step(.other) { try store.rebuild(collection) }
  }

  func adopt(_ runs: [StampRun], in collection: CollectionName, epoch: UInt64?) throws {
    try step(.other) { try store.adopt(runs, in: collection, epoch: epoch) }
  }

  func complete(_ completion: StreamCompletion) throws {
    try step(.completed(completion)) { try store.complete(completion) }
  }

  func remember(
    token: ReplicaID, givenTo receiver: ReplicaID, in collection: CollectionName, ownStamp: Stamp?,
    revision: UInt64, epoch: UInt64?
  ) throws {
    try step(.other) {
      try store.remember(
        token: token, givenTo: receiver, in: collection, ownStamp: ownStamp, revision: revision,
        epoch: epoch)
    }
  }

  func remembers(
    token: ReplicaID, givenTo receiver: ReplicaID, in collection: CollectionName, revision: UInt64
  ) throws -> Bool {
    try step(.other) {
      try store.remembers(
        token: token, givenTo: receiver, in: collection, revision: revision)
    }
  }

  func confirm(_ confirmation: Confirmation) throws {
    try step(.other) { try store.confirm(confirmation) }
  }

  func renew(
    _ former: ReplicaID, isRestored: Bool, token: () -> ReplicaID
  ) throws -> Healing {
    try step({ try store.renew(former, isRestored: isRestored, token: token) }) { .healed($0) }
  }

  func heal(
    _ endings: [Ending], in collection: CollectionName, token: () -> ReplicaID
  ) throws -> Healing {
    try step({ try store.heal(endings, in: collection, token: token) }) { .healed($0) }
  }
}
