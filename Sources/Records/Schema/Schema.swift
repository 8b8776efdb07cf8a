/// What a collection says of its fields: types, policies, labels, allowed values. It is itself a record of the
/// collection, ``RecordID/schema``, and so replicates like any other.
///
/// Of several patterns that match a path the most specific holds: the one with the fewest wildcards, of those the one
/// with the leftmost literal. Where none matches, ``FieldRule/standard`` holds.
public struct Schema: Hashable, Sendable {
  public let rules: [FieldPattern: FieldRule]
  /// Entries of a `$schema` record that make no sense here, for instance of a newer version; they were left out.
  public let problems: [SchemaError]

  private let literals: [FieldPath: FieldRule]
  /// Patterns with wildcards, the most specific first.
  private let wildcards: [(pattern: FieldPattern, rule: FieldRule)]
  /// How many segments the paths of sets and journals have, ascending.
  private let structureDepths: [Int]

  /// No schema: every field is of any type and `latest`.
  public static let none = Schema(trusted: [:], problems: [])

  /// - Throws: ``SchemaError`` for a rule below a set or a journal, or a pattern that cannot be stored.
  public init(_ rules: [FieldPattern: FieldRule]) throws(SchemaError) {
    for pattern in rules.keys.sorted() {
      if let problem = Self.problem(of: pattern, among: rules) { throw problem }
    }
    self.init(trusted: rules, problems: [])
  }

  init(trusted rules: [FieldPattern: FieldRule], problems: [SchemaError]) {
    self.rules = rules
    self.problems = problems
    var literals: [FieldPath: FieldRule] = [:]
    for (pattern, rule) in rules where pattern.isLiteral { literals[pattern.path] = rule }
    self.literals = literals
    wildcards = rules.filter { !$0.key.isLiteral }.sorted { $0.key < $1.key }
      .map { ($0.key, $0.value) }
    structureDepths = Set(
      rules.filter { $0.value.policy.behaviour.shape != .single }.map(\.key.segmentCount)
    ).sorted()
  }

  public func rule(for path: FieldPath) -> FieldRule {
    literals[path] ?? wildcards.first { $0.pattern.matches(path) }?.rule ?? .standard
  }

  /// Where a set or journal stands, and its rule.
  public typealias Structure = (path: FieldPath, rule: FieldRule)

  /// The set or journal that `path` is or stands below, if any.
  public func structure(at path: FieldPath) -> Structure? {
    for depth in structureDepths {
      guard let candidate = path.ancestor(depth: depth) else { return nil }
      let rule = rule(for: candidate)
      if rule.policy.behaviour.shape != .single { return (candidate, rule) }
    }
    return nil
  }

  static func problem(
    of pattern: FieldPattern, among rules: [FieldPattern: FieldRule]
  ) -> SchemaError? {
    if pattern.path.isReserved { return SchemaError(pattern.description, .badPattern(.reserved)) }
    do {
      _ = try FieldPath(segments: [SchemaKey.fields, pattern.description, SchemaKey.policy])
    } catch {
      return SchemaError(pattern.description, .badPattern(error))
    }
    guard let rule = rules[pattern], rule.policy.behaviour.shape != .single,
      let below = rules.keys.filter({ $0.mayBeBelow(pattern) }).min()
    else { return nil }
    return SchemaError(pattern.description, .ruleBelow(rule.policy, below.description))
  }

  public static func == (a: Schema, b: Schema) -> Bool {
    a.rules == b.rules && a.problems == b.problems
  }

  public func hash(into hasher: inout Hasher) { hasher.combine(rules) }
}
