import Foundation

/// Files that others must not read (keys, configuration), and files that must be whole or not
/// there.
public enum SecureFile {
  /// Owner reads and writes, nobody else anything.
  public static let ownerOnly: mode_t = 0o600
  /// Anybody reads: certificates.
  public static let worldReadable: mode_t = 0o644

  /// Writes a new file, durably.
  ///
  /// - Parameter mode: the exact permissions, whatever the umask.
  /// - Throws: a ``CommandError``: `file-exists` (65) when there is one already, `disk-full` or
  ///   `file-failed` (74).
  public static func create(
    _ path: String, with bytes: some Sequence<UInt8>, mode: mode_t = ownerOnly
  ) throws(CommandError) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
    guard descriptor >= 0 else {
      throw errno == EEXIST ? .fileExists(path) : .file(.created, path, errno: errno)
    }
    if let code = fill(descriptor, with: Array(bytes), mode: mode) {
      unlink(path)
      throw .file(.written, path, errno: code)
    }
    syncFolder(of: path)
  }

  /// Writes a file in one step, durably: readers, and a crash, see the old one or the new one.
  ///
  /// - Throws: a ``CommandError`` `disk-full` or `file-failed` (74); the old file is then
  ///   untouched.
  public static func replace(
    _ path: String, with bytes: some Sequence<UInt8>, mode: mode_t = ownerOnly
  ) throws(CommandError) {
    var template = Array("\(path).XXXXXX".utf8CString)
    let descriptor = mkstemp(&template)
    guard descriptor >= 0 else { throw .file(.written, path, errno: errno) }
    let code =
      fill(descriptor, with: Array(bytes), mode: mode)
      ?? template.withUnsafeBufferPointer { new in
        new.baseAddress.flatMap { rename($0, path) == 0 ? nil : errno }
      }
    if let code {
      unlink(template)
      throw .file(.written, path, errno: code)
    }
    syncFolder(of: path)
  }

  /// The bytes of a file, or nil if there is none.
  ///
  /// - Throws: a ``CommandError`` `file-failed` (74).
  public static func readIfPresent(_ path: String) throws(CommandError) -> [UInt8]? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      if errno == ENOENT { return nil }
      throw .file(.read, path, errno: errno)
    }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = read(descriptor, &chunk, chunk.count)
      if count == 0 { return bytes }
      if count > 0 {
        bytes += chunk[..<count]
      } else if errno != EINTR {
        throw .file(.read, path, errno: errno)
      }
    }
  }

  /// The bytes of a secret file, which other users must not be able to read.
  ///
  /// - Throws: a ``CommandError``: `key-readable-by-others` (77), `file-not-found` or `file-failed`
  ///   (74).
  public static func readSecret(_ path: String) throws(CommandError) -> [UInt8] {
    var status = stat()
    guard stat(path, &status) == 0 else { throw .file(.read, path, errno: errno) }
    if status.st_mode & 0o077 != 0 { throw .readableByOthers(path) }
    guard let bytes = try readIfPresent(path) else { throw .file(.read, path, errno: ENOENT) }
    return bytes
  }

  /// Makes a folder for its owner alone, and those above it that are missing. One that is there
  /// stays as it is.
  ///
  /// - Throws: a ``CommandError`` `file-failed` (74).
  public static func createFolder(_ path: String) throws(CommandError) {
    var status = stat()
    if stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR { return }
    let parent = parentFolder(of: path)
    if !parent.isEmpty, parent != path { try createFolder(parent) }
    if mkdir(path, 0o700) == 0 {
      syncFolder(of: path)
    } else if errno != EEXIST || stat(path, &status) != 0 || status.st_mode & S_IFMT != S_IFDIR {
      throw .file(.created, path, errno: errno == EEXIST ? ENOTDIR : errno)
    }
  }

  /// Writes, makes durable and closes; nil, or the `errno` of what failed.
  private static func fill(_ descriptor: Int32, with bytes: [UInt8], mode: mode_t) -> Int32? {
    defer { close(descriptor) }
    guard fchmod(descriptor, mode) == 0 else { return errno }
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
      if count >= 0 {
        rest = rest.dropFirst(count)
      } else if errno != EINTR {
        return errno
      }
    }
    return fsync(descriptor) == 0 ? nil : errno
  }

  /// The folder that a file or folder is in.
  ///
  /// By URL: `NSString.deletingLastPathComponent` traps on a path of one character (Foundation of Swift 6.3, Linux).
  static func parentFolder(of path: String) -> String {
    URL(fileURLWithPath: path).deletingLastPathComponent().path
  }

  /// Makes a new name durable. File systems that cannot do that for a folder are left alone.
  private static func syncFolder(of path: String) {
    let parent = parentFolder(of: path)
    let descriptor = open(parent.isEmpty ? "." : parent, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
  }
}
