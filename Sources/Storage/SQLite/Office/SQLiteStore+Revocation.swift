import OfficeSyncRecords

/// Revocation lists go from office to office in their own collection. They are signed: who reads one checks it.
extension SQLiteStore {
  /// What offices wrote as the newest list of an authority, in DER; several if they did at the same time.
  /// - Parameter authority: SHA-256 of its public key.
  public func revocationLists(ofAuthority authority: [UInt8]) throws -> [[UInt8]] {
    try read { db in
      RevocationEntry(try Register(db).record(RevocationEntry.id(ofAuthority: authority))).lists
    }
  }

  /// Tells the offices of a list, in place of those that this office has seen.
  public func publish(
    revocationList der: [UInt8], ofAuthority authority: [UInt8], wallMilliseconds: UInt64
  ) throws {
    try write { db in
      _ = try Register(db).write(
        RevocationEntry.holding(der), to: RevocationEntry.id(ofAuthority: authority),
        wallMilliseconds: wallMilliseconds)
    }
  }
}
