// The `$schema` record holds a rule's parts at `fields/PATTERN/type`, `/policy`, `/label/LANGUAGE` and `/allowed`, PATTERN
// being one escaped segment: so two offices that change two rules, or two labels of one rule, never conflict.
extension Schema {
  /// Reads a `$schema` record leniently, as it may come from a newer version: keys that are unknown here are passed
  /// over, rules that make no sense are left out and named in ``problems``. A deleted record is no schema.
  public init(record: Record) {
    if DeletionState(of: record).isDeleted {
      self = .none
      return
    }
    var rules: [FieldPattern: FieldRule] = [:]
    var problems: [SchemaError] = []
    for (pattern, values) in Self.parts(of: record) {
      do throws(SchemaError) {
        guard let path = try? FieldPath(pattern) else {
          throw SchemaError(pattern, .badPattern(.malformed))
        }
        rules[FieldPattern(path)] = try Self.rule(of: values, pattern: pattern)
      } catch {
        problems.append(error)
      }
    }
    for pattern in rules.keys.sorted() {
      if let problem = Self.problem(of: pattern, among: rules) {
        problems.append(problem)
        rules[pattern] = nil
      }
    }
    self.init(trusted: rules, problems: problems)
  }

  /// What to write so that `record` states this schema and nothing else: only what differs. What a newer version says
  /// of a rule that stays is left alone.
  ///
  /// - Throws: ``SchemaError`` if a path becomes too long.
  public func changes(replacing record: Record) throws(SchemaError) -> [Record.Change] {
    var wanted: [FieldPath: Value] = [:]
    for (pattern, rule) in rules {
      func want(_ segments: [String], _ value: Value) throws(SchemaError) {
        let keys = [SchemaKey.fields, pattern.description] + segments
        do throws(NameError) {
          wanted[try FieldPath(segments: keys)] = value
        } catch {
          throw SchemaError(pattern.description, .badPattern(error))
        }
      }
      try want([SchemaKey.type], .text(rule.type.rawValue))
      try want([SchemaKey.policy], .text(rule.policy.rawValue))
      for (language, text) in rule.label { try want([SchemaKey.label, language], .text(text)) }
      if let allowed = rule.allowed { try want([SchemaKey.allowed], .list(allowed)) }
    }
    var changes: [Record.Change] = []
    for (path, value) in wanted where !record.states(.value(value), at: path) {
      changes.append((path, .value(value)))
    }
    let patterns = Set(rules.keys.map(\.path))
    for field in record.fields where wanted[field.path] == nil {
      let segments = field.path.segments
      guard segments.count > 2, segments[0] == SchemaKey.fields else { continue }
      let isKept = (try? FieldPath(segments[1])).map(patterns.contains) ?? false
      let isOurs = [SchemaKey.label, SchemaKey.allowed].contains(segments[2])
      if isOurs || !isKept, !record.states(.absent, at: field.path) {
        changes.append((field.path, .absent))
      }
    }
    return changes.sorted { $0.path < $1.path }
  }

  /// Current values by pattern, and in a pattern by the rest of the path.
  private static func parts(of record: Record) -> [(pattern: String, values: [[String]: Value])] {
    var parts: [(pattern: String, values: [[String]: Value])] = []
    for field in record.fields {
      let segments = field.path.segments
      guard segments.count > 2, segments[0] == SchemaKey.fields,
        let value = LatestPolicy().current(of: field.siblings)?.value
      else { continue }
      // Fields are sorted, and all patterns stand between slashes: those of one pattern follow each other.
      if parts.last?.pattern != segments[1] { parts.append((segments[1], [:])) }
      parts[parts.count - 1].values[Array(segments.dropFirst(2))] = value
    }
    return parts
  }

  private static func rule(
    of values: [[String]: Value], pattern: String
  ) throws(SchemaError) -> FieldRule {
    var rule = FieldRule()
    if let value = values[[SchemaKey.type]] {
      let name = value.textOrEmpty
      guard let type = FieldType(rawValue: name) else {
        throw SchemaError(pattern, .unknownType(name))
      }
      rule.type = type
    }
    if let value = values[[SchemaKey.policy]] {
      let name = value.textOrEmpty
      guard let policy = Policy(rawValue: name) else {
        throw SchemaError(pattern, .unknownPolicy(name))
      }
      rule.policy = policy
    }
    for (key, value) in values where key.count == 2 && key[0] == SchemaKey.label {
      if case .text(let text) = value { rule.label[key[1]] = text }
    }
    if let value = values[[SchemaKey.allowed]] {
      guard case .list(let allowed) = value else { throw SchemaError(pattern, .allowedNotAList) }
      if allowed.isEmpty { throw SchemaError(pattern, .allowedEmpty) }
      if let stray = allowed.first(where: { !rule.type.admits($0) }) {
        throw SchemaError(pattern, .allowedNotOfType(rule.type, stray.json.encoded()))
      }
      rule.allowed = allowed
    }
    return rule
  }
}

extension Value {
  /// Empty for what is not a text: no type and no policy has an empty name.
  fileprivate var textOrEmpty: String {
    if case .text(let text) = self { text } else { "" }
  }
}
