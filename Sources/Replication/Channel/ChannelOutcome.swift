import OfficeSyncProtocol
import OfficeSyncRecords

/// What became of one collection in a session.
public struct ChannelOutcome: Hashable, Sendable {
  public var collection: CollectionName
  public var directions: Directions
  /// Records that this side sent, once each.
  public var sent: UInt64 = 0
  public var received: UInt64 = 0
  /// Records of the other side's that changed this store.
  public var applied: UInt64 = 0
  /// Records of the other side's that this one made wait.
  public var withheld: UInt64 = 0
  /// Records of the other side's that this one refused for good.
  public var turnedDown: UInt64 = 0
  /// Own records that the other side made wait.
  public var deferred: UInt64 = 0
  /// Own records that the other side refused for good.
  public var refused: UInt64 = 0
  /// Conflicts that this run opened here.
  public var newConflicts: UInt64 = 0
  public var resumed = false
  /// Whether it came to its end, well or not; if the session broke off before, the counts are what was done by then.
  public var isFinished = false
  /// What the peer is known to have of the collection; nil where it did not come to that.
  public var peerKnowledge: VersionVector?
  /// How this store stood at the end; nil if it did not come to that.
  public var standing: Standing?
  /// Equal knowledge and contents with the peer's snapshot; nil where one direction was asked for and the other side
  /// has more.
  public var inSync: Bool?
  /// Whether the collection has to be begun again in a new session, because names changed.
  public var beginsAgain = false
  /// What was done to names here.
  public var healing = Healing()
  /// Why the peer wants to begin again, if it does.
  public var peerReason: Again.Reason?
  public var error: SessionError?

  public init(collection: CollectionName, directions: Directions) {
    self.collection = collection
    self.directions = directions
  }
}
