import OfficeSyncRecords

/// A text that does not have the short form a test uses.
public struct BadLiteral: Error {
  public let text: String
}

extension ReplicaID {
  /// A replica by a short name: its bytes at the end of the ID, so that names of one length sort as texts.
  public init(short name: String) {
    self.init(high: 0, low: name.utf8.reduce(0) { $0 << 8 | UInt64($1) })
  }
}

extension Dot {
  /// Reads `a:3`.
  public init(short text: String) throws {
    let parts = text.split(separator: ":")
    guard parts.count == 2, let counter = UInt64(parts[1]) else { throw BadLiteral(text: text) }
    self.init(ReplicaID(short: String(parts[0])), counter)
  }
}

extension VersionVector {
  /// Reads `a:3,b:1`; the empty text is the empty vector.
  public init(_ text: String) throws {
    self.init(try text.split(separator: ",").map { try Dot(short: String($0)) })
  }
}

extension WriteInfo {
  /// A write at a number of milliseconds since 1970 by `office/rabat`, unless told otherwise.
  public init(at milliseconds: UInt64, by author: String = "office/rabat", note: String = "") throws
  {
    self.init(
      time: HybridTime(milliseconds: milliseconds), author: try Identity(author), note: note)
  }
}
