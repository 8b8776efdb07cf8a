import GRDB
import OfficeSyncRecords

extension SQLiteStore {
  /// Adds to what a subject may do: a grant never takes away.
  public func grant(_ grant: Grant) throws {
    if grant.access == .none { return }
    try write { db in
      try db.execute(
        sql: """
          INSERT INTO access_grant (subject, scope, can_write) VALUES (?, ?, ?)
          ON CONFLICT DO UPDATE SET can_write = max(can_write, excluded.can_write)
          """,
        arguments: [
          grant.subject.description, grant.scope.description, grant.access == .write,
        ])
    }
  }

  /// Takes from what a subject was granted, so that it keeps at most `remaining`. Nothing to take is no error.
  ///
  /// - Returns: whether anything was taken.
  /// - Throws: ``StorageError`` `.grantedByWildcard` if a wider grant gives more than `remaining`; nothing is then taken.
  @discardableResult
  public func revoke(
    from subject: Grant.Subject, scope: Grant.Scope, remaining: Access
  ) throws -> Bool {
    try write { db in
      for wide in try Grants(db).covering(subject, scope)
      where (wide.subject, wide.scope) != (subject, scope) && wide.access > remaining {
        throw StorageError.grantedByWildcard(wide)
      }
      let key: StatementArguments = [subject.description, scope.description]
      switch remaining {
      case .none:
        try db.execute(
          sql: "DELETE FROM access_grant WHERE subject = ? AND scope = ?", arguments: key)
      case .read:
        try db.execute(
          sql: """
            UPDATE access_grant SET can_write = 0 WHERE subject = ? AND scope = ? AND can_write = 1
            """, arguments: key)
      case .write: return false
      }
      return db.changesCount > 0
    }
  }

  /// All grants, by subject and scope.
  public func grants() throws -> [Grant] {
    try read { try Grants($0).all() }
  }

  /// What an identity may do with a collection now.
  public func access(of identity: Identity, to collection: CollectionName) throws -> Access {
    // The offices' own collection is for offices, whatever a wildcard says.
    if collection == .office, identity.role != .office { return .none }
    return try read { db in
      try Grants(db).covering(.identity(identity), .collection(collection)).map(\.access).max()
        ?? .none
    }
  }
}

/// The stored grants.
private struct Grants {
  let db: Database

  init(_ db: Database) {
    self.db = db
  }

  /// Grants that hold for all of a subject and a scope.
  func covering(_ subject: Grant.Subject, _ scope: Grant.Scope) throws -> [Grant] {
    var found: [Grant] = []
    for subject in subject.withWildcards {
      for scope in scope.withWildcards {
        found += try fetch(
          "SELECT * FROM access_grant WHERE subject = ? AND scope = ?",
          [subject.description, scope.description])
      }
    }
    return found
  }

  func all() throws -> [Grant] {
    try fetch("SELECT * FROM access_grant ORDER BY subject, scope", [])
  }

  private func fetch(_ sql: String, _ arguments: StatementArguments) throws -> [Grant] {
    try Row.fetchAll(db, sql: sql, arguments: arguments).map { row in
      do {
        return Grant(
          subject: try Grant.Subject(row["subject"] as String),
          scope: try Grant.Scope(row["scope"] as String),
          access: row["can_write"] ? .write : .read)
      } catch {
        throw StorageError.damaged(detail: "a grant is malformed")
      }
    }
  }
}
