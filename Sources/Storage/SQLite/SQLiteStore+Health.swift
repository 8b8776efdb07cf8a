import Foundation
import GRDB
import OfficeSyncRecords

/// How a store's database is, as far as it can be told without going through its records.
public struct StoreHealth: Hashable, Sendable {
  /// The `application_id` that a store's file has.
  public static let officeSync = Migrations.applicationID
  /// `PRAGMA synchronous`: 2 is FULL.
  public static let synchronousFull = 2

  /// What SQLite's quick check found, a line each; none if all is well.
  public var problems: [String]
  public var fileBytes: UInt64
  /// Of the write-ahead log, which is yet to be brought into the file or could not be emptied.
  public var logBytes: UInt64
  public var journalMode: String
  public var synchronous: Int
  public var applicationID: UInt32
  /// The latest time that the store has given or followed, in milliseconds since 1970 UTC.
  public var newestMilliseconds: UInt64

  public init(
    problems: [String], fileBytes: UInt64, logBytes: UInt64, journalMode: String, synchronous: Int,
    applicationID: UInt32, newestMilliseconds: UInt64
  ) {
    self.problems = problems
    self.fileBytes = fileBytes
    self.logBytes = logBytes
    self.journalMode = journalMode
    self.synchronous = synchronous
    self.applicationID = applicationID
    self.newestMilliseconds = newestMilliseconds
  }
}

extension SQLiteStore {
  private static let problemsMax = 20

  /// Examines the database; it takes as long as reading the file once, and nobody waits for it.
  public func health() throws -> StoreHealth {
    let synchronous = try StorageError.translating {
      try writer.writeWithoutTransaction { try Int.fetchOne($0, sql: "PRAGMA synchronous") }
    }
    return try read { db in
      let problems: [String]
      do {
        problems = try String.fetchAll(db, sql: "PRAGMA quick_check(\(Self.problemsMax))")
      } catch let error as DatabaseError {
        problems = [error.message ?? "SQLite's own check cannot be made"]
      }
      return StoreHealth(
        problems: problems.filter { $0 != "ok" }, fileBytes: fileBytes, logBytes: logBytes,
        journalMode: try String.fetchOne(db, sql: "PRAGMA journal_mode") ?? "",
        synchronous: synchronous ?? 0,
        applicationID: UInt32(
          truncatingIfNeeded: try Int64.fetchOne(db, sql: "PRAGMA application_id") ?? 0),
        newestMilliseconds: try StoreRow(in: db).clock.milliseconds)
    }
  }

  /// Bytes of the database's file.
  public var fileBytes: UInt64 { Self.size(of: writer.path) }

  /// Bytes of the write-ahead log beside it.
  public var logBytes: UInt64 { Self.size(of: writer.path + "-wal") }

  /// How full the disk is that the store is on; nil where the system does not say.
  public var diskSpace: DiskSpace? { space(folder) }

  private static func size(of path: String) -> UInt64 {
    var status = stat()
    return stat(path, &status) == 0 ? UInt64(clamping: status.st_size) : 0
  }
}
