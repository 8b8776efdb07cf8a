/// Which paths a rule is for: a path in which the segment `*` stands for exactly one segment.
public struct FieldPattern: Hashable, Comparable, Sendable {
  public static let wildcard = "*"

  /// The pattern in the form of a path.
  public let path: FieldPath
  /// Segments as stored, escaped; nil for a wildcard.
  private let segments: [ByteString?]

  public init(_ path: FieldPath) {
    self.path = path
    segments = path.key.bytes.split(separator: UInt8(ascii: "/")).map {
      $0.elementsEqual(Self.wildcard.utf8) ? nil : ByteString(trusted: Array($0))
    }
  }

  public var segmentCount: Int { segments.count }
  public var isLiteral: Bool { !segments.contains(nil) }

  public func matches(_ path: FieldPath) -> Bool {
    let bytes = path.key.bytes
    var start = bytes.startIndex
    for segment in segments {
      guard start <= bytes.endIndex else { return false }
      let end = bytes[start...].firstIndex(of: UInt8(ascii: "/")) ?? bytes.endIndex
      if let segment, !bytes[start..<end].elementsEqual(segment.bytes) { return false }
      start = end + 1
    }
    // All of it: the last segment ends with the path.
    return start > bytes.endIndex
  }

  /// Whether some path that `self` matches stands below some path that `other` matches.
  public func mayBeBelow(_ other: FieldPattern) -> Bool {
    segments.count > other.segments.count
      && zip(segments, other.segments).allSatisfy { $0 == nil || $1 == nil || $0 == $1 }
  }

  /// The more specific pattern first: fewer wildcards, then the one whose leftmost difference is a literal.
  public static func < (a: FieldPattern, b: FieldPattern) -> Bool {
    let (inA, inB) = (a.segments.count { $0 == nil }, b.segments.count { $0 == nil })
    if inA != inB { return inA < inB }
    for (x, y) in zip(a.segments, b.segments) where (x == nil) != (y == nil) { return x != nil }
    return a.path < b.path
  }
}

extension FieldPattern: CustomStringConvertible {
  public var description: String { path.description }
}
