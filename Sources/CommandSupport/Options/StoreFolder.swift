import Foundation

/// A store's folder and the names of what lies in it.
public struct StoreFolder: Sendable, Hashable {
  /// The programs that have a store of their own.
  public enum Program: String, Sendable, CaseIterable {
    case server, client, courier
  }

  /// The absolute path, without a slash at the end.
  public let path: String

  /// - Parameter path: relative ones start at the current folder.
  public init(path: String) {
    self.path = path.absolutePath(from: FileManager.default.currentDirectoryPath)
  }

  /// The folder of a program that was told none.
  static func standard(for program: Program, isRoot: Bool, home: String) -> StoreFolder {
    #if os(macOS)
      let system = "/Library/Application Support/OfficeSync"
      let user = "\(home)/Library/Application Support/OfficeSync/\(program.rawValue)"
    #else
      let system = "/var/lib/officesync"
      let user = "\(home)/.local/share/officesync/\(program.rawValue)"
    #endif
    return StoreFolder(path: program == .server && isRoot ? system : user)
  }

  /// The folder for the locks and tickets of couriers, which have no store.
  public static func ofCourier(
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) -> StoreFolder {
    .standard(
      for: .courier, isRoot: false, home: environment.setting("HOME") ?? NSHomeDirectory())
  }

  public var database: String { "\(path)/store.sqlite" }
  public var configuration: String { "\(path)/config.toml" }
  public var certificate: String { "\(path)/identity.pem" }
  public var key: String { "\(path)/identity.key" }
  public var request: String { "\(path)/request.csr" }
  public var authority: String { "\(path)/ca.pem" }
  public var revocationList: String { "\(path)/crl.pem" }
  /// What servers gave to come back to them without certificates.
  public var tickets: String { "\(path)/tickets" }
  /// Where an office writes down who came and what was done (``AuditLog``).
  public var audit: String { "\(path)/audit" }
  /// What commands that use the network exclude each other with (``RunLock``).
  public var lock: String { "\(path)/network.lock" }

  /// What keeps two servers off one store; every other program may use it meanwhile.
  public var serverLock: String { "\(path)/server.lock" }

  /// Checks that a store is here and that it is this user's.
  ///
  /// - Parameter command: the whole command that makes one, for the error.
  /// - Throws: a ``CommandError`` `no-store` (64) or `store-of-other-user` (77).
  public func requireStore(make command: String) throws(CommandError) {
    let absent = CommandError.noStore(at: path, make: command)
    try requireOwner(of: path, orElse: absent)
    try requireOwner(of: database, orElse: absent)
  }

  private func requireOwner(of file: String, orElse absent: CommandError) throws(CommandError) {
    var status = stat()
    guard stat(file, &status) == 0 else {
      // A folder that we may not look into is somebody's: its own `stat` came first and told whose.
      throw errno == ENOENT || errno == ENOTDIR ? absent : .file(.read, file, errno: errno)
    }
    if status.st_uid != geteuid() {
      throw .foreignStore(at: path, owner: UserName.of(status.st_uid))
    }
  }
}

extension String {
  /// The path without `.` and needless slashes, seen from a folder if it is relative. A `..` stays:
  /// what it means depends on links.
  func absolutePath(from folder: String) -> String {
    let path = hasPrefix("/") ? self : "\(folder)/\(self)"
    return "/" + path.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
  }
}
