import GRDB
import OfficeSyncRecords

/// When and how this store last synced with a server.
public struct Contact: Hashable, Sendable {
  /// `HOST:PORT`, as it was asked for.
  public var server: String
  /// nil if the server was never got as far as showing who it is.
  public var identity: Identity?
  /// Milliseconds since 1970 UTC.
  public var atMilliseconds: UInt64
  /// `ok`, or the name of an error in `docs/ERRORS.md`.
  public var result: String

  public init(server: String, identity: Identity?, atMilliseconds: UInt64, result: String) {
    self.server = server
    self.identity = identity
    self.atMilliseconds = atMilliseconds
    self.result = result
  }
}

extension SQLiteStore {
  /// Keeps a contact in the place of an earlier one with the same server. One that did not learn the server's identity
  /// keeps the one known before.
  public func note(_ contact: Contact) throws {
    try write { db in
      try db.execute(
        sql: """
          INSERT INTO contact (server, identity, at, result) VALUES (?, ?, ?, ?)
          ON CONFLICT DO UPDATE SET identity = coalesce(excluded.identity, identity),
            at = excluded.at, result = excluded.result
          """,
        arguments: [
          contact.server, contact.identity?.description,
          Int64(bitPattern: contact.atMilliseconds), contact.result,
        ])
    }
  }

  /// All servers that this store tried to sync with, by address.
  public func contacts() throws -> [Contact] {
    try read { db in
      try Row.fetchAll(db, sql: "SELECT server, identity, at, result FROM contact ORDER BY server")
        .map { row in
          let identity: String? = try row.decode(forColumn: "identity")
          let milliseconds: Int64 = try row.decode(forColumn: "at")
          return Contact(
            server: try row.decode(forColumn: "server"),
            identity: try identity.map { try Identity(stored: $0) },
            atMilliseconds: UInt64(bitPattern: milliseconds),
            result: try row.decode(forColumn: "result"))
        }
    }
  }
}
