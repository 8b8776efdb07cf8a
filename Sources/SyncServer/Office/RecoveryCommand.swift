import ArgumentParser
import OfficeSyncCommandSupport
import OfficeSyncRecords
import OfficeSyncStorage

struct RecoveryCommand: ConsoleCommand {
  static let configuration = CommandConfiguration(
    commandName: "recovery",
    abstract: "Show, begin or end the recovery of an office that was put back from a copy.",
    discussion: """
      In recovery the office takes from field devices all that they hold of its collections, not their own writes \
      alone: what it lost may live on there. It begins by itself when the office finds that it was put back. End it \
      when the devices that matter have synced. A running server obeys at once.

      Example: syncserver recovery --close
      """)

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  @Flag(help: "Begin it: somebody says that the office has lost writes.")
  var open = false

  @Flag(help: "End it: from now on devices are believed their own writes alone.")
  var close = false

  func validate() throws {
    if open && close { throw ValidationError("Give --open or --close, not both.") }
  }

  func run(console: Console) throws {
    let office = try OfficeStore(opening: store.folder(of: .server))
    if open || close {
      try office.recording("recovery", [JSONMember("open", .boolean(open))]) {
        try office.store.setRecovering(open)
      }
    }
    let isRecovering = try office.store.isRecovering
    try console.document(
      .object([
        JSONMember("ok", .boolean(true)), JSONMember("recovering", .boolean(isRecovering)),
      ]))
    try console.print(
      isRecovering ? OfficeTexts.recovering(office.folder) : OfficeTexts.notRecovering)
  }
}
