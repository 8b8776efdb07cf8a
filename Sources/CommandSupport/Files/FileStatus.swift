import Foundation

/// What the system says of a file or folder.
public struct FileStatus: Hashable, Sendable {
  /// The nine bits of who may read, write and execute it.
  public let mode: mode_t
  public let owner: uid_t
  /// When its contents last changed, in seconds since 1970 UTC.
  public let modifiedSeconds: Int

  public init(mode: mode_t, owner: uid_t, modifiedSeconds: Int = 0) {
    self.mode = mode
    self.owner = owner
    self.modifiedSeconds = modifiedSeconds
  }

  /// - Returns: nil if there is no such file, or it may not be looked at.
  public init?(of path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    #if os(Linux)
      let modified = status.st_mtim.tv_sec
    #else
      let modified = status.st_mtimespec.tv_sec
    #endif
    self.init(mode: status.st_mode & 0o777, owner: status.st_uid, modifiedSeconds: modified)
  }
}
