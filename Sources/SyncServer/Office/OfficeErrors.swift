import OfficeSyncCommandSupport
import OfficeSyncRecords

/// The failures of an office's commands; `docs/ERRORS.md` lists their names.
extension CommandError {
  static func notAnOffice(_ identity: Identity, at path: String) -> CommandError {
    CommandError(
      .usage, "not-an-office", "The store at \(path) belongs to \(identity), a field device.",
      remedy: "Give an office's store with `--data`, or use `syncclient`.")
  }

  static func badOfficeName(_ name: String, _ reason: NameError) -> CommandError {
    CommandError(
      .badData, "bad-name", "'\(name)' cannot be the name of an office: \(reason).",
      remedy: "Use up to 63 of a-z, 0-9 and '-', beginning with a letter or digit.")
  }
}
