import OfficeSyncProtocol
import OfficeSyncRecords

/// What the two sides' sessions have in common, for whoever drives them.
///
/// Order: carry out the actions that a call returns, in order, before the next message is handed in. Each `.store` is answered
/// at once, by `answered` or `failed`, and what that returns is carried out before what is left of the list. Only an
/// `.apply` may be answered later: of each channel one at most is under way, and messages are handed in meanwhile, until
/// `isSaturated` says that the store must catch up.
public protocol SyncSession: Sendable {
  var peer: PeerInfo? { get }
  /// Whether no collection is under way.
  var isIdle: Bool { get }
  /// What has been done of the collections that are under way: for the report of a session that breaks off.
  var unfinished: [ChannelOutcome] { get }
  /// Whether an `.apply` of this channel must be answered before more messages are handed in.
  func isSaturated(_ channel: Channel) -> Bool

  /// - Parameter wallMilliseconds: the wall clock now, in milliseconds since 1970 UTC.
  mutating func received(
    _ message: Message, wallMilliseconds: UInt64
  ) throws(SessionError) -> [SessionAction]
  mutating func answered(
    _ answer: StoreAnswer, on channel: Channel
  ) throws(SessionError) -> [SessionAction]
  mutating func failed(_ error: SessionError, on channel: Channel) -> [SessionAction]
  mutating func interrupted(_ interruption: Interruption, on channel: Channel) -> [SessionAction]
  mutating func drained() -> [SessionAction]
  /// After `.watch`: what the store knows now of collections that may have changed, by whoever's doing; of all of them the
  /// first time.
  mutating func changed(_ digests: [CollectionName: KnowledgeDigest]) -> [SessionAction]
  /// Grants may have changed: at a server, what is under way is held against them again.
  mutating func accessChanged() -> [SessionAction]
}

extension SyncSession {
  public mutating func changed(_ digests: [CollectionName: KnowledgeDigest]) -> [SessionAction] {
    []
  }

  public mutating func accessChanged() -> [SessionAction] { [] }
}

extension ServerSession: SyncSession {}

extension ClientSession: SyncSession {
  public var isIdle: Bool { isClosed }

  public mutating func received(
    _ message: Message, wallMilliseconds: UInt64
  ) throws(SessionError) -> [SessionAction] {
    try received(message)
  }
}
