import ArgumentParser
import OfficeSyncCommandErrors
import OfficeSyncCommandSupport
import OfficeSyncRecords
import OfficeSyncStorage

struct SchemaCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "schema",
    abstract: "Say what the fields of a collection are, or show what was said.",
    discussion: "Example: syncclient schema show projects",
    subcommands: [SchemaSetCommand.self, SchemaShowCommand.self])
}

struct SchemaSetCommand: ConsoleCommand {
  static let configuration = CommandConfiguration(
    commandName: "set",
    abstract: "Make a file the schema of a collection.",
    discussion: """
      Only offices may: work on an office's store with --data. The file replaces the schema as a whole; it goes to \
      others with the next sync.

      Example: syncclient schema set projects schema.json --data /var/lib/officesync
      """)

  @Argument(help: "The collection's name.")
  var collection: String

  @Argument(
    help: "The schema, a JSON object; - is standard input.",
    completion: .file(extensions: ["json"]))
  var file: String

  @OptionGroup var author: AuthorOptions
  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  func run(console: Console) throws {
    let collection = try CollectionName(toWrite: collection)
    let note = try author.note()
    let open = try OpenStore(store)
    if open.replica.identity.role != .office { throw CommandError(StorageError.officesOnly) }
    let input = InputFile(file)
    let json = try input.json()
    let schema: Schema
    do { schema = try Schema(json: json) } catch {
      throw CommandError.badSchema(error, in: input.name)
    }
    let what = [
      JSONMember("collection", .string(collection.text)), JSONMember("file", .string(input.name)),
    ]
    let dot = try open.recording("schema set", by: note, what) {
      try open.write(to: .schema, in: collection, note: note) { record, _ in
        try schema.changes(replacing: record)
      }
    }
    try console.report(
      dot, Texts.schemaSet(collection, schema.rules.count), orElse: Texts.sameSchema(collection))
    console.next([open.next().importFile(into: collection)])
  }
}

struct SchemaShowCommand: ConsoleCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Show the schema of a collection.",
    discussion: """
      With --json it is a file that `schema set` takes.

      Example: syncclient schema show projects
      """)

  @Argument(help: "The collection's name.")
  var collection: String

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  func run(console: Console) throws {
    let collection = try CollectionName(argument: collection)
    let schema = try OpenStore(store).store.snapshot(of: collection).schema()
    try console.document(schema.json)
    for problem in schema.problems { console.note(Texts.schemaProblem(problem)) }
    if schema.rules.isEmpty { return try console.print(Texts.noSchema(collection)) }
    let labels = Labels(of: schema)
    var table = console.table([
      Table.Column(Texts.field, isKept: true), Table.Column(Texts.type),
      Table.Column(Texts.policy), Table.Column(Texts.label), Table.Column(Texts.allowed),
    ])
    for (pattern, rule) in schema.rules.sorted(by: { $0.key.path < $1.key.path }) {
      let allowed = rule.allowed?.map(\.json.shown).joined(separator: ", ") ?? ""
      try table.add([
        pattern.description, rule.type.rawValue, rule.policy.rawValue,
        labels[pattern.path] ?? "", allowed,
      ])
    }
    try table.finish()
  }
}
