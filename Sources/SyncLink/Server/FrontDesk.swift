import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncReplication

/// Who is let in at a server, and to what. Asked at every request, so that a change of grants acts at once; every call may
/// block.
public protocol FrontDesk: Sendable {
  /// Binds the replica to the identity, and says what the identity may reach.
  /// - Throws: `SessionError` `.replicaOwnedByAnother`; `StorageError`.
  func admit(_ peer: PeerInfo) throws -> Admission

  /// What of `directions` the identity may do with the collection.
  func allowed(_ directions: Directions, in collection: CollectionName, to identity: Identity)
    throws -> Directions

  /// What the identity may reach now, of collections that exist or that a grant names.
  func access(of identity: Identity) throws -> [Welcome.Access]

  /// A session has ended; keep what `replicas` shows.
  func departed(_ summary: SessionSummary) throws
}

/// That a peer may come in, and what it may reach.
public struct Admission: Hashable, Sendable {
  public var access: [Welcome.Access]
  /// Whether this office was put back from a copy and takes whatever clients hold.
  public var isRecovering: Bool

  public init(access: [Welcome.Access], isRecovering: Bool) {
    self.access = access
    self.isRecovering = isRecovering
  }
}
