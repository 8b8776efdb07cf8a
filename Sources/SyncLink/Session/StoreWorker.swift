import NIOPosix
import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncReplication
import OfficeSyncStorage
import Synchronization

/// A session's store requests on threads that may block, one at a time.
final class StoreWorker: Sendable {
  private let store: any RecordStore
  private let executor: Mutex<StoreExecutor>
  private let threads: NIOThreadPool
  private let address: String
  private let allow: @Sendable (StoreRequest) throws -> Void
  private let wall: @Sendable () -> UInt64

  /// - Parameters:
  ///   - address: of the other side, for the history.
  ///   - allow: throws what is not to be done for the other side; it may block.
  init(
    store: any RecordStore, address: String, wall: @escaping @Sendable () -> UInt64,
    threads: NIOThreadPool = .store,
    allow: @escaping @Sendable (StoreRequest) throws -> Void = { _ in }
  ) {
    self.store = store
    self.address = address
    self.allow = allow
    self.wall = wall
    executor = Mutex(StoreExecutor(store: store, wall: wall, token: Self.token))
    self.threads = threads
  }

  /// Whose progress and tokens are meant; known once `Hello` or `Welcome` came.
  func setPeer(_ peer: PeerInfo) {
    let trace = SessionTrace(
      identity: peer.identity, replica: peer.replica, address: address, milliseconds: wall())
    executor.withLock {
      $0.peer = peer.replica
      $0.trace = trace
    }
  }

  func open(
    _ collection: CollectionName, on channel: OfficeSyncProtocol.Channel
  ) async throws -> LocalView {
    try await run { try self.executor.withLock { try $0.open(collection, on: channel) } }
  }

  func perform(
    _ request: StoreRequest, on channel: OfficeSyncProtocol.Channel
  ) async throws -> StoreAnswer {
    try await run {
      try self.allow(request)
      return try self.executor.withLock { try $0.perform(request, on: channel) }
    }
  }

  /// Whether the store takes others' records now.
  var hasRoom: Bool {
    get async throws {
      try await run { [store] in
        do {
          try store.requireRoom()
          return true
        } catch StorageError.diskNearlyFull {
          return false
        }
      }
    }
  }

  func close(_ channel: OfficeSyncProtocol.Channel) {
    executor.withLock { $0.close(channel) }
  }

  /// Runs something that blocks.
  func run<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws -> T {
    try await threads.runIfActive(body)
  }

  @Sendable private static func token() -> ReplicaID {
    var generator = SystemRandomNumberGenerator()
    return ReplicaID.random(using: &generator)
  }
}

extension NIOThreadPool {
  /// Threads for calls of a store. More than a machine has cores: most of them wait, for the disk or for another writer,
  /// and readers must not wait behind those.
  static let store: NIOThreadPool = {
    let threads = NIOThreadPool(numberOfThreads: 16)
    threads.start()
    return threads
  }()
}
