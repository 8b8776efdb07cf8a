import ArgumentParser
import Foundation
import OfficeSyncCommandSupport
import Testing

@testable import syncserver

/// Runs a command as it is typed, up to what it prints.
///
/// - Returns: what it wrote to standard output and to standard error.
func typed(_ arguments: String...) async throws -> (output: String, errors: String) {
  try await typed(arguments)
}

func typed(_ arguments: [String]) async throws -> (output: String, errors: String) {
  let (output, errors) = (Pipe(), Pipe())
  var command = try #require(SyncServer.parseAsRoot(arguments) as? any ConsoleCommand)
  let terminal = Terminal(
    descriptor: output.fileHandleForWriting.fileDescriptor, environment: ["LC_ALL": "C.UTF-8"])
  let console = Console(
    isJSON: command.output.json, isQuiet: command.output.quiet,
    output: OutputFile(descriptor: output.fileHandleForWriting.fileDescriptor),
    errors: OutputFile(descriptor: errors.fileHandleForWriting.fileDescriptor),
    terminal: terminal, errorTerminal: terminal)
  try await command.run(console: console)
  try console.flush()
  return (try output.readWritten(), try errors.readWritten())
}

extension Pipe {
  fileprivate func readWritten() throws -> String {
    try fileHandleForWriting.close()
    return try String(decoding: fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
  }
}
