import Crypto
import OfficeSyncRecords

/// That a replica ID ended with a stamp: what was written under it beyond goes by other names. Either two stores have
/// written there, or an office retired the ID.
///
/// It holds for whoever has that very stamp in a list; other branches of the same ID may have ended elsewhere.
public struct Ending: Hashable, Comparable, Sendable {
  public var origin: ReplicaID
  /// The last stamp that is common to all who wrote under the ID; nil if not even the first one is.
  public var stamp: Stamp?
  /// Whether an administrator retired it.
  public var isRetirement: Bool

  public init(origin: ReplicaID, stamp: Stamp?, isRetirement: Bool = false) {
    self.origin = origin
    self.stamp = stamp
    self.isRetirement = isRetirement
  }

  public static func < (a: Ending, b: Ending) -> Bool {
    if a.origin != b.origin { return a.origin < b.origin }
    let (left, right) = (a.stamp?.counter ?? 0, b.stamp?.counter ?? 0)
    if left != right { return left < right }
    let (one, other) = (a.stamp?.token ?? .zero, b.stamp?.token ?? .zero)
    if one != other { return one < other }
    return !a.isRetirement && b.isRetirement
  }
}

/// Origins under which nothing more can come: the last stamp held of each is one that it ended with, and its writes are
/// known up to there. However many there are, they weigh 32 bytes where two sides have closed the same ones.
public struct ClosedOrigins: Sendable {
  /// The end of each, in the order in which they were closed here.
  public private(set) var endings: [Ending] = []
  /// The sum of all, in whatever order they came.
  public private(set) var sum = Fingerprint.zero
  /// Where each origin's end stands among them.
  private var places: [ReplicaID: Int] = [:]

  init() {}

  mutating func append(_ more: [Ending]) {
    for ending in more {
      guard let stamp = ending.stamp, places[ending.origin] == nil else { continue }
      places[ending.origin] = endings.count
      endings.append(ending)
      sum = sum + Fingerprint(closed: ending.origin, with: stamp)
    }
  }

  public var isEmpty: Bool { endings.isEmpty }

  public func contains(_ origin: ReplicaID) -> Bool { places[origin] != nil }

  public func contains(_ ending: Ending) -> Bool {
    places[ending.origin].map { endings[$0] == ending } ?? false
  }

  /// How many of those closed first have this sum together; nil if it is not the sum of these.
  public func count(summingTo wanted: Fingerprint) -> Int? {
    if wanted == sum { return endings.count }
    var partial = Fingerprint.zero
    for (count, ending) in endings.enumerated() {
      if partial == wanted { return count }
      guard let stamp = ending.stamp else { continue }
      partial = partial + Fingerprint(closed: ending.origin, with: stamp)
    }
    return nil
  }
}

extension ClosedOrigins: Hashable {
  /// The order in which they were closed is each store's own.
  public static func == (a: ClosedOrigins, b: ClosedOrigins) -> Bool {
    a.sum == b.sum && a.places.keys == b.places.keys
  }

  public func hash(into hasher: inout Hasher) { hasher.combine(sum) }
}

extension Fingerprint {
  /// The part of a closed origin in ``ClosedOrigins/sum``.
  init(closed origin: ReplicaID, with stamp: Stamp) {
    var writer = ByteWriter(reserving: 48)
    writer.replica(origin)
    writer.stamp(stamp)
    self.init(SHA256.hash(data: writer.bytes))
  }

  /// The part of one record in a sum of strays: it has the entry `dot` of an origin that ended, beyond what is known of that.
  public init(stray dot: Dot, of id: RecordID) {
    var writer = ByteWriter(reserving: 160)
    writer.dot(dot)
    writer.prefixed(id.key.bytes)
    self.init(SHA256.hash(data: writer.bytes))
  }
}
