import Foundation
import GRDB

extension SQLiteStore {
  /// Writes the whole store, as it is at one moment, into one file (mode 0600). Readers and writers go on meanwhile
  /// (https://www.sqlite.org/backup.html).
  ///
  /// The file is there when it is whole, was read back and is on disk, and not before.
  ///
  /// - Parameters:
  ///   - path: in a folder that exists.
  ///   - replacing: whether a file that is there may be replaced.
  /// - Throws: ``StorageError``; `.exists` if there is a file, and it may not be replaced; `.damaged` if what was copied does
  ///   not pass SQLite's own check.
  public func backUp(to path: String, replacing: Bool) throws {
    try StorageError.translating {
      let path = URL(fileURLWithPath: path).path
      if !replacing, FileManager.default.fileExists(atPath: path) {
        throw StorageError.exists(path: path)
      }
      let draft = try DraftFile(for: path)
      try draft.write { copy in
        try copy.writeWithoutTransaction { db in
          try read { try $0.backup(to: db) }
          // One file and nothing beside it, so that it may be copied and kept like any other.
          _ = try String.fetchOne(db, sql: "PRAGMA journal_mode = DELETE")
          try Self.check(db)
        }
      }
      try draft.install(replacing: replacing)
    }
  }

  /// SQLite's own check of a whole database, its indexes aside (https://www.sqlite.org/pragma.html#pragma_quick_check).
  static func check(_ db: Database) throws {
    let found = try String.fetchAll(db, sql: "PRAGMA quick_check(1)")
    if found != ["ok"] {
      throw StorageError.damaged(detail: found.first ?? "it cannot be checked")
    }
  }
}
