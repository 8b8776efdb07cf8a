import Foundation
import OfficeSyncRecords
import OfficeSyncTestSupport

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
  let process: ChildProcess
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
    process = try ChildProcess(
      BuiltPrograms.command(name, arguments), in: folder,
      environment: BuiltPrograms.environment(in: folder).merging(environment) { $1 },
      output: outputPath, errors: errorPath)
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
  func end(with signal: Int32) -> Int32 { process.end(with: signal) }

  func waited() -> Int32 { process.waited() }
}

struct NeverCame: Error {
  var output: String
  var errors: String
}

extension BuiltPrograms {
  /// One of ours beside the tests, or another of this machine.
  static func command(_ name: String, _ arguments: [String]) -> [String] {
    [name.hasPrefix("sync") ? "\(Self.folder)/\(name)" : name] + arguments
  }

  /// Nobody's settings, and no terminal's.
  static func environment(in folder: String) -> [String: String] {
    var environment = ProcessInfo.processInfo.environment.filter {
      !$0.key.hasPrefix("OFFICESYNC_")
    }
    environment["HOME"] = folder
    environment["LC_ALL"] = "C.UTF-8"
    return environment
  }

  /// Runs a program to its end.
  static func run(
    _ name: String, _ arguments: [String], in folder: String, input: String? = nil
  ) throws -> ProgramRun {
    let run = try ChildProcess.run(
      command(name, arguments), in: folder, environment: environment(in: folder), input: input)
    return ProgramRun(status: run.status, output: run.text, errors: run.errorText)
  }
}
