import ArgumentParser
import OfficeSyncCommandErrors
import OfficeSyncCommandSupport
import OfficeSyncRecords
import OfficeSyncStorage

struct ResolveCommand: ConsoleCommand {
  static let configuration = CommandConfiguration(
    commandName: "resolve",
    abstract: "Settle a conflict: take one of the values, or write another.",
    usage: """
      syncclient resolve COLLECTION ID PATH
      syncclient resolve COLLECTION ID PATH --take DOT|NUMBER|AUTHOR
      syncclient resolve COLLECTION ID PATH --value VALUE
      syncclient resolve COLLECTION ID PATH --absent
      """,
    discussion: """
      The result replaces all values that are there now, and goes out with the next sync like any other write. Without a \
      choice it asks, on a terminal. The path of a conflict between a deletion and an edit is $deleted.

      Example: syncclient resolve projects future-hub status --take office/rabat
      """)

  @OptionGroup var record: RecordArguments

  @Argument(help: "The field's path.")
  var path: String

  @Option(
    help: ArgumentHelp(
      "Take the value with this dot, with this number (as conflicts lists them), or of this author.",
      valueName: "dot|number|author"))
  var take: String?

  @Option(parsing: .unconditional, help: "Write this value.")
  var value: String?

  @Flag(help: "Leave the field empty; of $deleted: keep the record.")
  var absent = false

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Only if the record's clock is still this one, as get --json shows it.", valueName: "json"))
  var ifClock: String?

  @OptionGroup var author: AuthorOptions
  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    let choices = [take != nil, value != nil, absent].count { $0 }
    if choices > 1 { throw ValidationError("Give one of --take, --value and --absent.") }
  }

  func run(console: Console) throws {
    let (collection, id) = try record.parsed()
    let path = try FieldPath(argument: path)
    let note = try author.note()
    let open = try OpenStore(store)
    let snapshot = try open.store.snapshot(of: collection)
    guard let seen = try snapshot.record(id) else { throw CommandError.noRecord(id, collection) }
    try ifClock.map { try checkClock($0, of: seen, id) }
    let view = RecordView(seen, schema: try snapshot.schema())
    let resolution = try chosen() ?? asked(path, of: view, id, in: collection, console)
    guard let resolution else { throw ExitStatus.no }
    // What came in since it was looked at was not decided on, and stays.
    let write = {
      try open.write(to: id, in: collection, note: note, context: seen.clock) { record, desk in
        try ifClock.map { try checkClock($0, of: record, id) }
        return try desk.editor.changes(resolving: path, by: resolution, in: seen)
      }
    }
    // What offices agree on is no record like others.
    let dot =
      collection != .office
      ? try write()
      : try open.recording(
        "resolve", by: note,
        [
          JSONMember("collection", .string(collection.text)), JSONMember("id", .string("\(id)")),
          JSONMember("path", .string("\(path)")),
          JSONMember("to", .string(take ?? value ?? "")),
        ], write)
    try console.report(
      dot, Texts.settled(path, id), orElse: Texts.nothingToSettle(path, id))
    try console.next([nextStep(after: dot, id, in: collection, open)])
  }

  private func nextStep(
    after dot: Dot?, _ id: RecordID, in collection: CollectionName, _ open: OpenStore
  ) throws -> NextStep {
    if try open.store.snapshot(of: collection).openConflictCount > 0 {
      return open.next().conflicts(in: collection)
    }
    return open.next(after: dot, orElse: { $0.get(id, in: collection) })
  }

  /// What the options say; nil if they leave it open.
  private func chosen() throws -> Resolution? {
    if let take {
      guard let choice = Resolution.Choice(taking: take) else { throw CommandError.badChoice(take) }
      return .take(choice)
    }
    if let value { return .value(.typed(value)) }
    return absent ? .absent : nil
  }

  private func checkClock(_ text: String, of record: Record, _ id: RecordID) throws {
    guard let clock = VersionVector(clockJSON: text) else { throw CommandError.badClock(text) }
    if record.clock != clock { throw CommandError.recordChanged(id, record.clock) }
  }

  /// - Returns: nil if the user leaves it as it is.
  private func asked(
    _ path: FieldPath, of view: RecordView, _ id: RecordID, in collection: CollectionName,
    _ console: Console
  ) throws -> Resolution? {
    guard let conflict = view.conflicts.first(where: { $0.path == path }) else {
      throw CommandError.noConflict(path, id)
    }
    var table = ConflictTable(console, names: [.path])
    try table.add(conflict, of: id, in: collection)
    try table.finish()
    while true {
      guard let answer = try console.ask(Texts.askWhich(conflict.siblings.count)) else {
        throw CommandError.choiceNeeded(path, id)
      }
      if answer.isEmpty { return nil }
      if let number = Int(answer), conflict.siblings.indices.contains(number - 1) {
        return .take(.number(number))
      }
      console.note(Texts.notANumber(answer, conflict.siblings.count))
    }
  }
}

extension VersionVector {
  /// Reads `{"REPLICA-HEX": COUNTER}`; nil for anything else.
  init?(clockJSON text: String) {
    guard let json = try? JSONValue(parsing: text) else { return nil }
    self.init(json: json)
  }
}
