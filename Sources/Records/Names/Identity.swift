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
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, let role = Role(rawValue: String(parts[0])) else { throw .malformed }
    try self.init(role: role, name: String(parts[1]))
  }

  /// Reads the URI of a certificate, `officesync://office/NAME` or `officesync://field/NAME`.
  /// - Throws: ``NameError``
  public init(uri: String) throws(NameError) {
    guard uri.hasPrefix(Self.scheme) else { throw .malformed }
    try self.init(String(uri.dropFirst(Self.scheme.count)))
  }

  public var uri: String { Self.scheme + description }

  public static func < (a: Identity, b: Identity) -> Bool { a.description < b.description }

  private static let scheme = "officesync://"
}

extension Identity: CustomStringConvertible {
  public var description: String { "\(role.rawValue)/\(name)" }
}
