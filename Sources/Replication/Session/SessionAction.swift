import OfficeSyncProtocol
import OfficeSyncRecords

/// What a session wants done, in order. The driver carries out each before it takes the next.
public enum SessionAction: Hashable, Sendable {
  case send(Message)
  /// Ask the store, and hand the answer to `answered(_:on:)`.
  case store(StoreRequest, Channel)
  /// Server: check the peer's replica against its identity, list what it may reach, and hand the answer to `admitted(_:)`.
  case admit
  /// Server: check the grants, and hand the answer to `authorized(_:for:)`.
  case authorize(Open)
  /// Server: look up what the client may do with these collections and with all others that it may reach, and hand the answer
  /// to `reviewed(_:)`.
  case review([CollectionName])
  /// Call `drained()` once the network has taken what was sent.
  case awaitDrain
  /// From now on frames up to this size are taken.
  case raiseFrameLimit(Int)
  /// From now on compressed frames are taken, and behind what was sent so far they may be sent.
  case compress
  /// The session lasts: from now on hand in what changes in the store, by `changed(_:)`, and say `alive` now and then.
  case watch
  /// A collection is done with, well or not.
  case finished(ChannelOutcome, Channel)
  /// Nothing is left to do: close the connection.
  case close
}

/// The peer as its certificate and its `Hello` or `Welcome` name it.
public struct PeerInfo: Hashable, Sendable {
  public var identity: Identity
  /// Whose the replica is, where the peer says so: another office's, if it speaks for one.
  public var owner: Identity
  /// `.zero` for a program without a store that has not said yet for which office it speaks.
  public var replica: ReplicaID
  public var replicaName: String
  public var software: String
  /// Replica IDs that the peer's store wrote under before.
  public var formerReplicas: [ReplicaID]

  public init(
    identity: Identity, owner: Identity? = nil, replica: ReplicaID, replicaName: String,
    software: String, formerReplicas: [ReplicaID] = []
  ) {
    self.identity = identity
    self.owner = owner ?? identity
    self.replica = replica
    self.replicaName = replicaName
    self.software = software
    self.formerReplicas = formerReplicas
  }
}

/// How this side names itself.
public struct LocalInfo: Hashable, Sendable {
  public var identity: Identity
  public var replica: ReplicaID
  public var replicaName: String
  public var software: String
  /// Replica IDs that this store wrote under before; sorted.
  public var formerReplicas: [ReplicaID]
  /// What whoever drives the session can compress and decompress; rising.
  public var compressions: [Compression]

  public init(
    identity: Identity, replica: ReplicaID, replicaName: String, software: String,
    formerReplicas: [ReplicaID] = [], compressions: [Compression] = []
  ) {
    self.identity = identity
    self.replica = replica
    self.replicaName = replicaName
    self.software = software
    self.formerReplicas = formerReplicas
    self.compressions = compressions
  }
}
