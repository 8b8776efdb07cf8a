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

/// What a replica knows of a collection, with the newest stamp that it has of each origin.
public struct Knowledge: Hashable, Sendable {
  public var vector: VersionVector
  /// The newest stamp of each origin that has one.
  public var newestStamps: [ReplicaID: Stamp]
  /// Of these origins those under which nothing more can come.
  public private(set) var closed: ClosedOrigins
  /// Of origins that ended, and of which not all is known: the sum of what is here beyond, see ``Fingerprint/init(stray:of:)``.
  /// It came with a stream that was cut, and its sender may be gone for good.
  public var strays: [ReplicaID: Fingerprint]

  /// - Parameter closed: beside `vector` and `newestStamps`, which need not say the same again.
  public init(
    vector: VersionVector = VersionVector(), newestStamps: [ReplicaID: Stamp] = [:],
    closed: [Ending] = [], strays: [ReplicaID: Fingerprint] = [:]
  ) {
    self.vector = vector
    self.newestStamps = newestStamps
    self.closed = ClosedOrigins()
    self.strays = strays
    add(closed: closed)
  }

  /// Whether every origin's known writes bear a stamp, their own or a later one. Without it two replicas may differ under
  /// one digest.
  public var isStamped: Bool {
    vector.entries.allSatisfy { newestStamps[$0.replica]?.counter ?? 0 >= $0.counter }
  }

  /// What is known of origins that are not closed.
  public var open: VersionVector {
    closed.isEmpty ? vector : VersionVector(vector.entries.filter { !closed.contains($0.replica) })
  }

  /// SHA-256 of the knowledge: equal digests mean equal knowledge. See `docs/PROTOCOL.md`, "Digest".
  public var digest: KnowledgeDigest {
    let origins = Set(open.entries.map(\.replica)).union(strays.keys)
    var writer = ByteWriter(reserving: origins.count * 48)
    for origin in origins.sorted() {
      let (counter, stamp) = (vector[origin], newestStamps[origin])
      writer.replica(origin)
      writer.varint(counter)
      writer.replica(stamp?.counter ?? 0 >= counter ? stamp?.token ?? .zero : .zero)
      if let sum = strays[origin] { writer.raw(sum.bytes) }
    }
    if !closed.isEmpty { writer.raw(closed.sum.bytes) }
    return KnowledgeDigest(trusted: Array(SHA256.hash(data: writer.bytes)))
  }

  /// Takes in origins that are closed, each with its end.
  public mutating func add(closed endings: [Ending]) {
    if endings.isEmpty { return }
    vector.join(
      VersionVector(
        endings.compactMap { ending in ending.stamp.map { Dot(ending.origin, $0.counter) } }))
    for ending in endings { newestStamps[ending.origin] = ending.stamp }
    closed.append(endings)
  }

  /// Takes in those of another's closed origins that it closed first.
  public mutating func add(closedFirst count: Int, of other: Knowledge) {
    guard closed.isEmpty, count == other.closed.endings.count else {
      return add(closed: Array(other.closed.endings.prefix(count)))
    }
    // All of them, which nobody has to sum again.
    closed = other.closed
    take(from: other, where: closed.contains)
  }

  /// The same without the origins that were closed first.
  public func leavingOut(_ count: Int) -> Knowledge {
    if count == 0 { return self }
    let (left, kept) = (
      Set(closed.endings.prefix(count).map(\.origin)), closed.endings.dropFirst(count)
    )
    return Knowledge(
      vector: VersionVector(vector.entries.filter { !left.contains($0.replica) }),
      newestStamps: newestStamps.filter { !left.contains($0.key) }, closed: Array(kept),
      strays: strays)
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
