import GRDB
import Synchronization

/// Connections for snapshots, one each. Opening one reads the schema and prepares every statement anew, which costs more
/// than a session in which nothing changed: those that are done with are kept for the next.
final class SnapshotReaders: Sendable {
  /// Each of these holds its page cache and statements; sessions at once are rarely more.
  private static let warmMax = 4
  /// Of the others only the connection is kept: libdispatch frees a queue of GRDB's in its pool of threads, and once that has run anything
  /// it looks at it every second for as long as the process lives (`TaskThreads`).
  private static let idleMax = 32

  private let file: StoreFile
  private let idle = Mutex<[DatabaseQueue]>([])

  init(_ file: StoreFile) {
    self.file = file
  }

  /// A read transaction that sees the store as it is now.
  func begin() throws -> SnapshotReader {
    let queue = try idle.withLock { $0.popLast() } ?? file.openReader()
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
      defer { idle = [] }
      return idle
    }
    for queue in unused { try? queue.close() }
  }

  fileprivate func takeBack(_ queue: DatabaseQueue) {
    let isWarm = idle.withLock { $0.count < Self.warmMax }
    let isEnded = try? queue.unsafeReentrantRead { db in
      try db.rollback()
      if !isWarm { db.releaseMemory() }
      return true
    }
    // One on which even that fails is closed.
    guard isEnded == true else { return }
    idle.withLock { if $0.count < Self.idleMax { $0.append(queue) } }
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
