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

  static func unknownReplica(_ text: String) -> CommandError {
    CommandError(
      .badData, "unknown-replica", "No replica known here is called '\(text)'.",
      remedy: "`syncserver replicas` lists them; give an ID, its first digits, or an identity.")
  }

  static func ambiguousReplica(_ text: String, _ replicas: [ReplicaID]) -> CommandError {
    CommandError(
      .badData, "ambiguous-replica",
      "'\(text)' may be \(replicas.map(\.description).joined(separator: ", ")).",
      remedy: "Give the ID of the one that is meant.")
  }

  static func ownReplica(_ replica: ReplicaID) -> CommandError {
    CommandError(
      .badData, "own-replica", "\(replica) is what this office writes under itself.",
      remedy: "Retire it at another office, if this one is to be given up.")
  }
}
