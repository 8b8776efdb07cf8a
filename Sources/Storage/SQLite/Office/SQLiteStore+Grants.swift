import GRDB
import OfficeSyncRecords

/// Grants stand in the offices' own collection: one given here holds at every office that has heard of it.
extension SQLiteStore {
  /// Adds to what a subject may do: a grant never takes away.
  /// - Parameter note: who sat at the desk.
  public func grant(_ grant: Grant, note: String = "", wallMilliseconds: UInt64) throws {
    try write { db in
      let register = try Register(db)
      try register.write(
        register.grants(to: grant.subject).changes(granting: grant.access, to: grant.scope),
        to: GrantSheet.id(of: grant.subject), note: note, wallMilliseconds: wallMilliseconds)
    }
  }

  /// Takes from what a subject was granted, so that it keeps at most `remaining`. Nothing to take is no error: it then
  /// holds against a grant of which this office has not heard.
  ///
  /// - Parameter note: who sat at the desk.
  /// - Returns: whether anything was taken.
  /// - Throws: ``StorageError`` `.grantedByWildcard` if a wider grant gives more than `remaining`; nothing is then taken.
  @discardableResult
  public func revoke(
    from subject: Grant.Subject, scope: Grant.Scope, remaining: Access, note: String = "",
    wallMilliseconds: UInt64
  ) throws -> Bool {
    try write { db in
      let register = try Register(db)
      for wide in try register.covering(subject, scope)
      where (wide.subject, wide.scope) != (subject, scope) && wide.access > remaining {
        throw StorageError.grantedByWildcard(wide)
      }
      let sheet = try register.grants(to: subject)
      try register.write(
        sheet.changes(leaving: remaining, of: scope), to: GrantSheet.id(of: subject), note: note,
        wallMilliseconds: wallMilliseconds)
      return sheet.access(to: scope) > remaining
    }
  }

  /// All grants, by subject and scope.
  public func grants() throws -> [Grant] {
    try read { try Register($0).grantSheets().flatMap(\.grants) }
  }

  /// What an identity may do with a collection now.
  public func access(of identity: Identity, to collection: CollectionName) throws -> Access {
    // The offices' own collection is for all offices and for nobody else, whatever a wildcard says.
    if collection == .office { return identity.role == .office ? .write : .none }
    return try read { db in
      try Register(db).covering(.identity(identity), .collection(collection)).map(\.access).max()
        ?? .none
    }
  }
}

extension Register {
  /// Grants that hold for all of a subject and a scope.
  fileprivate func covering(
    _ subject: Grant.Subject, _ scope: Grant.Scope
  ) throws -> [Grant] {
    try subject.withWildcards.flatMap { subject in
      let sheet = try grants(to: subject)
      return scope.withWildcards.map { scope in
        Grant(subject: subject, scope: scope, access: sheet.access(to: scope))
      }
    }
  }
}
