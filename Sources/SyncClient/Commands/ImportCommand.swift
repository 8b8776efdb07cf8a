import ArgumentParser
import OfficeSyncCommandErrors
import OfficeSyncCommandSupport
import OfficeSyncRecords
import OfficeSyncStorage

struct ImportCommand: ConsoleCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Store the rows of a file as records.",
    discussion: """
      The whole file is checked first; if anything is wrong nothing of it is stored. Importing the same file again \
      writes nothing new.

      What `export --unsent` wrote on a device that may not sync any more is handed in at an office with --as: the history \
      says for whom, and what the office has heard meanwhile stays beside it.

      Example: syncclient import projects list.csv --id project_id --map map.json
      Example: syncclient import projects amina.ndjson --as field/amina --data /var/lib/officesync
      """)

  @Argument(help: "The collection's name.")
  var collection: String

  @Argument(
    help: "A file of CSV, or of JSON lines; - is standard input.",
    completion: .file(extensions: ["csv", "ndjson"]))
  var file: String

  @Option(
    help: ArgumentHelp(
      "The column or member that holds the records' IDs (default: the map's, else id).",
      valueName: "column"))
  var id: String?

  @Option(
    help: ArgumentHelp("Which column goes where, a JSON object; for CSV.", valueName: "file"),
    completion: .file(extensions: ["json"]))
  var map: String?

  enum Empty: String, ExpressibleByArgument, CaseIterable {
    case unset
  }

  @Option(help: "Remove the fields of empty cells, instead of passing them over; for CSV.")
  var empty: Empty?

  @Option(help: "The encoding of CSV: utf-8, windows-1252 or iso-8859-1.")
  var encoding: String?

  @Option(
    name: .customLong("as"),
    help: ArgumentHelp(
      "Whose edits these are: what `export --unsent` wrote on the device. Offices alone.",
      valueName: "identity"))
  var device: String?

  @Flag(help: "Check the file, and store nothing.")
  var dryRun = false

  @OptionGroup var author: AuthorOptions
  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if let encoding, TextEncoding(name: encoding) == nil {
      let known = TextEncoding.allCases.map(\.rawValue).joined(separator: ", ")
      throw ValidationError("'\(encoding)' is no encoding known here; there are \(known).")
    }
  }

  func run(console: Console) throws {
    let collection = try CollectionName(toWrite: collection)
    let by = try author.note()
    let device = try device.map(Identity.init(argument:))
    let open = try OpenStore(store)
    if device != nil, open.replica.identity.role != .office {
      throw CommandError(StorageError.officesOnly)
    }
    let mark = device.map(ImportTexts.mark) ?? ""
    let note = ImportTexts.note(mark, by: by)
    if note.utf8.count > WriteInfo.noteBytesMax { throw CommandError.longNote }
    // Before gigabytes are read.
    if !dryRun { try open.store.requireRoom() }
    let input = InputFile(file)
    let source = try ImportSource(input)
    let run = ImportRun(
      open: open, collection: collection, source: source,
      settings: try settings(for: input, source, in: open.store.snapshot(of: collection)),
      note: note, mark: mark, console: console)
    let check = try run.check(keepsBacklog: !dryRun)
    if !check.problems.isEmpty { throw refusal(check, source, console) }
    var counts = check.counts
    if !dryRun {
      counts = ImportRun.Counts()
      let what =
        [
          JSONMember("collection", .string(collection.text)),
          JSONMember("file", .string(source.name)),
          JSONMember("records", .count(check.counts.written)),
        ] + (device.map { [JSONMember("as", .string("\($0)"))] } ?? [])
      do {
        try open.recording("import", by: by, what) { try run.store(check, counting: &counts) }
      } catch {
        throw stopped(by: error, counts)
      }
    }
    try console.document(.object([JSONMember("ok", .boolean(true))] + members(counts)))
    try console.print(
      dryRun
        ? ImportTexts.wouldDo(source.name, collection, counts)
        : ImportTexts.done(source.name, collection, counts))
    console.next([nextStep(counts, in: collection, open)])
  }

  private func nextStep(
    _ counts: ImportRun.Counts, in collection: CollectionName, _ open: OpenStore
  ) -> NextStep {
    let next = open.next()
    if dryRun {
      let options = [
        ("--id", id), ("--map", map), ("--empty", empty?.rawValue), ("--encoding", encoding),
        ("--as", device), ("--by", author.by),
      ]
      return next.importChecked(
        [self.collection, file] + options.flatMap { name, value in value.map { [name, $0] } ?? [] })
    }
    let look = next.list(collection)
    return counts.written == 0
      ? look : next.afterWrite(by: open.replica.identity.role, orElse: look)
  }

  private func settings(
    for input: InputFile, _ source: ImportSource, in snapshot: any CollectionSnapshot
  ) throws -> ImportSettings {
    let format = ImportFormat(of: input, source)
    if format == .ndjson, map != nil || empty != nil || encoding != nil {
      throw ValidationError("--map, --empty and --encoding are for CSV, and \(input.name) is not.")
    }
    if format == .csv, device != nil {
      throw ValidationError("--as takes what `export --unsent` wrote, and \(input.name) is CSV.")
    }
    return ImportSettings(
      format: format, collection: snapshot.collection, takesUnsentAlone: device != nil,
      idColumn: id, map: try map.map(readMap),
      empty: empty == nil ? .leaveOut : .unset,
      encoding: encoding.flatMap(TextEncoding.init(name:)) ?? .utf8, schema: try snapshot.schema())
  }

  private func readMap(_ path: String) throws -> ImportMap {
    let bytes = try InputFile(path).bytes()
    do { return try ImportMap(json: bytes) } catch { throw CommandError.badMap(error, in: path) }
  }

  private func refusal(
    _ check: ImportRun.Check, _ source: ImportSource, _ console: Console
  ) -> CommandError {
    // One alone stands in the error itself.
    if !console.isJSON, check.problems.count > 1 {
      for problem in check.problems { console.note(ImportTexts.problem(problem, in: source.name)) }
    }
    var error = CommandError.badRows(source.name, check.problems)
    error.done =
      members(ImportRun.Counts()) + [
        JSONMember("problems", .array(check.problems.map(\.json)))
      ]
    return error
  }

  /// The error with what was stored until then.
  private func stopped(by error: any Error, _ counts: ImportRun.Counts) -> any Error {
    let told =
      error is CancellationError
      ? CommandError.interrupted : error as? CommandError ?? CommandError.translating(error)
    guard var told else { return error }
    told.done = members(counts)
    return told
  }

  private func members(_ counts: ImportRun.Counts) -> [JSONMember] {
    [
      JSONMember("rows", .count(counts.rows)), JSONMember("written", .count(counts.written)),
      JSONMember("unchanged", .count(counts.rows - counts.written)),
      JSONMember("dryRun", .boolean(dryRun)),
    ]
  }
}

extension ImportProblem {
  fileprivate var json: JSONValue {
    .object([
      JSONMember("line", .count(line)),
      JSONMember("field", field.map { .string($0) } ?? .null),
      JSONMember("message", .string("\(reason)")),
    ])
  }
}
