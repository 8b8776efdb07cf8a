import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncStorage
import Synchronization

/// A storage engine for tests: what it keeps is a value, so that copying, restoring and crashing it cost nothing.
///
/// It shares with SQLite all rules, and nothing of how things are kept. Several stores on one disk are as several
/// processes with one file.
public final class InMemoryStore: RecordStore {
  /// What holds the bytes: it outlives the stores that have it open.
  public final class Disk: Sendable {
    fileprivate let image: Mutex<StoreImage>

    public init(_ image: StoreImage) {
      self.image = Mutex(image)
    }

    /// What is durable now.
    public var current: StoreImage { image.withLock { $0 } }
  }

  public let disk: Disk

  public init(on disk: Disk) {
    self.disk = disk
  }

  public func replica() -> ReplicaInfo { disk.current.row.replica }

  public var isRecovering: Bool { disk.current.row.isRecovering }

  public func setRecovering(_ isRecovering: Bool) {
    disk.image.withLock { $0.row.isRecovering = isRecovering }
  }

  public func collections() -> [CollectionName] {
    disk.current.collections.filter { $0.value.totals.records > 0 }.keys.sorted()
  }

  /// There is no disk.
  public func requireRoom() {}

  /// How long history is kept from now on; where it is not, what there is goes at once.
  public func keepHistory(_ retention: HistoryRetention) {
    disk.image.withLock { image in
      image.row.retention = retention
      if retention.isOn { return }
      for name in image.collections.keys {
        image.collections[name]?.history = [:]
        image.collections[name]?.arrivals = []
      }
    }
  }

  public func snapshot(of collection: CollectionName) -> any CollectionSnapshot {
    InMemorySnapshot(disk.current, of: collection)
  }

  public func sessionSnapshot(
    of collection: CollectionName, wallMilliseconds: UInt64, token: () -> ReplicaID
  ) throws -> any CollectionSnapshot {
    if HybridClock(latest: disk.current.row.clock).isAhead(wallMilliseconds: wallMilliseconds) {
      try restamp(wallMilliseconds: wallMilliseconds)
    }
    return try transact(collection) { tables in
      tables.collection.pruneHistory(
        tables.store().retention, wallMilliseconds: wallMilliseconds)
      try tables.stampOwnWrites(token: token)
      return InMemorySnapshot(tables.image, of: collection)
    }
  }

  private func restamp(wallMilliseconds: UInt64) throws {
    try disk.image.withLock { image in
      var restamping = Restamping(wallMilliseconds: wallMilliseconds)
      var restamped = image
      for name in image.collections.keys.sorted() {
        let tables = InMemoryTables(restamped, name)
        try restamping.restamp(tables)
        restamped = tables.image
      }
      restamped.row.putBack(to: restamping.latest)
      image = restamped
    }
  }

  public func write<T>(
    to collection: CollectionName, wallMilliseconds: UInt64, note: String, moreFollow: Bool,
    _ body: (any RecordWriter) throws -> T
  ) throws -> T {
    try transact(collection) { tables in
      let writer = try LocalWriter(tables, wallMilliseconds: wallMilliseconds, note: note)
      let result = try body(writer)
      try writer.finish()
      return result
    }
  }

  public func apply(_ batch: IncomingBatch) throws -> BatchOutcome {
    try transact(batch.collection) { tables in
      let receiver = try BatchReceiver(tables, batch)
      for incoming in batch.records { try receiver.take(incoming) }
      return try receiver.finish()
    }
  }

  public func repair(_ records: [IncomingRecord], in collection: CollectionName) throws {
    try transact(collection) { try $0.repair(records) }
  }

  /// No bit flips here: there never are copies under damaged IDs.
  @discardableResult
  public func rebuild(_ collection: CollectionName) throws -> [RecordID] {
    try transact(collection) { try $0.rebuild().map(\.id) }
  }

  public func adopt(
    _ runs: [StampRun], in collection: CollectionName, epoch: UInt64?
  ) throws {
    try transact(collection) { try $0.adopt(runs, epoch: epoch) }
  }

  public func complete(_ completion: StreamCompletion) throws {
    try transact(completion.collection) { try $0.complete(completion) }
  }

  public func progress(from sender: ReplicaID, in collection: CollectionName) -> Progress? {
    disk.current.collections[collection]?.progress[sender]
  }

  public func remember(
    token: ReplicaID, givenTo receiver: ReplicaID, in collection: CollectionName, ownStamp: Stamp?,
    revision: UInt64, epoch: UInt64?
  ) throws {
    try transact(collection) { tables in
      try tables.require(epoch: epoch)
      if let ownStamp { try tables.noteShown(ownStamp) }
      tables.collection.remember(token, givenTo: receiver, revision)
    }
  }

  public func remembers(
    token: ReplicaID, givenTo receiver: ReplicaID, in collection: CollectionName, revision: UInt64
  ) throws -> Bool {
    try transact(collection) { $0.collection.remembers(token, givenTo: receiver, revision) }
  }

  public func confirm(_ confirmation: Confirmation) throws {
    try transact(confirmation.collection) { tables in
      try tables.require(epoch: confirmation.epoch)
      for refusal in confirmation.refusals {
        tables.collection.refusals[refusal.id] = refusal.reason
      }
      for entry in confirmation.confirmed.entries { tables.raiseConfirmed(entry) }
    }
  }

  // MARK: Healing

  public func renew(
    _ former: ReplicaID, isRestored: Bool, token: () -> ReplicaID
  ) throws -> Healing {
    try disk.image.withLock { image in
      guard image.row.replica.id == former else { return Healing() }
      return try Self.renew(&image, isRestored: isRestored, token: token)
    }
  }

  public func heal(
    _ endings: [Ending], in collection: CollectionName, token: () -> ReplicaID
  ) throws -> Healing {
    try disk.image.withLock { image in
      var healed = image
      var healing = Healing()
      if let end = try InMemoryTables(healed, collection).endOfOwnID(endings) {
        healing = try Self.renew(&healed, isRestored: !end.isRetirement, token: token)
        healing.wasRetired = end.isRetirement
      }
      let tables = InMemoryTables(healed, collection)
      healing.renamings += try tables.heal(endings)
      image = tables.image
      return healing
    }
  }

  private static func renew(
    _ image: inout StoreImage, isRestored: Bool, token: () -> ReplicaID
  ) throws -> Healing {
    var renewed = image
    let new = token()
    var replica = image.row.replica
    var healing = Healing(formerReplica: replica.id)
    for name in image.collections.keys.sorted() {
      let tables = InMemoryTables(renewed, name)
      healing.renamings += try tables.giveUpOwnID(for: new)
      renewed = tables.image
    }
    replica.formerIDs = Set(renewed.row.replica.formerIDs + [replica.id]).sorted()
    replica.id = new
    renewed.row.replica = replica
    if isRestored, replica.identity.role == .office { renewed.row.isRecovering = true }
    image = renewed
    return healing
  }

  /// All or nothing: what throws leaves the disk as it was.
  private func transact<T>(
    _ collection: CollectionName, _ body: (InMemoryTables) throws -> T
  ) throws -> T {
    var result: T?
    try disk.image.withLock { image in
      let tables = InMemoryTables(image, collection)
      result = try body(tables)
      image = tables.image
    }
    guard let result else { throw StorageError.io(detail: "a transaction gave no result") }
    return result
  }
}
