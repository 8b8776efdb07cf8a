import Dispatch
import Foundation
import OfficeSyncTestSupport
import Testing

/// The `openssl` program: a peer that is not ours, and that can be made to misbehave.
struct OpenSSLTool {
  /// Runs `openssl s_client` against a port until it ends by itself.
  ///
  /// - Returns: what it printed.
  static func client(port: Int, _ arguments: [String]) async throws -> String {
    let output = Pipe()
    let process = try start(
      ["openssl", "s_client", "-connect", "127.0.0.1:\(port)"] + arguments, output: output)
    let text = await offThePool { try? output.fileHandleForReading.readToEnd() }
    process.waitUntilExit()
    return String(decoding: text ?? Data(), as: UTF8.self)
  }

  /// Runs `openssl s_server` with an organisation's office certificate while the body runs.
  static func withServer<Result>(
    of organisation: Organisation, _ arguments: [String],
    _ body: (_ port: Int) async throws -> Result
  ) async throws -> Result {
    let folder = try TestFolder()
    try folder.write(organisation.office, named: "office", authority: organisation.authority)
    let output = Pipe()
    // Without stdbuf the port that it found would stay in its buffer.
    let process = try start(
      [
        "stdbuf", "-oL", "openssl", "s_server", "-accept", "127.0.0.1:0",
        "-cert", "\(folder.path)/office.pem", "-key", "\(folder.path)/office.key",
        "-CAfile", "\(folder.path)/ca.pem",
      ] + arguments, output: output)
    defer {
      // s_server does not heed the polite signal while it waits.
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
    }
    let port = await offThePool { announcedPort(in: output.fileHandleForReading) }
    return try await body(try #require(port))
  }

  private static func start(_ command: [String], output: Pipe) throws -> Process {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = command
    process.standardInput = Pipe()
    process.standardOutput = output
    process.standardError = output
    try process.run()
    return process
  }

  /// Waits on a thread of its own: the few that run all tests must not block.
  private static func offThePool<Result: Sendable>(
    _ work: @escaping @Sendable () -> Result
  ) async -> Result {
    await withCheckedContinuation { continuation in
      DispatchQueue.global().async { continuation.resume(returning: work()) }
    }
  }

  /// It prints `ACCEPT 127.0.0.1:PORT` once it listens.
  private static func announcedPort(in output: FileHandle) -> Int? {
    var text = ""
    while true {
      let more = output.availableData
      if more.isEmpty { return nil }
      text += String(decoding: more, as: UTF8.self)
      // The last line may not have come whole.
      let lines = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
      if let line = lines.first(where: { $0.hasPrefix("ACCEPT") }) {
        return line.split(separator: ":").last.flatMap { Int($0) }
      }
    }
  }
}
