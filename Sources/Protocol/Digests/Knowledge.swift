import Crypto
import OfficeSyncRecords

/// A replica's mark that the writes up to a counter were made in this very store: 128 random bits, drawn at the start
/// of a session. Two stores that write under one name draw different ones.
public struct Stamp: Hashable, Sendable {
  public let counter: UInt64
  /// 128 random bits; of the same form as a replica ID, because a branch that forked takes its stamp as its name.
  public let token: ReplicaID

  public init(counter: UInt64, token: ReplicaID) {
    self.counter = counter
    self.token = token
  }
}

/// That a replica ID ended with a stamp: two stores have written under it beyond, and what they wrote there goes by other
/// names. It holds for whoever has that very stamp in a list; other branches of the same ID may have ended elsewhere.
public struct Ending: Hashable, Comparable, Sendable {
  public var origin: ReplicaID
  /// The last stamp that is common to all who wrote under the ID; nil if not even the first one is.
  public var stamp: Stamp?

  public init(origin: ReplicaID, stamp: Stamp?) {
    self.origin = origin
    self.stamp = stamp
  }

  public static func < (a: Ending, b: Ending) -> Bool {
    if a.origin != b.origin { return a.origin < b.origin }
    let (left, right) = (a.stamp?.counter ?? 0, b.stamp?.counter ?? 0)
    if left != right { return left < right }
    return a.stamp?.token ?? .zero < b.stamp?.token ?? .zero
  }
}

/// What a replica knows of a collection, with the newest stamp that it has of each origin.
public struct Knowledge: Hashable, Sendable {
  public var vector: VersionVector
  /// The newest stamp of each origin that has one.
  public var newestStamps: [ReplicaID: Stamp]

  public init(vector: VersionVector = VersionVector(), newestStamps: [ReplicaID: Stamp] = [:]) {
    self.vector = vector
    self.newestStamps = newestStamps
  }

  /// Whether every origin's known writes bear a stamp, their own or a later one. Without it two replicas may differ under
  /// one digest.
  public var isStamped: Bool {
    vector.entries.allSatisfy { newestStamps[$0.replica]?.counter ?? 0 >= $0.counter }
  }

  /// SHA-256 of the knowledge: equal digests mean equal knowledge. See `docs/PROTOCOL.md`, "Digest".
  public var digest: KnowledgeDigest {
    var writer = ByteWriter(reserving: vector.count * 48)
    for entry in vector.entries {
      writer.dot(entry)
      let stamp = newestStamps[entry.replica]
      writer.replica(stamp?.counter ?? 0 >= entry.counter ? stamp?.token ?? .zero : .zero)
    }
    return KnowledgeDigest(trusted: Array(SHA256.hash(data: writer.bytes)))
  }
}

/// 32 bytes that stand for a collection's knowledge.
public struct KnowledgeDigest: Hashable, Sendable {
  public static let byteCount = 32
  /// Of nobody's knowledge.
  public static let zero = KnowledgeDigest(trusted: [UInt8](repeating: 0, count: byteCount))
  public let bytes: [UInt8]

  init(trusted bytes: [UInt8]) {
    self.bytes = bytes
  }

  public init?(bytes: some Collection<UInt8>) {
    guard bytes.count == Self.byteCount else { return nil }
    self.bytes = Array(bytes)
  }
}
