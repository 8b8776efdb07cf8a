import Foundation
import OfficeSyncRecords

/// What people call a schema's fields, in the language of their locale.
struct Labels {
  private let schema: Schema
  private let languages: [String]

  /// The language is that of `LC_ALL`, else `LC_MESSAGES`, else `LANG`; then English.
  init(of schema: Schema, environment: [String: String] = ProcessInfo.processInfo.environment) {
    self.schema = schema
    let locale =
      ["LC_ALL", "LC_MESSAGES", "LANG"].lazy.compactMap { environment[$0] }.first { !$0.isEmpty }
    let language = (locale ?? "").prefix { $0.isLetter }.lowercased()
    languages = [language, "en"]
  }

  /// nil if the schema has no label for it in these languages.
  subscript(path: FieldPath) -> String? {
    let labels = schema.rule(for: path).label
    return languages.lazy.compactMap { labels[$0] }.first
  }
}

extension JSONValue {
  /// A value as a person reads it: a text without quotes, anything else as JSON.
  var shown: String {
    if case .string(let text) = self { text } else { encoded() }
  }
}

extension Sibling {
  /// The value as a person reads it in a table.
  func shown(at path: FieldPath) -> String {
    switch content {
    case .absent: path == .deleted ? Texts.kept : Texts.absent
    case .value where path == .deleted: Texts.deletedValue
    case .value(let value): value.json.shown
    }
  }

  /// Who wrote it: the identity, and who sat at the desk if that was said.
  var writer: String {
    write.note.isEmpty ? write.author.description : "\(write.note) (\(write.author))"
  }

  var time: String { Timestamp(write.time).description }
}
