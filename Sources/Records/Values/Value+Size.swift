extension Value {
  /// What the value counts for against ``WriteLimits``, in bytes: never less than its encoding takes, so that a write
  /// that passes here passes at every peer.
  public var sizeBytes: Int {
    switch self {
    case .null, .boolean: 2
    // A tag and the longest varint.
    case .integer, .double, .date, .timestamp: 11
    case .decimal(let number): Self.prefixBytes + number.text.utf8.count
    case .text(let text): Self.prefixBytes + text.utf8.count
    case .bytes(let bytes): Self.prefixBytes + bytes.count
    case .list(let items): items.reduce(Self.prefixBytes) { $0 + $1.sizeBytes }
    case .object(let object):
      object.members.reduce(Self.prefixBytes) {
        $0 + Self.prefixBytes + $1.name.bytes.count + $1.value.sizeBytes
      }
    }
  }

  /// A tag and a length.
  private static let prefixBytes = 5

  /// The longest text in the value, in UTF-8 bytes.
  public var longestTextBytes: Int {
    switch self {
    case .text(let text): text.utf8.count
    case .list(let items): items.map(\.longestTextBytes).max() ?? 0
    case .object(let object): object.members.map(\.value.longestTextBytes).max() ?? 0
    case .null, .boolean, .integer, .decimal, .double, .date, .timestamp, .bytes: 0
    }
  }
}
