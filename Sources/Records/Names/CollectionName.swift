/// The name of a collection, the unit of sharing and of access: `[a-z0-9][a-z0-9-]{0,62}`.
///
/// The one name outside that pattern is ``office``, the offices' own collection.
public struct CollectionName: Hashable, Comparable, Sendable {
  /// What offices must agree on among themselves; field devices never see it.
  public static let office = CollectionName(trusted: "$office")

  public let text: String

  private init(trusted text: String) {
    self.text = text
  }

  /// - Throws: ``NameError``
  public init(_ text: String) throws(NameError) {
    if text == Self.office.text {
      self = .office
    } else {
      try PlainName.check(text)
      self.text = text
    }
  }

  // The characters are ASCII, where Swift's order and byte order agree.
  public static func < (a: CollectionName, b: CollectionName) -> Bool { a.text < b.text }
}

extension CollectionName: CustomStringConvertible {
  public var description: String { text }
}

/// The pattern that names of collections and of people share.
enum PlainName {
  static let bytesMax = 63

  static func check(_ text: String) throws(NameError) {
    if text.isEmpty { throw .empty }
    if text.utf8.count > bytesMax { throw .tooLong(bytesMax: bytesMax) }
    if !isWellFormed(text.utf8) { throw .malformed }
  }

  static func isWellFormed(_ bytes: some Collection<UInt8>) -> Bool {
    guard (1...bytesMax).contains(bytes.count), bytes.first != UInt8(ascii: "-") else {
      return false
    }
    return bytes.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
        UInt8(ascii: "-"):
        true
      default: false
      }
    }
  }
}
