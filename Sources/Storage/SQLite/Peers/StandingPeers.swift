import GRDB

/// A server that this office keeps current with by itself.
public struct StandingPeerEntry: Hashable, Sendable {
  /// `HOST:PORT`
  public var server: String
  /// Seconds from one sync to the next; nil for live.
  public var everySeconds: Int64?

  public init(server: String, everySeconds: Int64? = nil) {
    self.server = server
    self.everySeconds = everySeconds
  }
}

extension SQLiteStore {
  /// Adds one, or changes how one that is there is kept current with.
  public func add(_ peer: StandingPeerEntry) throws {
    try write { db in
      try db.execute(
        sql: """
          INSERT INTO peer (server, every) VALUES (?, ?)
          ON CONFLICT DO UPDATE SET every = excluded.every
          """,
        arguments: [peer.server, peer.everySeconds])
    }
  }

  /// - Returns: whether it was there.
  public func removePeer(_ server: String) throws -> Bool {
    try write { db in
      try db.execute(sql: "DELETE FROM peer WHERE server = ?", arguments: [server])
      return db.changesCount > 0
    }
  }

  /// By address.
  public func standingPeers() throws -> [StandingPeerEntry] {
    try read { db in
      try Row.fetchAll(db, sql: "SELECT server, every FROM peer ORDER BY server")
        .map {
          StandingPeerEntry(
            server: try $0.decode(forColumn: "server"),
            everySeconds: try $0.decode(forColumn: "every"))
        }
    }
  }
}
