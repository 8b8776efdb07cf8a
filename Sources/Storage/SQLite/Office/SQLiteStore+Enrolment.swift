import Foundation
import GRDB
import OfficeSyncRecords

/// Tokens by which field devices get their first certificate. They are good at this office alone.
extension SQLiteStore {
  /// Keeps a new token, and forgets those that ended long ago.
  public func offer(_ offer: EnrolmentOffer, wallMilliseconds: UInt64) throws {
    try write { db in
      let now = Int64(clamping: wallMilliseconds)
      try db.execute(
        sql: "DELETE FROM enrolment WHERE expires < ?",
        arguments: [now - Int64(EnrolmentOffer.memoryMilliseconds)])
      try db.execute(
        sql: "INSERT INTO enrolment (secret, pin, identity, expires) VALUES (?, ?, ?, ?)",
        arguments: [
          Data(offer.secretHash), offer.pinHash.map { Data($0) }, offer.identity.description,
          Int64(clamping: offer.expiresMilliseconds),
        ])
    }
  }

  /// All tokens that are remembered, the first to end first.
  public func enrolmentOffers() throws -> [EnrolmentOffer] {
    try read { db in
      try Row.fetchAll(db, sql: "SELECT * FROM enrolment ORDER BY expires, secret")
        .map(EnrolmentOffer.init(stored:))
    }
  }

  /// Takes back the tokens of an identity that were not used yet.
  /// - Returns: how many there were.
  public func withdrawEnrolments(of identity: Identity) throws -> Int {
    try write { db in
      try db.execute(
        sql: "DELETE FROM enrolment WHERE identity = ? AND used IS NULL",
        arguments: [identity.description])
      return db.changesCount
    }
  }

  /// Takes back all that were not used yet.
  static func withdrawEnrolments(_ db: Database) throws {
    try db.execute(sql: "DELETE FROM enrolment WHERE used IS NULL")
  }

  /// Uses a token, in one step with what decides whether it may be used.
  ///
  /// - Parameters:
  ///   - pinHash: SHA-256 of the secret and the number that was given, empty if none was.
  ///   - use: by whom; its time is now.
  public func claimEnrolment(
    secretHash: [UInt8], pinHash: [UInt8], for use: EnrolmentOffer.Use
  ) throws -> EnrolmentClaim {
    try write { db in
      guard
        let row = try Row.fetchOne(
          db, sql: "SELECT * FROM enrolment WHERE secret = ?", arguments: [Data(secretHash)])
      else { return .unknown }
      let offer = try EnrolmentOffer(stored: row)
      let wrongPINs: Int = try row.decode(forColumn: "wrong_pins")
      if wrongPINs >= EnrolmentOffer.wrongPINsMax { return .exhausted(offer.identity) }
      if let expected = offer.pinHash, expected != pinHash {
        try db.execute(
          sql: "UPDATE enrolment SET wrong_pins = wrong_pins + 1 WHERE secret = ?",
          arguments: [Data(secretHash)])
        return .wrongPIN(offer.identity)
      }
      if let first = offer.use, first.keyHash != use.keyHash {
        return .used(offer.identity, first: first)
      }
      if use.milliseconds >= offer.expiresMilliseconds { return .expired(offer.identity) }
      if offer.use == nil {
        try db.execute(
          sql: "UPDATE enrolment SET used = ?, address = ?, key = ? WHERE secret = ?",
          arguments: [
            Int64(clamping: use.milliseconds), use.address, Data(use.keyHash), Data(secretHash),
          ])
      }
      return .granted(offer.identity)
    }
  }
}

extension EnrolmentOffer {
  fileprivate init(stored row: Row) throws {
    let identity: String = try row.decode(forColumn: "identity")
    let pin: Data? = try row.decode(forColumn: "pin")
    let secret: Data = try row.decode(forColumn: "secret")
    guard let identity = try? Identity(identity) else {
      throw StorageError.damaged(detail: "a token's identity")
    }
    self.init(
      secretHash: Array(secret), pinHash: pin.map { Array($0) }, identity: identity,
      expiresMilliseconds: UInt64(max(0, try row.decode(forColumn: "expires") as Int64)))
    if let used: Int64 = try row.decode(forColumn: "used"),
      let address: String = try row.decode(forColumn: "address"),
      let key: Data = try row.decode(forColumn: "key")
    {
      use = Use(milliseconds: UInt64(max(0, used)), address: address, keyHash: Array(key))
    }
  }
}
