import OfficeSyncCommandSupport
import OfficeSyncRecords

/// What is wrong with data that a user or a file gave (65). Each says so in its own name, for scripts.
extension CommandError {
  public init(_ error: EditError) {
    let text = "\(error)"
    switch error.reason {
    case .deleted: self = .recordDeleted(text)
    case .reserved, .name: self = .badName(error.path?.description, "\(error.reason)")
    case .textTooLong, .tooManyPaths, .tooLarge, .recordFull: self = .overLimit(text)
    case .unknownPath, .unknownDot, .noSuchNumber, .unknownAuthor, .ambiguousAuthor:
      self = CommandError(
        .badData, "unknown-choice", "Nothing was settled: \(text).",
        remedy: "`syncclient conflicts --all` lists paths and values.")
    case .unknownEarlier, .ambiguousEarlier: self = .notUndone("unknown-choice", text)
    case .contested, .noEarlierValue: self = .notUndone("nothing-to-undo", text)
    case .writtenTwice, .flatten: self = .badValue(text)
    case .value, .notAllowed, .notAList, .notASetOrJournal, .notASet, .appendOnly, .below,
      .badEntry:
      self = CommandError(
        .badData, "schema-violation", "Nothing was written: \(text).",
        remedy: "`syncclient schema show COLLECTION` shows what fields may hold.")
    }
  }

  private static func notUndone(_ name: String, _ text: String) -> CommandError {
    CommandError(
      .badData, name, "Nothing was written: \(text).",
      remedy: "`syncclient log COLLECTION ID` lists what is known here; take one with `--to`.")
  }

  private static func recordDeleted(_ text: String) -> CommandError {
    CommandError(
      .badData, "record-deleted", "Nothing was written: \(text).",
      remedy: "`syncclient resolve COLLECTION ID '$deleted' --absent` brings it back.")
  }

  /// - Parameter what: the name as it was given, or what it names.
  public static func badName(_ what: String?, _ reason: NameError) -> CommandError {
    badName(what, "\(reason)")
  }

  private static func badName(_ what: String?, _ reason: String) -> CommandError {
    CommandError(
      .badData, "bad-name",
      what.map { "'\($0)' is no name: \(reason)." } ?? "A name is wrong: \(reason).",
      remedy:
        "Collections and devices take a-z, 0-9 and '-'; IDs and paths take any text without control characters."
    )
  }

  /// A value, or the shape of what is to be written, is wrong.
  public static func badValue(_ reason: String) -> CommandError {
    CommandError(
      .badData, "bad-value", "Nothing was written: \(reason).",
      remedy: "docs/CLI.md says how values are written.")
  }

  /// - Parameter file: where the text stands; nil if that was said.
  public static func badJSON(_ error: JSONError, in file: String?) -> CommandError {
    CommandError(
      .badData, "bad-json", "\(file.map { "\($0), " } ?? "The JSON, ")\(error).",
      remedy: "Correct it and try again; nothing was written.")
  }

  public static func badSchema(_ error: SchemaError, in file: String?) -> CommandError {
    CommandError(
      .badData, "bad-schema", "\(file.map { "\($0), " } ?? "The schema, ")\(error).",
      remedy: "Correct it and try again; nothing was written.")
  }
}
