import OfficeSyncRecords

/// Every limit of the protocol, with its unit. What one write may hold is in `WriteLimits`, beside the values.
public enum Limits {
  /// The length field of a frame counts its type byte and its body.
  public static let frameBytesMin = 1
  public static let frameBytesMax = 1 << 20
  /// Until `Hello` was accepted.
  public static let helloFrameBytesMax = 4 * 1_024
  /// A sender closes a `Records` frame at about this size: whole frames alone count when a link breaks, so that this is
  /// what a cut costs at most. One fits into a TLS record.
  public static let recordsFrameBytesGoal = 16_000
  /// What one compressed frame holds: a receiver unpacks no more of it.
  public static let compressedContentBytesMax = 65_536
  /// The binary logarithm of zstd's window in bytes: what each side keeps of what went before, to refer to.
  public static let compressionWindowLogMax = 20
  public static let vectorEntriesMax = 1 << 20
  public static let stampsPerFrameMax = 16_384
  /// Stamps in all the messages of one ``Fork``.
  public static let forkStampsMax = 1 << 20
  /// In a `Hello`, which is small.
  public static let formerReplicasMax = 128
  public static let softwareBytesMax = 64
  public static let replicaNameBytesMax = 128
  public static let errorTextBytesMax = 1_024
  public static let collectionsMax = 4_096
  /// Channels that a session may have open at once.
  public static let channelsMax = 4_096
  /// Of these, those that an office serves of a field device: each holds a snapshot of its collection.
  public static let deviceChannelsMax = 64
  public static let refusalsPerResultMax = 1_000
  public static let extensionsMax = 64
  public static let rangesPerAskMax = 1_024
  public static let itemsPerSumsMax = 1_024
  public static let idsPerFetchMax = 1_024
  /// How far a field device's wall clock may run ahead of the office's.
  public static let clockAheadMsMax = HybridClock.aheadMillisecondsMax
  /// From the end of the TLS handshake to a whole `Hello`.
  public static let helloSecondsMax = 10
  /// Without a byte in either direction while something is due from the peer.
  public static let idleSecondsMax = 120
  /// Once a client watches, neither side is silent for longer: half of what a patient NAT remembers, and less than half of
  /// what the other side waits.
  public static let aliveSecondsMax = 45

  // MARK: Enrolment

  /// The application protocol (ALPN) of devices that have no certificate yet.
  public static let enrolmentProtocol = "officesync-enrol/1"
  /// The length field of every frame.
  public static let enrolmentFrameBytesMax = 4 * 1_024
  /// From the end of the TLS handshake to the office's last word.
  public static let enrolmentSecondsMax = 10
  /// Authorities, or certificates of a chain.
  public static let enrolmentCertificatesMax = 8
  public static let enrolmentAccessMax = 16
  public static let enrolmentPINBytesMax = 16
}
