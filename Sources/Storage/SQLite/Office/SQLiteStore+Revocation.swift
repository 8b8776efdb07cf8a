import OfficeSyncRecords

/// Revocation lists go from office to office in their own collection. They are signed: who reads one checks it.
extension SQLiteStore {
  /// What offices wrote as the newest list of each authority; several if they did at the same time.
  public func revocations() throws -> [RevocationEntry] {
    try read { try Register($0).revocations() }
  }

  /// Tells the offices of a list, in place of those that this office has seen.
  ///
  /// - Parameters:
  ///   - authority: SHA-256 of its public key.
  ///   - issuer: its certificate in DER; nil if all offices trust it already.
  public func publish(
    revocationList der: [UInt8], ofAuthority authority: [UInt8], issuer: [UInt8]?,
    wallMilliseconds: UInt64
  ) throws {
    try write { db in
      _ = try Register(db).write(
        RevocationEntry.holding(der, issuer: issuer),
        to: RevocationEntry.id(ofAuthority: authority),
        wallMilliseconds: wallMilliseconds)
    }
  }
}
