/// Permission for someone to read, or to read and write, some collections. What no grant allows is refused.
public struct Grant: Hashable, Sendable {
  /// To whom.
  public enum Subject: Hashable, Sendable {
    case identity(Identity)
    /// `office/*` or `field/*`.
    case everyone(Role)
  }

  /// To what.
  public enum Scope: Hashable, Sendable {
    case collection(CollectionName)
    /// `*`
    case allCollections
  }

  public var subject: Subject
  public var scope: Scope
  public var access: Access

  public init(subject: Subject, scope: Scope, access: Access) {
    self.subject = subject
    self.scope = scope
    self.access = access
  }
}

/// What someone may do with a collection; writing includes reading.
public enum Access: Int, Hashable, Comparable, Sendable {
  case none
  case read
  case write

  public var mayRead: Bool { self >= .read }
  public var mayWrite: Bool { self == .write }

  public static func < (a: Access, b: Access) -> Bool { a.rawValue < b.rawValue }
}

extension Grant.Subject: CustomStringConvertible {
  /// Reads `office/NAME`, `field/NAME`, `office/*` or `field/*`.
  /// - Throws: `NameError`
  public init(_ text: String) throws(NameError) {
    if let role = Role.allCases.first(where: { text == "\($0.rawValue)/*" }) {
      self = .everyone(role)
    } else {
      self = .identity(try Identity(text))
    }
  }

  public var description: String {
    switch self {
    case .identity(let identity): identity.description
    case .everyone(let role): "\(role.rawValue)/*"
    }
  }

  /// Those who a grant to `self` is also a grant to: itself, and for one identity its role.
  package var withWildcards: [Grant.Subject] {
    switch self {
    case .identity(let identity): [self, .everyone(identity.role)]
    case .everyone: [self]
    }
  }
}

extension Grant.Scope: CustomStringConvertible {
  /// Reads a collection's name or `*`.
  /// - Throws: `NameError`; `.reserved` for the offices' own collection, which no grant gives or takes.
  public init(_ text: String) throws(NameError) {
    if text == CollectionName.office.text { throw .reserved }
    self = text == "*" ? .allCollections : .collection(try CollectionName(text))
  }

  public var description: String {
    switch self {
    case .collection(let name): name.text
    case .allCollections: "*"
    }
  }

  package var withWildcards: [Grant.Scope] {
    switch self {
    case .collection: [self, .allCollections]
    case .allCollections: [self]
    }
  }
}
