import OfficeSyncCommandSupport
import OfficeSyncRecords

/// The failures of this program's own; `docs/ERRORS.md` lists their names.
extension CommandError {
  static let noServer = CommandError(
    .usage, "no-server", "No server is named.",
    remedy: "Give `--server HOST:PORT`, or write `server` into config.toml.")

  static func sameOffice(_ server: NetworkAddress) -> CommandError {
    CommandError(
      .usage, "same-office", "--from and --to are the same office, \(server).",
      remedy: "Name the servers of two offices.")
  }

  /// - Parameter path: of the certificate.
  static func couriersAreOffices(_ path: String) -> CommandError {
    CommandError(
      .notAllowed, "offices-only",
      "Only offices carry between offices, and \(path) is no office's certificate.",
      remedy: "Give an office's with `--cert` and `--key`, or its store with `--data`.")
  }

  static func notADevice(_ identity: Identity) -> CommandError {
    CommandError(
      .badData, "not-a-device", "\(identity) is an office, and this makes a field device's store.",
      remedy: "Use `syncserver init --name \(identity.name)`.")
  }

  static func keyInTheWay(_ path: String) -> CommandError {
    CommandError(
      .badData, "file-exists", "\(path) exists already, and a key is never overwritten.",
      remedy: "Move it away, or use it with `--key`.")
  }

  static func badAssignment(_ text: String, _ reason: NameError) -> CommandError {
    let what = text.contains("=") ? "its path cannot be one: \(reason)" : "it has no ="
    return CommandError(
      .badData, "bad-name", "'\(text)' is not PATH=VALUE: \(what).",
      remedy: "Write for instance title=\"Future Hub\" or milestones/m1/due=2026-03-31.")
  }

  static func badIdentity(_ text: String) -> CommandError {
    CommandError(
      .badData, "bad-identity", "'\(text)' is no identity.",
      remedy: "Write for instance field/amina.")
  }

  static func badCondition(_ text: String, _ reason: String) -> CommandError {
    CommandError(
      .badData, "bad-condition", "'\(text)' in --where selects nothing: \(reason).",
      remedy: "Write for instance status=Active or region=Casablanca-Settat.")
  }

  static func longFile(_ name: String, bytesMax: Int) -> CommandError {
    CommandError(
      .badData, "over-limit", "\(name) holds over \(bytesMax) bytes.",
      remedy: "Use `syncclient import` for many records.")
  }

  static func recordsUnreadable(
    _ count: Int, _ first: RecordID, in collection: CollectionName
  ) -> CommandError {
    CommandError(
      .storage, "records-unreadable",
      "The store is damaged: \(Amounts.count(count)) of the records in \(collection) cannot be read, \(first) among them; the others were written.",
      remedy: "`syncclient verify --repair` fetches them from an office that has them.")
  }

  // MARK: Conflicts

  static func noRecord(_ id: RecordID, _ collection: CollectionName) -> CommandError {
    CommandError(
      .badData, "unknown-choice", "There is no record \(id) in \(collection).",
      remedy: "`syncclient ls \(collection)` lists those there are.")
  }

  static func noConflict(_ path: FieldPath, _ id: RecordID) -> CommandError {
    CommandError(
      .badData, "unknown-choice", "\(path) of \(id) is not in conflict.",
      remedy: "`syncclient conflicts --all` lists paths and values.")
  }

  static func badChoice(_ text: String) -> CommandError {
    CommandError(
      .badData, "unknown-choice", "'\(text)' is no dot, no number and no author.",
      remedy: "Take a number or an author as `syncclient conflicts` lists them.")
  }

  static func badDot(_ text: String) -> CommandError {
    CommandError(
      .badData, "unknown-choice", "'\(text)' in --to is no dot.",
      remedy: "Take one as `syncclient log COLLECTION ID` lists them.")
  }

  static func badClock(_ text: String) -> CommandError {
    CommandError(
      .badData, "bad-value", "'\(text)' in --if-clock is not a record's clock.",
      remedy: "Give the member `clock` of `syncclient get --json`.")
  }

  static func recordChanged(_ id: RecordID, _ clock: VersionVector) -> CommandError {
    CommandError(
      .badData, "record-changed", "\(id) has changed: its clock is \(clock.json.encoded()) now.",
      remedy: "Look at it again, then decide.")
  }

  static func choiceNeeded(_ path: FieldPath, _ id: RecordID) -> CommandError {
    CommandError(
      .usage, "choice-needed", "Nobody can be asked here what \(path) of \(id) is to be.",
      remedy: "Give `--take`, `--value` or `--absent`.")
  }

  // MARK: Import

  static func badMap(_ error: ImportMapError, in file: String) -> CommandError {
    CommandError(
      .badData, "bad-map", "\(file), \(error).", remedy: "Correct it; nothing was stored.")
  }

  /// - Parameter problems: at least one.
  static func badRows(_ file: String, _ problems: [ImportProblem]) -> CommandError {
    let first = problems.first.map { "\(file), \($0)" } ?? file
    let others = problems.count - 1
    let more =
      switch others {
      case ..<1: "."
      case ImportRun.problemsMax - 1: "; it was read up to problem \(problems.count)."
      default: "; other problems: \(others)."
      }
    return CommandError(
      .badData, "bad-rows", first + more,
      remedy: "Nothing of the file was stored; correct it and import it again.")
  }
}
