import OfficeSyncRecords

/// A token that an office gave out, for one field device to get its first certificate. The token itself is not kept.
public struct EnrolmentOffer: Hashable, Sendable {
  /// How often a wrong number may be given before the token is of no use any more.
  public static let wrongPINsMax = 5
  /// How long an office remembers a token after its end, so that who comes late is told why.
  static let memoryMilliseconds: UInt64 = 90 * 86_400_000

  /// SHA-256 of the token's secret.
  public let secretHash: [UInt8]
  /// SHA-256 of the secret and the number that is told separately; nil if none is asked for.
  public let pinHash: [UInt8]?
  public let identity: Identity
  /// Milliseconds since 1970.
  public let expiresMilliseconds: UInt64
  public internal(set) var use: Use?

  /// The first time that it was used.
  public struct Use: Hashable, Sendable {
    /// Milliseconds since 1970.
    public let milliseconds: UInt64
    public let address: String
    /// SHA-256 of the device's public key.
    public let keyHash: [UInt8]

    public init(milliseconds: UInt64, address: String, keyHash: [UInt8]) {
      self.milliseconds = milliseconds
      self.address = address
      self.keyHash = keyHash
    }
  }

  public init(
    secretHash: [UInt8], pinHash: [UInt8]?, identity: Identity, expiresMilliseconds: UInt64
  ) {
    self.secretHash = secretHash
    self.pinHash = pinHash
    self.identity = identity
    self.expiresMilliseconds = expiresMilliseconds
  }
}

/// What became of an attempt to use a token.
public enum EnrolmentClaim: Hashable, Sendable {
  /// The device may have a certificate for this identity; again, if it is the same device whose answer was lost.
  case granted(Identity)
  case unknown
  case expired(Identity)
  /// Another key than the first has come.
  case used(Identity, first: EnrolmentOffer.Use)
  case wrongPIN(Identity)
  /// The wrong number was given too often.
  case exhausted(Identity)
}
