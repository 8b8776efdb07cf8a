import Foundation
import GRDB

/// A database that is made under another name beside its place, and put there when it is whole and on disk: whole, or not
/// at all.
struct DraftFile: ~Copyable {
  let path: String
  private let place: String

  /// - Parameter place: where it is to be.
  init(for place: String) throws {
    self.place = place
    path = place + ".new-\(getpid())"
    let descriptor = open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw StorageError.io(detail: systemError(path)) }
    close(descriptor)
  }

  deinit {
    for suffix in [""] + StoreFile.companions { unlink(path + suffix) }
  }

  /// Opens it, and closes it when `body` is done: then SQLite has written it to disk.
  func write(_ body: (DatabaseQueue) throws -> Void) throws {
    let queue = try DatabaseQueue(path: path, configuration: StoreFile.configuration)
    try body(queue)
    try queue.close()
  }

  /// Puts it into its place.
  /// - Parameter replacing: whether it may take the place of a file; otherwise of two that do this at once, one wins.
  /// - Throws: ``StorageError`` `.exists`, `.io`
  consuming func install(replacing: Bool = false) throws {
    guard (replacing ? rename(path, place) : link(path, place)) == 0 else {
      throw errno == EEXIST
        ? StorageError.exists(path: place) : StorageError.io(detail: systemError(place))
    }
    try syncFolder(of: place)
  }
}

/// A new name in a folder lasts once the folder itself is on disk.
func syncFolder(of path: String) throws {
  let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
  let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
  defer { close(descriptor) }
  guard descriptor >= 0, fsync(descriptor) == 0 else {
    throw StorageError.io(detail: systemError(folder))
  }
}

/// The last system error, with the path that it is about.
func systemError(_ path: String) -> String { "\(path): \(String(cString: strerror(errno)))" }
