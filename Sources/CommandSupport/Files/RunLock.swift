import Foundation

/// Lets one run at a time do something: a lock file, held until the value is gone or the process
/// ends.
///
/// It is `flock(2)` on the file, so a crash leaves nothing to clean up. The file holds the owner's
/// process ID, for people, and is never removed: removing it would let two runs lock two files of
/// one name.
public final class RunLock: Sendable {
  private static let retryInterval = Duration.milliseconds(100)

  private let descriptor: Int32

  private init(ownedDescriptor: Int32) {
    descriptor = ownedDescriptor
  }

  deinit { close(descriptor) }

  /// Takes the lock, waiting for another owner up to the given time.
  ///
  /// - Throws: a ``CommandError``: `busy` (75), `file-failed` (74); `CancellationError`.
  public static func acquire(
    _ path: String, wait: Duration = .zero, clock: some Clock<Duration> = ContinuousClock()
  ) async throws -> RunLock {
    let deadline = clock.now.advanced(by: wait)
    while true {
      if let lock = try attempt(path) { return lock }
      if clock.now >= deadline { throw CommandError.locked(path, by: owner(of: path)) }
      try await clock.sleep(for: retryInterval)
    }
  }

  /// Runs the work under the lock.
  @discardableResult
  public static func with<Result>(
    _ path: String, wait: Duration = .zero, _ work: () async throws -> Result
  ) async throws -> Result {
    let lock = try await acquire(path, wait: wait)
    defer { withExtendedLifetime(lock) {} }
    return try await work()
  }

  private static func attempt(_ path: String) throws(CommandError) -> RunLock? {
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, SecureFile.ownerOnly)
    guard descriptor >= 0 else { throw .file(.locked, path, errno: errno) }
    let lock = RunLock(ownedDescriptor: descriptor)
    while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      if errno == EWOULDBLOCK { return nil }
      if errno != EINTR { throw .file(.locked, path, errno: errno) }
    }
    // The number is a courtesy for the other's message: the lock holds without it.
    let text = Array("\(getpid())\n".utf8)
    if ftruncate(descriptor, 0) == 0 { _ = pwrite(descriptor, text, text.count, 0) }
    return lock
  }

  private static func owner(of path: String) -> Int32? {
    guard let bytes = try? SecureFile.readIfPresent(path) else { return nil }
    return Int32(String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self))
  }
}
