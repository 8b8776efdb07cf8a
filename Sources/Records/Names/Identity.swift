/// What a replica may do in the mesh. An office relays anybody's writes, a field device pushes just its own.
public enum Role: String, Hashable, Sendable, CaseIterable {
  case office
  case field
}

/// Who someone is: `office/NAME` or `field/NAME`. It stands in the certificate and is the author of writes.
public struct Identity: Hashable, Comparable, Sendable {
  public let role: Role
  public let name: String

  /// - Throws: ``NameError``
  public init(role: Role, name: String) throws(NameError) {
    try PlainName.check(name)
    self.role = role
    self.name = name
  }

  /// Reads `office/NAME` or `field/NAME`.
  /// - Throws: ``NameError``
  public init(_ text: String) throws(NameError) {
    // By bytes: to a `Character` a slash with a combining mark behind it is no slash.
    guard let slash = text.utf8.firstIndex(of: UInt8(ascii: "/")),
      let role = Role(rawValue: String(text[..<slash]))
    else { throw .malformed }
    try self.init(role: role, name: String(text[text.utf8.index(after: slash)...]))
  }

  /// How long the description may be.
  package static let bytesMax = 6 + 1 + PlainName.bytesMax

  /// Whether ``init(_:)`` reads these bytes.
  package static func isWellFormed(_ bytes: ArraySlice<UInt8>) -> Bool {
    roleMarks.contains {
      bytes.starts(with: $0) && PlainName.isWellFormed(bytes.dropFirst($0.count))
    }
  }

  private static let roleMarks = Role.allCases.map { Array("\($0.rawValue)/".utf8) }

  /// Reads the URI of a certificate, `officesync://office/NAME` or `officesync://field/NAME`.
  /// - Throws: ``NameError``
  public init(uri: String) throws(NameError) {
    guard uri.hasPrefix(Self.scheme) else { throw .malformed }
    try self.init(String(uri.dropFirst(Self.scheme.count)))
  }

  public var uri: String { Self.scheme + description }

  /// In the order of descriptions. They are ASCII, where Swift's order and byte order agree.
  public static func < (a: Identity, b: Identity) -> Bool {
    a.role != b.role ? a.role.rawValue < b.role.rawValue : a.name < b.name
  }

  private static let scheme = "officesync://"
}

extension Identity: CustomStringConvertible {
  public var description: String { role.rawValue + "/" + name }
}
