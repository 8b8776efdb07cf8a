/// What is wrong with a schema, and at which field.
public struct SchemaError: Error, Hashable, Sendable {
  /// The pattern of the field as written; nil if the schema as a whole is meant.
  public let field: String?
  public let problem: Problem

  public enum Problem: Hashable, Sendable {
    case notAnObject
    case unknownKey(String)
    case unknownType(String)
    case unknownPolicy(String)
    case badPattern(NameError)
    case writtenTwice
    case labelNotText(language: String)
    case badLanguage(String)
    case allowedNotAList
    case allowedEmpty
    case allowedNotOfType(FieldType, String)
    case ruleBelow(Policy, String)
  }

  init(_ field: String?, _ problem: Problem) {
    self.field = field
    self.problem = problem
  }
}

extension SchemaError: CustomStringConvertible {
  public var description: String {
    "\(field.map { "field \($0)" } ?? "schema"): \(problem)"
  }
}

extension SchemaError.Problem: CustomStringConvertible {
  public var description: String {
    switch self {
    case .notAnObject: "a JSON object belongs here"
    case .unknownKey(let key): "\"\(key)\" is not a key of a schema"
    case .unknownType(let name):
      "\"\(name)\" is not a type; types are \(names(FieldType.allCases.map(\.rawValue)))"
    case .unknownPolicy(let name):
      "\"\(name)\" is not a policy; policies are \(names(Policy.allCases.map(\.rawValue)))"
    case .badPattern(let error): "this is not a path of a field: \(error)"
    case .writtenTwice: "it stands here twice"
    case .labelNotText(let language): "the label in \"\(language)\" is not a text"
    case .badLanguage(let language): "\"\(language)\" is not a language tag such as fr"
    case .allowedNotAList: "\"allowed\" is not a list"
    case .allowedEmpty: "\"allowed\" is empty: nothing could be written"
    case .allowedNotOfType(let type, let value): "the allowed value \(value) is not \(type.noun)"
    case .ruleBelow(let policy, let below):
      "nothing can have a rule below a \(policy.rawValue), and \(below) has one"
    }
  }

  private func names(_ names: [String]) -> String { names.joined(separator: ", ") }
}
