#if os(Linux)
  import Foundation

  /// A file system of a few megabytes, mounted on a folder. Needs root.
  final class SmallDisk {
    private let path: String
    private var ballast: String { "\(path)/ballast" }

    /// Whether this process may mount one: not in every container that it is root of.
    static let isPossible: Bool = {
      guard geteuid() == 0 else { return false }
      let folder = "\(NSTemporaryDirectory())/small-disk-\(getpid())"
      return (try? SmallDisk(at: folder, megabytes: 1)) != nil
    }()

    init(at path: String, megabytes: Int) throws {
      self.path = path
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
      guard mount("tmpfs", path, "tmpfs", 0, "size=\(megabytes)m,mode=0700") == 0 else {
        try? FileManager.default.removeItem(atPath: path)
        throw NotMounted(reason: String(cString: strerror(errno)))
      }
    }

    struct NotMounted: Error {
      var reason: String
    }

    /// Lets somebody else fill it, but for so many bytes.
    func fill(leaving bytes: Int) throws {
      var status = statvfs()
      guard statvfs(path, &status) == 0 else {
        throw NotMounted(reason: String(cString: strerror(errno)))
      }
      let free = Int(status.f_bavail) * Int(status.f_frsize)
      try Data(count: max(0, free - bytes)).write(to: URL(filePath: ballast))
    }

    func makeRoom() throws {
      try FileManager.default.removeItem(atPath: ballast)
    }

    deinit {
      umount2(path, Int32(MNT_DETACH))
      try? FileManager.default.removeItem(atPath: path)
    }
  }
#endif
