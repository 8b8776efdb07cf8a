import Foundation
import OfficeSyncRecords

/// The audit log of an office: `audit/audit.ndjson` in its store's folder, to which every program of the store appends, and
/// the files that were full before it, `audit-1.ndjson` and so on.
///
/// Nobody waits for anybody: each append is one `write` to a file opened for appending, which the system does not mix with
/// another. Only who puts a full file aside holds a lock, and if somebody else does, leaves it to them.
public struct AuditLog: Hashable, Sendable {
  /// Files that are kept, the one that is written to among them.
  static let filesMax = 10
  /// Megabytes that all of them take together, unless the settings say otherwise.
  public static let megabytesDefault = 160

  public let folder: String
  /// A file that is this long is full.
  let fileBytesMax: Int

  /// - Parameter megabytes: what all files may take together; nil for the default.
  public init(of store: StoreFolder, megabytes: Int? = nil) {
    self.init(
      folder: store.audit, fileBytesMax: (megabytes ?? Self.megabytesDefault) << 20 / Self.filesMax)
  }

  /// As long as the store's settings say, if they can be read.
  public init(bySettingsOf store: StoreFolder) {
    self.init(of: store, megabytes: (try? StoreConfiguration(readingFrom: store))?.audit)
  }

  init(folder: String, fileBytesMax: Int) {
    self.folder = folder
    self.fileBytesMax = fileBytesMax
  }

  var path: String { "\(folder)/audit.ndjson" }
  private var lockPath: String { "\(folder)/audit.lock" }

  /// Appends the entries, all of them or, if the disk is full, perhaps the first ones.
  ///
  /// - Parameter isDurable: whether they are on disk, and not with the system alone, when this returns.
  /// - Throws: a ``CommandError`` `disk-full` or `file-failed` (74).
  public func append(_ entries: [AuditEntry], isDurable: Bool) throws(CommandError) {
    let descriptor = try openForAppending()
    defer { close(descriptor) }
    let lines = entries.flatMap(\.line)
    let end = Self.end(of: descriptor)
    // What a full disk cut off is left as a line of its own, which nobody takes for an entry.
    let bytes = end.isMidLine ? [UInt8(ascii: "\n")] + lines : lines
    var count = 0
    repeat {
      count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    } while count < 0 && errno == EINTR
    guard count == bytes.count else {
      throw .file(.written, path, errno: count < 0 ? errno : ENOSPC)
    }
    if isDurable, fsync(descriptor) != 0 { throw .file(.written, path, errno: errno) }
    if end.bytes + count >= fileBytesMax { putAside() }
  }

  /// Whether it could be written to now; nothing is changed.
  ///
  /// - Throws: a ``CommandError`` `file-failed` (74).
  public func check() throws(CommandError) {
    let descriptor = open(path, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW)
    if descriptor >= 0 {
      close(descriptor)
    } else if errno != ENOENT || access(folder, W_OK | X_OK) != 0 && errno != ENOENT {
      throw .file(.written, path, errno: errno)
    }
  }

  private func openForAppending() throws(CommandError) -> Int32 {
    try SecureFile.createFolder(folder)
    let descriptor = open(
      path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, SecureFile.ownerOnly)
    guard descriptor >= 0 else { throw .file(.written, path, errno: errno) }
    return descriptor
  }

  private static func end(of descriptor: Int32) -> (bytes: Int, isMidLine: Bool) {
    let bytes = lseek(descriptor, 0, SEEK_END)
    guard bytes > 0 else { return (0, false) }
    var last: UInt8 = 0
    return (Int(bytes), pread(descriptor, &last, 1, bytes - 1) == 1 && last != UInt8(ascii: "\n"))
  }

  // MARK: Files that are full

  /// Gives the full file a number of its own, and removes what is too old. What fails here is tried again with the next entry.
  private func putAside() {
    guard let lock = locked(LOCK_EX | LOCK_NB) else { return }
    defer { close(lock) }
    var status = stat()
    // Somebody may have been quicker.
    guard stat(path, &status) == 0, Int(status.st_size) >= fileBytesMax else { return }
    let numbers = fullFiles
    guard rename(path, file((numbers.last ?? 0) + 1)) == 0 else { return }
    // With the new one and the one that comes: so many.
    for number in numbers.dropLast(Self.filesMax - 2) { unlink(file(number)) }
  }

  /// Opens all files, the oldest first, while none of them is put aside.
  ///
  /// - Throws: a ``CommandError`` `file-failed` (74).
  func openAll() throws(CommandError) -> [(path: String, descriptor: Int32)] {
    // Without a lock, in a folder that is there to be read alone, one file may be missed.
    let lock = locked(LOCK_SH)
    defer { if let lock { close(lock) } }
    var opened: [(path: String, descriptor: Int32)] = []
    for path in fullFiles.map(file) + [path] {
      let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
      if descriptor >= 0 {
        opened.append((path, descriptor))
      } else if errno != ENOENT {
        let code = errno
        for (_, descriptor) in opened { close(descriptor) }
        throw .file(.read, path, errno: code)
      }
    }
    return opened
  }

  private func locked(_ operation: Int32) -> Int32? {
    let descriptor = open(lockPath, O_RDWR | O_CREAT | O_CLOEXEC, SecureFile.ownerOnly)
    guard descriptor >= 0 else { return nil }
    while flock(descriptor, operation) != 0 {
      if errno == EINTR { continue }
      close(descriptor)
      return nil
    }
    return descriptor
  }

  private func file(_ number: Int) -> String { "\(folder)/audit-\(number).ndjson" }

  /// Their numbers, the oldest first.
  private var fullFiles: [Int] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.compactMap { name in
      guard name.hasPrefix("audit-"), name.hasSuffix(".ndjson") else { return nil }
      return Int(name.dropFirst("audit-".count).dropLast(".ndjson".count))
    }.sorted()
  }
}
