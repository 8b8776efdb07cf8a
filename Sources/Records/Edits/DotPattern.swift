/// A dot as people type it: `REPLICA-HEX:COUNTER`, of which the replica may be cut short.
public struct DotPattern: Hashable, Sendable {
  private let replica: String
  private let counter: UInt64

  /// nil for a text of another form.
  public init?(_ text: String) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[0].isEmpty, parts[0].allSatisfy(\.isHexDigit),
      let counter = UInt64(parts[1])
    else { return nil }
    replica = parts[0].lowercased()
    self.counter = counter
  }

  public func matches(_ dot: Dot) -> Bool {
    dot.counter == counter && dot.replica.description.hasPrefix(replica)
  }
}

extension DotPattern: CustomStringConvertible {
  public var description: String { "\(replica):\(counter)" }
}

extension Dot {
  /// Short enough for a table; a ``DotPattern`` finds the dot again.
  public var shortened: String { "\(replica.description.prefix(8)):\(counter)" }
}
