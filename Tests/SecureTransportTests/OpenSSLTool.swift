import Foundation
import OfficeSyncTestSupport
import Testing

/// The `openssl` program: a peer that is not ours, and that can be made to misbehave.
struct OpenSSLTool {
  /// Runs `openssl s_client` against a port until it ends by itself.
  ///
  /// - Returns: what it printed.
  static func client(port: Int, _ arguments: [String]) async throws -> String {
    let folder = try TestFolder()
    let process = try start(
      ["openssl", "s_client", "-connect", "127.0.0.1:\(port)"] + arguments, output: folder)
    return try await printed(in: folder) { _ in !process.isRunning }
  }

  /// Runs `openssl s_server` with an organisation's office certificate while the body runs.
  static func withServer<Result>(
    of organisation: Organisation, _ arguments: [String],
    _ body: (_ port: Int) async throws -> Result
  ) async throws -> Result {
    let folder = try TestFolder()
    try folder.write(organisation.office, named: "office", authority: organisation.authority)
    // Without stdbuf the port that it found would stay in its buffer.
    let process = try start(
      [
        "stdbuf", "-oL", "openssl", "s_server", "-accept", "127.0.0.1:0",
        "-cert", "\(folder.path)/office.pem", "-key", "\(folder.path)/office.key",
        "-CAfile", "\(folder.path)/ca.pem",
      ] + arguments, output: folder)
    // s_server does not heed the polite signal while it waits.
    defer { process.end(with: SIGKILL) }
    let text = try await printed(in: folder) { announcedPort(in: $0) != nil || !process.isRunning }
    return try await body(try #require(announcedPort(in: text), "\(text)"))
  }

  /// It ends with its input, and so is given one that lasts.
  private static func start(_ command: [String], output folder: TestFolder) throws -> ChildProcess {
    let output = "\(folder.path)/output"
    return try ChildProcess(command, input: .open, output: output, errors: output)
  }

  /// Waits without blocking one of the few threads that run all tests.
  private static func printed(
    in folder: TestFolder, until isEnough: (String) -> Bool
  ) async throws -> String {
    while true {
      // Whether it has ended before what it printed is read: then that is all.
      let isOver = isEnough("")
      let text = try String(contentsOfFile: "\(folder.path)/output", encoding: .utf8)
      if isOver || isEnough(text) { return text }
      try await Task.sleep(for: .milliseconds(5))
    }
  }

  /// It prints `ACCEPT 127.0.0.1:PORT` once it listens.
  private static func announcedPort(in text: String) -> Int? {
    // The last line may not have come whole.
    text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
      .first { $0.hasPrefix("ACCEPT") }?
      .split(separator: ":").last.flatMap { Int($0) }
  }
}
