import OfficeSyncProtocol
import OfficeSyncRecords

/// One side's part in healing a collection's names: forks are told of with `Fork`, and either side ends the channel with
/// `Again`, once, when its own names are in order. A new session then begins with names that are no two stores'.
struct Mending {
  /// Origins that this side told the peer of.
  private var told: Set<ReplicaID> = []
  /// What the peer has told so far of lists that it holds.
  private var heard: [ReplicaID: [Stamp]] = [:]
  private var heardCount = 0
  private(set) var hasSaidAgain = false
  private(set) var hasHeardAgain = false

  var isOver: Bool { hasSaidAgain && hasHeardAgain }

  /// - Parameter lists: what this side holds of each forked origin, as far as the peer's newest stamp reaches.
  mutating func tell(_ lists: [StampList], on channel: Channel) -> [Message] {
    told.formUnion(lists.map(\.origin))
    let pieces = lists.flatMap { list in
      // An empty list is told, too: not even the first stamp is common.
      stride(from: 0, to: max(list.stamps.count, 1), by: Limits.stampsPerFrameMax).map { start in
        let part = list.stamps[start...].prefix(Limits.stampsPerFrameMax)
        return StampList(origin: list.origin, stamps: Array(part))
      }
    }
    return pieces.enumerated().map { index, piece in
      .fork(Fork(channel: channel, continues: index + 1 < pieces.count, lists: [piece]))
    }
  }

  /// - Returns: the lists once they are whole.
  /// - Throws: ``SessionError`` for more than this side takes.
  mutating func hear(_ message: Fork) throws(SessionError) -> [StampList]? {
    for list in message.lists {
      heardCount += list.stamps.count
      guard heardCount <= Limits.forkStampsMax else {
        throw SessionError(.overLimit, "a list of stamps has more than \(Limits.forkStampsMax)")
      }
      heard[list.origin, default: []] += list.stamps
    }
    if message.continues { return nil }
    let lists = heard.map { StampList(origin: $0.key, stamps: $0.value) }
    heard = [:]
    return lists.sorted { $0.origin < $1.origin }
  }

  /// - Returns: where the origins that this side told of ended.
  mutating func hear(_ message: Again) -> [Ending] {
    hasHeardAgain = true
    return message.endings.filter { told.contains($0.origin) }
  }

  /// The last word of this side, said once.
  mutating func sayAgain(
    _ reason: Again.Reason, endings: [Ending] = [], on channel: Channel
  ) -> [Message] {
    if hasSaidAgain { return [] }
    hasSaidAgain = true
    return [.again(Again(channel: channel, reason: reason, endings: endings))]
  }
}
