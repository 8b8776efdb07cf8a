import ArgumentParser
import OfficeSyncCommandSupport
struct ImportCommand: ConsoleCommand {
  static let configuration = CommandConfiguration(commandName: "import")
  @OptionGroup var output: OutputOptions
  func run(console: Console) throws {}
}
