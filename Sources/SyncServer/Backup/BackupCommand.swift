import ArgumentParser
import Foundation
import OfficeSyncCommandSupport
import OfficeSyncRecords
import OfficeSyncStorage

struct BackupCommand: ConsoleCommand {
  static let configuration = CommandConfiguration(
    commandName: "backup",
    abstract: "Write the office's store into one file, while the server runs.",
    discussion: """
      The file holds all records, with their history, and who may reach them. Certificates, keys and config.toml are not \
      in it. It appears when it is whole and has been read back. `syncserver restore` puts it back.

      Example: syncserver backup /backup/rabat-2026-11-24.sqlite
      """)

  @Argument(help: ArgumentHelp("The file to write.", valueName: "file"))
  var file: String

  @Flag(help: "Replace the file if it exists.")
  var force = false

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  func run(console: Console) throws {
    let office = try OfficeStore(opening: store.folder(of: .server))
    do {
      try office.recording("backup", [JSONMember("file", .string(file))]) {
        try office.store.backUp(to: file, replacing: force)
      }
    } catch StorageError.exists(let path) {
      throw CommandError.fileExists(path)
    }
    let bytes = try FileManager.default.attributesOfItem(atPath: file)[.size] as? Int ?? 0
    try console.document(
      .object([
        JSONMember("ok", .boolean(true)), JSONMember("file", .string(file)),
        JSONMember("bytes", .number(String(bytes))), JSONMember("replica", office.replica.json),
      ]))
    try console.print(BackupTexts.written(file, bytes: bytes))
    console.next([NextSteps.restore(file)])
  }
}
