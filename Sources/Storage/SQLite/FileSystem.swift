import Foundation

/// What kind of file system a path is on.
enum FileSystem {
  /// Kinds whose locks and shared memory do not hold between machines, as SQLite's write-ahead log needs them to.
  static let networkKinds: Set<String> = [
    "nfs", "nfs4", "cifs", "smb3", "smbfs", "ncpfs", "afs", "afpfs", "coda", "ceph", "fuse.sshfs",
    "fuse.glusterfs", "fuse.ceph", "lustre", "gfs2", "ocfs2", "webdav", "davfs", "9p",
  ]

  /// The kind, as the system names it; nil if it does not say.
  static func kind(ofFolder path: String) -> String? {
    #if os(Linux)
      var status = stat()
      guard stat(path, &status) == 0,
        let mounts = try? String(contentsOfFile: "/proc/self/mountinfo", encoding: .utf8)
      else { return nil }
      return kind(ofDevice: UInt64(status.st_dev), mounts: mounts)
    #else
      var status = statfs()
      guard statfs(path, &status) == 0 else { return nil }
      return withUnsafeBytes(of: status.f_fstypename) {
        String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
      }
    #endif
  }

  /// - Parameter mounts: in the form of `/proc/self/mountinfo` (proc(5)).
  static func kind(ofDevice device: UInt64, mounts: String) -> String? {
    let major = (device >> 8 & 0xFFF) | (device >> 32 & ~0xFFF)
    let minor = (device & 0xFF) | (device >> 12 & 0xFFFF_FF00)
    let wanted = "\(major):\(minor)"
    for line in mounts.split(separator: "\n") {
      let words = line.split(separator: " ")
      // The optional fields end with a lone hyphen; the kind comes next.
      guard words.count > 6, words[2] == wanted,
        let hyphen = words[6...].firstIndex(of: "-"), hyphen + 1 < words.count
      else { continue }
      return String(words[hyphen + 1])
    }
    return nil
  }
}
