import GRDB
import Synchronization

/// Connections for snapshots, one each. Opening one reads the schema and prepares every statement anew, which costs more
/// than a session in which nothing changed: those that are done with are kept for the next.
final class SnapshotReaders: Sendable {
  private struct Idle {
    /// With their page caches and statements; sessions at once are rarely more.
    var warm: [DatabaseQueue] = []
    /// Without: libdispatch frees a queue of GRDB's in its pool of threads, and once that has run anything it looks at it every second
    /// for as long as the process lives (`TaskThreads`).
    var cold: [DatabaseQueue] = []
  }

  private static let warmMax = 4
  private static let coldMax = 28

  private let file: StoreFile
  private let idle = Mutex(Idle())

  init(_ file: StoreFile) {
    self.file = file
  }

  /// A read transaction that sees the store as it is now.
  func begin() throws -> SnapshotReader {
    let queue = try idle.withLock { $0.warm.popLast() ?? $0.cold.popLast() } ?? file.openReader()
    try queue.unsafeRead { db in
      try db.beginTransaction(.deferred)
      // A transaction sees what is there at its first look, not at its beginning.
      _ = try RawStatement(db, "SELECT rootpage FROM sqlite_master LIMIT 1").first({ _ in }) {
        $0.int(0)
      }
    }
    return SnapshotReader(queue, of: self)
  }

  /// Closes those that nobody uses.
  func close() {
    let unused = idle.withLock { idle in
      defer { idle = Idle() }
      return idle.warm + idle.cold
    }
    for queue in unused { try? queue.close() }
  }

  fileprivate func takeBack(_ queue: DatabaseQueue) {
    // One on which even that fails is closed.
    guard (try? queue.unsafeReentrantRead { try $0.rollback() }) != nil else { return }
    let isWarm = idle.withLock { idle in
      guard idle.warm.count < Self.warmMax else { return false }
      idle.warm.append(queue)
      return true
    }
    if isWarm { return }
    queue.unsafeReentrantRead { $0.releaseMemory() }
    idle.withLock { if $0.cold.count < Self.coldMax { $0.cold.append(queue) } }
  }
}

/// A read transaction on a connection of its own, open as long as this object lives.
final class SnapshotReader: Sendable {
  private let queue: DatabaseQueue
  private let owner: SnapshotReaders

  fileprivate init(_ queue: DatabaseQueue, of owner: SnapshotReaders) {
    self.queue = queue
    self.owner = owner
  }

  deinit { owner.takeBack(queue) }

  func read<T>(_ body: (Database) throws -> T) throws -> T { try queue.unsafeRead(body) }
}
