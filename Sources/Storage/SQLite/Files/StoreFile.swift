import Foundation
import GRDB

/// The file of a store: where it is, how it is made, and what is checked before it is touched.
struct StoreFile {
  static let name = "store.sqlite"
  /// What SQLite keeps beside a database while it is open, or was left open.
  static let companions = ["-wal", "-shm", "-journal"]

  let folder: String
  var path: String { (folder as NSString).appendingPathComponent(Self.name) }

  init(folder: String) {
    // SQLite must get the same path whatever the working directory becomes.
    self.folder = URL(fileURLWithPath: folder, isDirectory: true).path
  }

  // MARK: Making

  /// Makes the folder, if it is missing, and the file in it: whole, or not at all.
  func create(_ initialize: (Database) throws -> Void) throws {
    try makeFolder()
    try refuseNetworkFileSystem()
    // A log without its database would be taken for the new one's.
    for suffix in ["", "-wal"] where FileManager.default.fileExists(atPath: path + suffix) {
      throw StorageError.exists(path: path + suffix)
    }
    let draft = try DraftFile(for: path)
    try draft.write { queue in
      try queue.inDatabase { db in
        // Before the first page is written: later it needs a rewrite of the file.
        try db.execute(sql: "PRAGMA application_id = \(Migrations.applicationID)")
      }
      try queue.write { db in
        _ = try Migrations.run(db)
        try initialize(db)
      }
      try Self.keepLog(queue)
    }
    try draft.install()
  }

  /// From now on the file has a write-ahead log.
  static func keepLog(_ queue: DatabaseQueue) throws {
    try queue.writeWithoutTransaction { db in
      _ = try String.fetchOne(db, sql: "PRAGMA journal_mode = WAL")
    }
  }

  /// Gives a store that is here another name; nobody may have it open. The database goes first: what is left beside a
  /// place without one is a rest, which SQLite would take for a new database's.
  /// - Returns: whether there was a database.
  @discardableResult
  func putAside(as name: String) throws -> Bool {
    let wasThere = FileManager.default.fileExists(atPath: path)
    for suffix in [""] + Self.companions {
      guard FileManager.default.fileExists(atPath: path + suffix) else { continue }
      guard rename(path + suffix, name + suffix) == 0 else {
        throw StorageError.io(detail: systemError(path + suffix))
      }
    }
    try syncFolder(of: path)
    return wasThere
  }

  func makeFolder() throws {
    if FileManager.default.fileExists(atPath: folder) { return }
    do {
      try FileManager.default.createDirectory(
        atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    } catch {
      throw StorageError.io(detail: "cannot make \(folder): \(error.localizedDescription)")
    }
  }

  // MARK: Opening

  /// Refuses what is not a store of this version or an older one, before anything is written to it or beside it.
  func check() throws {
    var status = stat()
    guard stat(path, &status) == 0 else {
      if errno == ENOENT || errno == ENOTDIR { throw StorageError.noStore(path: path) }
      throw StorageError.io(detail: systemError(path))
    }
    guard status.st_mode & S_IFMT == S_IFREG else { throw StorageError.notOurs(path: path) }
    if status.st_uid != geteuid() {
      throw StorageError.foreignOwner(path: path, user: Self.userName(status.st_uid))
    }
    if access(path, R_OK) != 0 { throw StorageError.io(detail: systemError(path)) }
    try refuseNetworkFileSystem()
    try probe(try Self.requireHeader(of: path))
  }

  /// Refuses a file that is no store of this version or an older one.
  @discardableResult
  static func requireHeader(of path: String) throws -> ImmutableFile {
    let file = try ImmutableFile(path: path)
    guard let header = try file.header(), header.isSQLite,
      header.applicationID == Migrations.applicationID
    else { throw StorageError.notOurs(path: path) }
    guard header.format <= Migrations.currentFormat else {
      throw StorageError.newer(path: path, format: Int(header.format))
    }
    return file
  }

  /// Finds plain damage in a file that nobody has open, before SQLite makes its companion files. While there is a
  /// write-ahead log the file alone means nothing.
  private func probe(_ file: ImmutableFile) throws {
    let log = path + "-wal"
    if FileManager.default.fileExists(atPath: log) { return }
    guard let failure = file.failure(of: "SELECT * FROM store") else { return }
    // If somebody began to write meanwhile, what was seen may be half of it.
    if FileManager.default.fileExists(atPath: log) { return }
    throw StorageError.damaged(detail: failure)
  }

  func refuseNetworkFileSystem() throws {
    if let kind = FileSystem.kind(ofFolder: folder), FileSystem.networkKinds.contains(kind) {
      throw StorageError.networkFileSystem(path: folder, kind: kind)
    }
  }

  private static func userName(_ id: uid_t) -> String {
    guard let entry = getpwuid(id) else { return String(id) }
    return String(cString: entry.pointee.pw_name)
  }

  // MARK: Connections

  /// What every connection has. See docs/STORAGE.md for the figures behind the sizes.
  static var configuration: Configuration {
    var configuration = Configuration()
    configuration.foreignKeysEnabled = true
    configuration.busyMode = .timeout(busyTimeoutSeconds)
    configuration.prepareDatabase { db in
      try db.execute(
        sql: """
          PRAGMA secure_delete = ON;
          PRAGMA temp_store = MEMORY;
          PRAGMA cache_size = -\(readerCacheKiB);
          PRAGMA fullfsync = ON;
          PRAGMA checkpoint_fullfsync = ON;
          """)
    }
    return configuration
  }

  static let busyTimeoutSeconds: Double = 10
  static let readerCacheKiB = 8 * 1_024
  static let writerCacheKiB = 16 * 1_024
  static let checkpointPages = 16_000
  /// What a long-lived reader made the log grow beyond is given back once it can be emptied.
  static let logBytesKept = 64 << 20

  /// A connection that reads, in transactions that whoever has it begins and ends.
  func openReader() throws -> DatabaseQueue {
    var configuration = Self.configuration
    configuration.readonly = true
    configuration.allowsUnsafeTransactions = true
    return try DatabaseQueue(path: path, configuration: configuration)
  }

  /// The connection that writes. A queue and no pool of GRDB's: that writes to the file when it opens one that nobody else has open,
  /// and has to bring it in again when it closes, which costs a command that only reads as much as all the rest.
  func openWriter() throws -> DatabaseQueue {
    var configuration = Self.configuration
    configuration.prepareDatabase { db in
      try db.execute(
        sql: """
          PRAGMA synchronous = FULL;
          PRAGMA cache_size = -\(Self.writerCacheKiB);
          PRAGMA wal_autocheckpoint = \(Self.checkpointPages);
          PRAGMA journal_size_limit = \(Self.logBytesKept);
          """)
    }
    let writer = try DatabaseQueue(path: path, configuration: configuration)
    // A backup has none.
    try Self.keepLog(writer)
    return writer
  }
}
