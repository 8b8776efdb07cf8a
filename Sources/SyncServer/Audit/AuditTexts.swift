import OfficeSyncCommandSupport
import OfficeSyncRecords

/// The words of the audit log that people read.
enum AuditTexts {
  static let columnTime = "Time"
  static let columnEvent = "Event"
  static let columnWho = "Who"
  static let columnWhat = "What"

  /// One row of the table.
  static func row(_ line: AuditReader.Line) -> [String] {
    guard case .object(let members) = line.value else { return [] }
    let act = line.text("act")
    // Of an act the identity is whom it was about.
    let names = act == nil ? ["identity", "who", "address"] : ["user"]
    let who = names.first { line.text($0) != nil }
    let rest = members.filter {
      !["at", "event", "act", who].contains($0.name) && !details.contains($0.name)
    }
    let what = (act.map { [$0] } ?? []) + rest.map { "\($0.name)=\(shown($0.value))" }
    return [
      line.text("at") ?? "", line.text("event") ?? "", who.flatMap(line.text) ?? "",
      what.joined(separator: " "),
    ]
  }

  /// What is for following one session or certificate through the log, and too long for a table.
  private static let details: Set = ["serial", "session", "replica"]

  private static func shown(_ value: JSONValue) -> String {
    switch value {
    case .string(let text): text.contains(" ") ? "\"\(text)\"" : text
    case .array(let items): items.map(shown).joined(separator: ",")
    case .null, .boolean, .number, .object: value.encoded()
    }
  }

  static func damaged(_ count: Int) -> Prose {
    count == 1
      ? "One line is no entry: a full disk or a crash cut it off, or something else wrote there."
      : "\(count) lines are no entries: a full disk or a crash cut them off, or something else wrote there."
  }

  /// Of a session's records.
  static func turnedDown(_ count: UInt64) -> String {
    count == 1 ? "a record was not taken" : "\(count) records were not taken"
  }

  // MARK: In the server's log

  static let notWritten =
    "the audit log cannot be written: sessions go on, and what is not written is counted"
  static let writtenAgain = "the audit log is written again; so many entries were lost"
  static let tooMany = "more happened at once than the disk could take"
}
