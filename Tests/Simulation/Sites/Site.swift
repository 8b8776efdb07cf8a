import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncReplication
import OfficeSyncStorage
import OfficeSyncSyncLink
import OfficeSyncTestSupport
import Synchronization

/// One replica with its machine: store, clock, and what the simulator knows of it.
final class Site {
  let index: Int
  let identity: Identity
  /// Unlike an identity's name, no clone shares it.
  let name: String
  private(set) var store: WatchedStore
  private var disk: Disk
  let clock: WallClock
  private let tokens: Tokens
  /// Who the store says it is; only clones and restores may change it.
  var replica: ReplicaID
  var ghost: Ghost
  /// How many writes it made under its name, by collection.
  var counters: [CollectionName: UInt64] = [:]
  /// An office's: which replicas came as whom.
  var owners: [Identity: Set<ReplicaID>] = [:]
  /// An office's: who may do less than everything.
  var grants: [Identity: Access] = [:]
  /// What a person at this site looked at, and may write through later.
  var screens: [CausalLog.Key: Screen] = [:]
  /// Whether its store gives a session one record at a time.
  let readsRecordByRecord: Bool
  /// A device that fell into the sea.
  var isLost = false

  struct Screen {
    var clock: VersionVector
    var seen: WriteSet
  }

  /// Draws the random bits that the product asks for.
  private final class Tokens: Sendable {
    private let random: Mutex<SplitMix64>

    init(_ seed: UInt64) { random = Mutex(SplitMix64(seed: seed)) }

    func next() -> ReplicaID { random.withLock { ReplicaID.random(using: &$0) } }
  }

  init(
    index: Int, identity: Identity, disk kind: Disk.Kind, time: TrueTime, records: Int,
    readsRecordByRecord: Bool, random: inout SplitMix64
  ) throws {
    self.index = index
    self.identity = identity
    self.readsRecordByRecord = readsRecordByRecord
    name = identity.name
    clock = WallClock(time)
    ghost = Ghost(records: records)
    tokens = Tokens(random.next())
    replica = tokens.next()
    let info = ReplicaInfo(id: replica, name: name, identity: identity)
    let (disk, store) = try Disk.make(kind, for: info)
    self.disk = disk
    self.store = WatchedStore(store, site: index)
  }

  /// The backup put on a machine of its own.
  init(
    index: Int, cloneOf backup: Backup, time: TrueTime, readsRecordByRecord: Bool, token: UInt64
  ) throws {
    self.index = index
    self.readsRecordByRecord = readsRecordByRecord
    identity = backup.identity
    name = "\(backup.identity.name)'\(index)"
    clock = WallClock(time)
    tokens = Tokens(token)
    replica = backup.replica
    ghost = backup.ghost
    disk = try backup.disk.copy()
    store = WatchedStore(try disk.open(), site: index)
    take(backup)
  }

  var isOffice: Bool { identity.role == .office }

  var token: @Sendable () -> ReplicaID {
    { [tokens] in tokens.next() }
  }

  func info() throws -> LocalInfo { LocalInfo(try store.replica(), software: "simulator") }

  /// The program dies and starts again on what the disk holds.
  func crash() throws {
    disk = try disk.copy()
    store = WatchedStore(try disk.open(), site: index)
  }

  // MARK: Copies

  /// What a copy of the store's folder has in it, and what its writes were worth.
  struct Backup {
    var site: Int
    var identity: Identity
    var replica: ReplicaID
    var disk: Disk
    var ghost: Ghost
    var counters: [CollectionName: UInt64]
    var owners: [Identity: Set<ReplicaID>]
    var grants: [Identity: Access]
    /// Writes that nobody else had then.
    var unsent: WriteSet
  }

  func backup(unsent: WriteSet) throws -> Backup {
    Backup(
      site: index, identity: identity, replica: replica, disk: try disk.copy(), ghost: ghost,
      counters: counters, owners: owners, grants: grants, unsent: unsent)
  }

  /// The backup takes the place of the store. An office's administrator says so (`syncserver recovery`).
  func restore(_ backup: Backup) throws {
    disk = try backup.disk.copy()
    store = WatchedStore(try disk.open(), site: index)
    replica = backup.replica
    take(backup)
    if isOffice { try store.setRecovering(true) }
  }

  private func take(_ backup: Backup) {
    ghost = backup.ghost
    counters = backup.counters
    owners = backup.owners
    grants = backup.grants
    screens = [:]
  }
}
