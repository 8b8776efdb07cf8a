import OfficeSyncRecords

/// What is kept of a session that brought something: with whom it was, and when.
public struct SessionTrace: Hashable, Sendable {
  /// As the peer's certificate names it.
  public var identity: Identity
  public var replica: ReplicaID
  /// `HOST:PORT` of the other side: of a server as it was called, of a client where it called from.
  public var address: String
  /// When the peer had said who it is: milliseconds since 1970 UTC.
  public var milliseconds: UInt64

  public init(identity: Identity, replica: ReplicaID, address: String, milliseconds: UInt64) {
    self.identity = identity
    self.replica = replica
    self.address = address
    self.milliseconds = milliseconds
  }
}

/// Writes of one origin that became known with one session: those with counters above `after`, up to `through`.
package struct Arrival: Hashable, Sendable {
  package var origin: ReplicaID
  package var after: UInt64
  package var through: UInt64
  package var session: SessionTrace

  package init(origin: ReplicaID, after: UInt64, through: UInt64, session: SessionTrace) {
    self.origin = origin
    self.after = after
    self.through = through
    self.session = session
  }
}
