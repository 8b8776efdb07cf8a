import Foundation
import OfficeSyncRecords

/// What a run of a program came to.
struct ProgramRun {
  var status: Int32
  var output: String
  var errors: String

  /// The one document that `--json` promises.
  var json: JSONValue {
    get throws { try JSONValue(parsing: output) }
  }

  /// The documents of a command marked "lines".
  var lines: [JSONValue] {
    get throws {
      try output.split(separator: "\n").map { try JSONValue(parsing: String($0)) }
    }
  }
}

/// A program that goes on running.
final class RunningProgram {
  let process: Process
  let folder: String
  private let outputPath: String
  private let errorPath: String

  /// - Parameter environment: beside what every program of a test is given.
  init(
    _ name: String, _ arguments: [String], in folder: String, label: String,
    environment: [String: String] = [:]
  ) throws {
    self.folder = folder
    (outputPath, errorPath) = ("\(folder)/\(label).out", "\(folder)/\(label).err")
    process = try BuiltPrograms.process(name, arguments, in: folder)
    process.environment?.merge(environment) { $1 }
    process.standardOutput = try BuiltPrograms.file(at: outputPath)
    process.standardError = try BuiltPrograms.file(at: errorPath)
    try process.run()
  }

  deinit {
    if process.isRunning { kill(process.processIdentifier, SIGKILL) }
  }

  var output: String { (try? String(contentsOfFile: outputPath, encoding: .utf8)) ?? "" }
  var errors: String { (try? String(contentsOfFile: errorPath, encoding: .utf8)) ?? "" }

  /// Waits until what was printed fits.
  /// - Throws: ``NeverCame`` when the program ends or a generous time is over first.
  func wait(seconds: Int = 60, until fits: (RunningProgram) -> Bool) throws {
    for _ in 0..<(seconds * 50) {
      if fits(self) { return }
      if !process.isRunning { break }
      usleep(20_000)
    }
    if fits(self) { return }
    throw NeverCame(output: output, errors: errors)
  }

  /// - Returns: the exit status; a signal's number plus 128.
  @discardableResult
  func end(with signal: Int32) -> Int32 {
    if process.isRunning { kill(process.processIdentifier, signal) }
    return waited()
  }

  func waited() -> Int32 { process.waited() }
}

extension Process {
  /// A program that hangs is killed: no test waits for ever.
  private static let secondsMax = 180

  /// Waits for the end.
  /// - Returns: the exit status; a signal's number plus 128.
  func waited() -> Int32 {
    for _ in 0..<(Self.secondsMax * 200) where isRunning { usleep(5_000) }
    if isRunning { kill(processIdentifier, SIGKILL) }
    waitUntilExit()
    return terminationReason == .uncaughtSignal ? 128 + terminationStatus : terminationStatus
  }
}

struct NeverCame: Error {
  var output: String
  var errors: String
}

extension BuiltPrograms {
  /// A process with nobody's settings and no terminal.
  static func process(_ name: String, _ arguments: [String], in folder: String) throws -> Process {
    let process = Process()
    let isOurs = name.hasPrefix("sync")
    process.executableURL = URL(filePath: isOurs ? "\(Self.folder)/\(name)" : "/usr/bin/env")
    process.arguments = isOurs ? arguments : [name] + arguments
    process.currentDirectoryURL = URL(filePath: folder)
    var environment = ProcessInfo.processInfo.environment.filter {
      !$0.key.hasPrefix("OFFICESYNC_")
    }
    environment["HOME"] = folder
    environment["LC_ALL"] = "C.UTF-8"
    process.environment = environment
    process.standardInput = FileHandle.nullDevice
    return process
  }

  static func file(at path: String) throws -> FileHandle {
    try Data().write(to: URL(filePath: path))
    return try FileHandle(forWritingTo: URL(filePath: path))
  }

  /// Runs a program to its end.
  static func run(
    _ name: String, _ arguments: [String], in folder: String, input: String? = nil
  ) throws -> ProgramRun {
    let process = try process(name, arguments, in: folder)
    let label = "\(folder)/run-\(UUID().uuidString)"
    process.standardOutput = try file(at: label + ".out")
    process.standardError = try file(at: label + ".err")
    if let input {
      try Data(input.utf8).write(to: URL(filePath: label + ".in"))
      process.standardInput = try FileHandle(forReadingFrom: URL(filePath: label + ".in"))
    }
    try process.run()
    let status = process.waited()
    defer {
      for suffix in [".out", ".err", ".in"] {
        try? FileManager.default.removeItem(atPath: label + suffix)
      }
    }
    return ProgramRun(
      status: status,
      output: try String(contentsOfFile: label + ".out", encoding: .utf8),
      errors: try String(contentsOfFile: label + ".err", encoding: .utf8))
  }
}
