import ArgumentParser
import Foundation
import OfficeSyncCommandErrors
import OfficeSyncCommandSupport
import OfficeSyncRecords

struct PutCommand: ConsoleCommand {
  static let configuration = CommandConfiguration(
    commandName: "put",
    abstract: "Write fields of a record; what is not named stays.",
    usage: """
      syncclient put COLLECTION ID PATH=VALUE ...
      syncclient put COLLECTION ID --from FILE|-
      """,
    discussion: """
      VALUE is JSON if it parses as JSON, else text; where the schema says text it is taken as typed. PATH+=VALUE adds \
      to a set or a journal, PATH-=VALUE takes from a set. With --from the fields come from a JSON object.

      Example: syncclient put projects future-hub title=Future\\ Hub jobsTarget=500 partners+=Onepoint
      """)

  @OptionGroup var record: RecordArguments

  @Argument(help: ArgumentHelp("What to write.", valueName: "path=value"))
  var assignments: [String] = []

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("A JSON object with the fields; - is standard input.", valueName: "file"),
    completion: .file(extensions: ["json"]))
  var from: String?

  @OptionGroup var author: AuthorOptions
  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if assignments.isEmpty == (from == nil) {
      throw ValidationError("Give either PATH=VALUE or --from FILE.")
    }
  }

  func run(console: Console) throws {
    let (collection, id) = try record.toWrite()
    let edits = try edits()
    let note = try author.note()
    let open = try OpenStore(store)
    let dot = try open.write(to: id, in: collection, note: note) { record, desk in
      try desk.changes(edits, to: record)
    }
    try console.report(
      dot, Texts.stored(id, collection), orElse: Texts.unchanged(id, collection))
    console.next([open.next(after: dot, orElse: { $0.get(id, in: collection) })])
  }

  private func edits() throws -> [Edit] {
    if let from { return try Edit.merging(InputFile(from).json()) }
    return try assignments.map { text in
      do throws(NameError) {
        return try Edit(assignment: text)
      } catch {
        throw CommandError.badAssignment(text, error)
      }
    }
  }
}
