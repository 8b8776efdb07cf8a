import Foundation

/// How much of a file system is there, and how much of that is free for this user.
public struct DiskSpace: Hashable, Sendable {
  public var freeBytes: UInt64
  public var totalBytes: UInt64

  public init(freeBytes: UInt64, totalBytes: UInt64) {
    self.freeBytes = freeBytes
    self.totalBytes = totalBytes
  }

  /// Of the file system that a folder is on; nil if the system does not say.
  public init?(ofFolder path: String) {
    var status = statvfs()
    guard statvfs(path, &status) == 0 else { return nil }
    let unit = UInt64(status.f_frsize)
    self.init(freeBytes: UInt64(status.f_bavail) * unit, totalBytes: UInt64(status.f_blocks) * unit)
  }
}
