/// The name of one write: the replica that made it and that replica's counter in the collection
/// (Preguiça et al., "Dotted Version Vectors", 2010).
public struct Dot: Hashable, Comparable, Sendable {
  /// Counters run from 1 without gaps and stay below 2^53, so that every JSON reader keeps them exact.
  public static let counterMax: UInt64 = 1 << 53 - 1

  public let replica: ReplicaID
  public let counter: UInt64

  public init(_ replica: ReplicaID, _ counter: UInt64) {
    self.replica = replica
    self.counter = counter
  }

  /// Reads `REPLICA-HEX:COUNTER`; nil for anything else.
  public init?(_ text: String) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, let replica = ReplicaID(hex: parts[0]), let counter = UInt64(parts[1]),
      (1...Self.counterMax).contains(counter)
    else { return nil }
    self.init(replica, counter)
  }

  @inlinable
  public static func < (a: Dot, b: Dot) -> Bool {
    a.replica != b.replica ? a.replica < b.replica : a.counter < b.counter
  }
}

extension Dot: CustomStringConvertible {
  public var description: String { "\(replica):\(counter)" }
}

/// A replica has made as many writes in a collection as counters allow.
public struct CounterExhausted: Error, Hashable, Sendable {
  public let replica: ReplicaID
}
