/// What a schema says of the fields that one pattern matches.
public struct FieldRule: Hashable, Sendable {
  public var type: FieldType
  public var policy: Policy
  /// Language tag → what people call the field.
  public var label: [String: String]
  /// The values that the field may take; nil means any of its type.
  public var allowed: [Value]?

  public init(
    type: FieldType = .any, policy: Policy = .latest, label: [String: String] = [:],
    allowed: [Value]? = nil
  ) {
    self.type = type
    self.policy = policy
    self.label = label
    self.allowed = allowed
  }

  /// What holds where no schema says otherwise.
  public static let standard = FieldRule()

  public func allows(_ value: Value) -> Bool {
    allowed?.contains { $0.isEquivalent(to: value) } ?? true
  }

  /// Whether a stored value has the type and is among the allowed ones.
  public func admits(_ value: Value) -> Bool {
    type.admits(value) && allows(value)
  }
}
