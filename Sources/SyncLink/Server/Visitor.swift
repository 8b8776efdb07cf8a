import OfficeSyncRecords

/// Who has come, as the certificate says that was shown.
public struct Visitor: Hashable, Sendable {
  /// Of the connection, unique while the listener runs.
  public var number: Int
  public var identity: Identity
  public var address: String
  /// The certificate's serial number, in hexadecimal.
  public var serial: String
  /// Whether it came back without sending certificates.
  public var isResumed: Bool

  public init(
    number: Int, identity: Identity, address: String, serial: String, isResumed: Bool
  ) {
    self.number = number
    self.identity = identity
    self.address = address
    self.serial = serial
    self.isResumed = isResumed
  }
}
