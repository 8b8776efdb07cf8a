import OfficeSyncRecords

/// One record in short, reckoned from its bytes as they are stored now.
public struct RecordDigest: Hashable, Sendable {
  public var id: RecordID
  /// Its part of the collection's fingerprint; zero if it cannot be read.
  public var fingerprint: Fingerprint
  /// What is stored is not what was written.
  public var isDamaged: Bool

  public init(id: RecordID, fingerprint: Fingerprint, isDamaged: Bool) {
    self.id = id
    self.fingerprint = fingerprint
    self.isDamaged = isDamaged
  }
}
