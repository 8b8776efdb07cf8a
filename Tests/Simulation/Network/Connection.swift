import OfficeSyncProtocol
import OfficeSyncRecords

/// A link between two sites: bytes stay in order, come in whatever pieces, or never.
final class Connection {
  enum Side: Int, CaseIterable {
    case client, server

    var other: Side { self == .client ? .server : .client }
  }

  let number: Int
  private let ends: [Endpoint]
  /// Bytes under way to each side.
  private var underWay: [[UInt8]] = [[], []]

  init(number: Int, client: Endpoint, server: Endpoint) {
    self.number = number
    ends = [client, server]
  }

  func end(_ side: Side) -> Endpoint { ends[side.rawValue] }

  func involves(_ site: Site) -> Bool { ends.contains { $0.site === site } }

  /// Whether nothing more will happen.
  var isOver: Bool { ends.allSatisfy(\.isClosed) }

  /// Bytes that would reach a side next.
  func pending(for side: Side) -> Int {
    collect()
    return underWay[side.rawValue].count
  }

  /// Whether a step towards this side would do anything.
  func canMove(to side: Side) -> Bool {
    let (from, to) = (end(side.other), end(side))
    return pending(for: side) > 0 || from.wantsDrain || to.awaitsBatch
      || (from.isClosed && !to.isClosed)
  }

  /// Brings bytes to a side; behind the last of them, that the other side closed. If nothing is under way the side's store
  /// is done with what it has.
  /// - Returns: what was delivered.
  @discardableResult
  func move(_ count: Int, to side: Side) throws -> ArraySlice<UInt8> {
    if pending(for: side) == 0, end(side).awaitsBatch {
      try end(side).answerBatch()
      return []
    }
    let bytes = underWay[side.rawValue].prefix(count)
    underWay[side.rawValue].removeFirst(bytes.count)
    if !bytes.isEmpty { try end(side).receive(bytes) }
    collect()
    if underWay[side.rawValue].isEmpty {
      try end(side.other).drained()
      collect()
      if end(side.other).isClosed && underWay[side.rawValue].isEmpty { try end(side).ended() }
    }
    return bytes
  }

  /// The link breaks: what is under way is lost, and both sides learn it.
  /// - Parameter dead: the site whose program is no more, if that is why.
  func cut(dead: Site? = nil) throws {
    underWay = [[], []]
    for end in ends {
      if end.site === dead { end.die() } else { try end.ended() }
    }
  }

  /// What a side sent is on its way.
  private func collect() {
    for side in Side.allCases { underWay[side.other.rawValue] += end(side).takeOutbox() }
  }
}
