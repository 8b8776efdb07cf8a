import Foundation
import OfficeSyncTestSupport

/// The programs of this build, which stand beside the test bundle.
enum BuiltPrograms {
  static let folder: String = {
    let bundle = CommandLine.arguments.first { $0.hasSuffix(".xctest") } ?? CommandLine.arguments[0]
    return URL(filePath: bundle).deletingLastPathComponent().path
  }()

  struct ScriptResult {
    var status: Int32
    var output: String
  }

  /// Runs a script in a folder, with the programs in `PATH`, nobody's settings and no terminal.
  ///
  /// - Returns: what it printed, on both streams. Programs that it left running do not hold this up.
  static func run(_ script: String, in folder: TestFolder) throws -> ScriptResult {
    let file = try folder.write(script, to: "script.sh")
    let log = "\(folder.path)/script.log"
    try Data().write(to: URL(filePath: log))
    let output = FileHandle(forWritingAtPath: log)
    let bash = Process()
    bash.executableURL = URL(filePath: "/usr/bin/env")
    // A script that hangs is stopped, with what it started.
    bash.arguments = ["timeout", "--kill-after=10", "180", "bash", file]
    bash.currentDirectoryURL = URL(filePath: folder.path)
    var environment = ProcessInfo.processInfo.environment.filter {
      !$0.key.hasPrefix("OFFICESYNC_")
    }
    environment["PATH"] = "\(Self.folder):\(environment["PATH"] ?? "/usr/bin:/bin")"
    environment["HOME"] = folder.path
    environment["LC_ALL"] = "C.UTF-8"
    bash.environment = environment
    bash.standardInput = FileHandle.nullDevice
    bash.standardOutput = output
    bash.standardError = output
    try bash.run()
    bash.waitUntilExit()
    return ScriptResult(
      status: bash.terminationStatus, output: try String(contentsOfFile: log, encoding: .utf8))
  }
}
