extension Schema {
  /// Reads a schema file: `{"fields": {PATTERN: {"type", "policy", "label": {LANGUAGE: TEXT}, "allowed": [VALUE…]}}}`.
  /// All keys of a rule may be left out.
  ///
  /// - Throws: ``SchemaError`` naming the field and what is wrong with it. Unknown keys are wrong: a slip of the pen must
  ///   not turn a rule off in silence.
  public init(json: JSONValue) throws(SchemaError) {
    guard case .object(let members) = json else { throw SchemaError(nil, .notAnObject) }
    var rules: [FieldPattern: FieldRule] = [:]
    for member in members {
      guard member.name == SchemaKey.fields else {
        throw SchemaError(nil, .unknownKey(member.name))
      }
      guard case .object(let fields) = member.value else {
        throw SchemaError(nil, .notAnObject)
      }
      for field in fields {
        let pattern: FieldPattern
        do {
          pattern = FieldPattern(try FieldPath(field.name))
        } catch {
          throw SchemaError(field.name, .badPattern(error))
        }
        let rule = try Self.rule(of: field)
        if rules.updateValue(rule, forKey: pattern) != nil {
          throw SchemaError(field.name, .writtenTwice)
        }
      }
    }
    try self.init(rules)
  }

  /// The schema as a file holds it, patterns in byte order, types and policies always named.
  public var json: JSONValue {
    let fields = rules.sorted { $0.key.path < $1.key.path }.map { pattern, rule in
      var members = [
        JSONMember(SchemaKey.type, .string(rule.type.rawValue)),
        JSONMember(SchemaKey.policy, .string(rule.policy.rawValue)),
      ]
      if !rule.label.isEmpty {
        let labels = rule.label.sorted { $0.key < $1.key }
        members.append(
          JSONMember(
            SchemaKey.label, .object(labels.map { JSONMember($0.key, .string($0.value)) })))
      }
      if let allowed = rule.allowed {
        members.append(JSONMember(SchemaKey.allowed, .array(allowed.map(\.json))))
      }
      return JSONMember(pattern.description, .object(members))
    }
    return .object([JSONMember(SchemaKey.fields, .object(fields))])
  }

  private static func rule(of field: JSONMember) throws(SchemaError) -> FieldRule {
    guard case .object(let members) = field.value else {
      throw SchemaError(field.name, .notAnObject)
    }
    var rule = FieldRule()
    var allowed: JSONValue?
    for member in members {
      switch member.name {
      case SchemaKey.type:
        guard let type = FieldType(rawValue: member.value.textOrEmpty) else {
          throw SchemaError(field.name, .unknownType(member.value.textOrEmpty))
        }
        rule.type = type
      case SchemaKey.policy:
        guard let policy = Policy(rawValue: member.value.textOrEmpty) else {
          throw SchemaError(field.name, .unknownPolicy(member.value.textOrEmpty))
        }
        rule.policy = policy
      case SchemaKey.label: rule.label = try labels(member.value, of: field.name)
      case SchemaKey.allowed: allowed = member.value
      default: throw SchemaError(field.name, .unknownKey(member.name))
      }
    }
    // Last, as the type may stand after the values.
    if let allowed { rule.allowed = try values(allowed, of: rule.type, for: field.name) }
    return rule
  }

  private static func labels(
    _ json: JSONValue, of field: String
  ) throws(SchemaError) -> [String: String] {
    guard case .object(let members) = json else { throw SchemaError(field, .notAnObject) }
    var labels: [String: String] = [:]
    for member in members {
      guard FieldRule.isLanguageTag(member.name) else {
        throw SchemaError(field, .badLanguage(member.name))
      }
      guard case .string(let text) = member.value else {
        throw SchemaError(field, .labelNotText(language: member.name))
      }
      labels[member.name] = text
    }
    return labels
  }

  private static func values(
    _ json: JSONValue, of type: FieldType, for field: String
  ) throws(SchemaError) -> [Value] {
    guard case .array(let items) = json else { throw SchemaError(field, .allowedNotAList) }
    if items.isEmpty { throw SchemaError(field, .allowedEmpty) }
    var values: [Value] = []
    for item in items {
      do {
        values.append(try Value(json: item, type: type))
      } catch {
        throw SchemaError(field, .allowedNotOfType(type, item.encoded()))
      }
    }
    return values
  }
}

extension JSONValue {
  /// Empty for what is not a string: no type and no policy has an empty name.
  fileprivate var textOrEmpty: String {
    if case .string(let text) = self { text } else { "" }
  }
}
