import OfficeSyncProtocol
import OfficeSyncRecords

/// What a store says of a collection when a session opens it: one snapshot's worth.
public struct LocalView: Hashable, Sendable {
  /// The store's replica ID.
  public var me: ReplicaID
  /// Every ID that the store wrote under, its present one among them.
  public var own: Set<ReplicaID>
  public let knowledge: Knowledge
  /// Where names ended, as far as this store has heard, and no origin was closed with it; sorted.
  public var ended: [Ending]
  public let condition: Condition
  /// Both in short.
  public let standing: Standing
  /// How far an unfinished stream from this peer got; nil also while the peer is not known yet.
  public var progress: Progress?
  /// Records that the office has refused for good: they are not sent again.
  public var refusedIDs: Set<RecordID>
  /// Own writes that are at an office.
  public var confirmed: VersionVector

  public init(
    me: ReplicaID, own: Set<ReplicaID>? = nil,
    knowledge: Knowledge = Knowledge(), ended: [Ending] = [],
    condition: Condition = Condition(fingerprint: .zero, isPartial: false),
    progress: Progress? = nil, refusedIDs: Set<RecordID> = [],
    confirmed: VersionVector = VersionVector()
  ) {
    self.me = me
    self.own = own ?? [me]
    self.knowledge = knowledge
    self.ended = ended
    self.condition = condition
    standing = Standing(digest: knowledge.digest, condition: condition)
    self.progress = progress
    self.refusedIDs = refusedIDs
    self.confirmed = confirmed
  }
}

/// A collection's knowledge and contents in short, to compare with a peer's.
public struct Standing: Hashable, Sendable {
  public var digest: KnowledgeDigest
  public var condition: Condition

  public init(digest: KnowledgeDigest, condition: Condition) {
    self.digest = digest
    self.condition = condition
  }

  /// Equal knowledge with unequal contents, and nothing half-received: something is damaged.
  public func contradicts(_ other: Standing) -> Bool {
    digest == other.digest && !condition.isPartial && !other.condition.isPartial
      && condition.fingerprint != other.condition.fingerprint
  }

  /// Equal knowledge, but one of both holds what it came by ahead of its knowledge, and the other does not: from a stream
  /// that was cut, and whose sender may be gone for good.
  func mayHideNews(from other: Standing) -> Bool {
    digest == other.digest && (condition.isPartial || other.condition.isPartial)
      && condition.fingerprint != other.condition.fingerprint
  }

  /// Whether both are the same; nil where they need not be, since one direction alone was asked for.
  func inSync(with other: Standing, bothWays: Bool) -> Bool? {
    if isInSync(with: other) { return true }
    return bothWays || contradicts(other) ? false : nil
  }

  public func isInSync(with other: Standing) -> Bool {
    digest == other.digest && condition == other.condition && !condition.isPartial
  }
}

extension Open {
  var standing: Standing { Standing(digest: digest, condition: condition) }
}

extension State {
  var standing: Standing { Standing(digest: knowledge.digest, condition: condition) }
}

extension Done {
  var standing: Standing { Standing(digest: digest, condition: condition) }
}

extension Result {
  var standing: Standing { Standing(digest: digest, condition: condition) }
}
