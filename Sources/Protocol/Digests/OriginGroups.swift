import Crypto
import OfficeSyncRecords

/// Some of the sixteen groups that origins fall into by the first four bits of their IDs.
public struct OriginGroups: OptionSet, Hashable, Sendable {
  public static let count = 16
  public static let all = OriginGroups(rawValue: .max)

  /// Bit n is the group of IDs that begin with n.
  public let rawValue: UInt16

  public init(rawValue: UInt16) { self.rawValue = rawValue }

  static func number(of origin: ReplicaID) -> Int { Int(origin.high >> 60) }

  public func contains(_ origin: ReplicaID) -> Bool { rawValue >> Self.number(of: origin) & 1 == 1 }
}

/// What a side knows of a collection's open origins, as one sum for each group: where both sides have the same, neither names
/// them in its state. So a session costs what differs, however many have ever written.
public struct GroupSums: Hashable, Sendable {
  /// 128 bits of SHA-256 each.
  private static let sumBytes = 16
  static let byteCount = sumBytes * OriginGroups.count
  /// Fewer origins take hardly more bytes than their sums.
  public static let originsMin = 32

  /// All sums, in the order of their groups: 256 bytes.
  public let bytes: [UInt8]

  public init(of knowledge: Knowledge) {
    let groups = Dictionary(grouping: knowledge.openOrigins, by: OriginGroups.number)
    bytes = (0..<OriginGroups.count).flatMap { group in
      var writer = ByteWriter()
      writer.open(groups[group] ?? [], of: knowledge)
      return SHA256.hash(data: writer.bytes).prefix(Self.sumBytes)
    }
  }

  init?(bytes: some Collection<UInt8>) {
    guard bytes.count == Self.byteCount else { return nil }
    self.bytes = Array(bytes)
  }

  /// The groups of which both sides know the same.
  public func same(as other: GroupSums) -> OriginGroups {
    let groups = (0..<OriginGroups.count).filter { group in
      let place = group * Self.sumBytes..<(group + 1) * Self.sumBytes
      return bytes[place] == other.bytes[place]
    }
    return OriginGroups(rawValue: groups.reduce(0) { $0 | 1 << UInt16($1) })
  }
}

extension Knowledge {
  /// The same without the open origins of some groups.
  public func leavingOut(_ groups: OriginGroups) -> Knowledge {
    if groups.isEmpty { return self }
    return restricted { !groups.contains($0) || closed.contains($0) }
  }

  /// Takes in what another knows of the open origins of some groups.
  public mutating func add(_ groups: OriginGroups, of other: Knowledge) {
    if groups.isEmpty { return }
    take(from: other) { groups.contains($0) && !other.closed.contains($0) }
  }

  /// Takes in what another knows of some origins, but not that they are closed.
  mutating func take(from other: Knowledge, where isTaken: (ReplicaID) -> Bool) {
    let more = other.restricted(isTaken)
    vector.join(more.vector)
    newestStamps.merge(more.newestStamps) { _, new in new }
    strays.merge(more.strays) { _, new in new }
  }

  private func restricted(_ isKept: (ReplicaID) -> Bool) -> Knowledge {
    var kept = self
    kept.vector = VersionVector(vector.entries.filter { isKept($0.replica) })
    kept.newestStamps = newestStamps.filter { isKept($0.key) }
    kept.strays = strays.filter { isKept($0.key) }
    return kept
  }
}
