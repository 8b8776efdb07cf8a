import ArgumentParser
import OfficeSyncCommandSupport
import OfficeSyncRecords

struct AuditCommand: ConsoleCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit",
    abstract: "Show who came, read, wrote, was refused, and what administrators did.",
    discussion: """
      The oldest line first. With --json they are shown as they stand in the log. It is read while the server runs.

      Example: syncserver audit --since 24h --event refused
      Example: syncserver audit --identity field/amina --since 2026-11-01
      """)

  @Option(
    help: .init(
      "Only what happened since: so many minutes, hours or days ago, or a day or moment in UTC.",
      valueName: "30m|24h|7d|time"))
  var since: AuditTime?

  @Option(
    help: .init("Only what this identity did, or what was done about it.", valueName: "identity"))
  var identity: String?

  @Option(
    help: .init(
      "Only events of this kind; may be repeated: \(AuditEntry.Event.allCases.map(\.rawValue).joined(separator: ", ")).",
      valueName: "kind"))
  var event: [AuditEntry.Event] = []

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  func run(console: Console) throws {
    // In grants a whole role may stand.
    let subject = try identity.map { text in
      do { return try Grant.Subject(text) } catch { throw CommandError.badSubject(text) }
    }
    // A log is to be had beside a store that cannot be opened.
    let folder = store.folder(of: .server)
    try folder.requireStore(make: NextSteps.make(folder).description)
    let events = Set(event.map(\.rawValue))
    var table = console.table(
      [
        Table.Column(AuditTexts.columnTime, isKept: true),
        Table.Column(AuditTexts.columnEvent, isKept: true),
        Table.Column(AuditTexts.columnWho, isKept: true), Table.Column(AuditTexts.columnWhat),
      ])
    let damaged = try AuditReader(AuditLog(of: folder)).forEach(
      since: since?.milliseconds(before: wallMilliseconds()) ?? .min
    ) { line in
      if !events.isEmpty, !events.contains(line.text("event") ?? "") { return }
      if let subject, line.text("identity") != subject.description,
        line.text("as") != subject.description
      {
        return
      }
      try console.line(line.value)
      try table.add(AuditTexts.row(line))
    }
    try table.finish()
    if damaged > 0 { console.note(AuditTexts.damaged(damaged)) }
  }
}

/// A moment as people name it: a while ago (`30m`, `24h`, `7d`), a day or a moment in UTC.
enum AuditTime: ExpressibleByArgument, Hashable {
  case ago(milliseconds: Int64)
  /// Milliseconds since 1970 UTC.
  case at(Int64)

  private static let units: [Character: Int64] = ["m": 60_000, "h": 3_600_000, "d": 86_400_000]

  init?(argument text: String) {
    if let date = CivilDate(text) {
      self = .at(date.days * 86_400_000)
    } else if let time = Timestamp(text) {
      self = .at(time.milliseconds)
    } else if let unit = text.last.flatMap({ Self.units[$0] }), let number = Int32(text.dropLast()),
      number > 0
    {
      self = .ago(milliseconds: Int64(number) * unit)
    } else {
      return nil
    }
  }

  func milliseconds(before now: UInt64) -> Int64 {
    switch self {
    case .ago(let milliseconds): Int64(clamping: now) - milliseconds
    case .at(let milliseconds): milliseconds
    }
  }
}
