import ArgumentParser
import Foundation
import OfficeSyncCommandErrors
import OfficeSyncCommandSupport
import OfficeSyncRecords
import OfficeSyncStorage
import OfficeSyncTestSupport
import Testing

@testable import syncclient

/// Runs `syncclient` as it is typed, in this process, on one store.
struct CommandLine {
  struct Answer {
    var output = ""
    var errors = ""
    /// What it threw, as a person is told; nil if it went well.
    var failure: CommandError?
    var status: OfficeSyncCommandSupport.ExitStatus = .done

    /// The one JSON document on standard output.
    func json() throws -> JSONValue { try JSONValue(parsing: output) }

    /// The JSON lines on standard output.
    func lines() throws -> [JSONValue] {
      try output.split(separator: "\n").map { try JSONValue(parsing: String($0)) }
    }
  }

  let folder: TestFolder
  var data: String { "\(folder.path)/store" }

  /// With a store of this identity.
  init(_ identity: String = "field/amina") throws {
    folder = try TestFolder()
    let identity = try Identity(identity)
    _ = try SQLiteStore.create(
      folder: data,
      replica: ReplicaInfo(
        id: ReplicaID(high: 1, low: 2), name: identity.name, identity: identity))
  }

  /// Runs the command on this store.
  @discardableResult
  func callAsFunction(_ arguments: String...) async throws -> Answer {
    try await Self.run(arguments + ["--data", data], in: folder)
  }

  /// Runs any command line.
  static func run(_ arguments: [String], in folder: TestFolder) async throws -> Answer {
    var answer = Answer()
    var mode = (json: false, quiet: false)
    let files = ["out", "err"].map { "\(folder.path)/\($0)-\(UUID().uuidString)" }
    let descriptors = files.map { open($0, O_CREAT | O_RDWR | O_CLOEXEC, 0o600) }
    defer { for descriptor in descriptors { close(descriptor) } }
    do {
      guard var command = try SyncClient.parseAsRoot(arguments) as? any ConsoleCommand else {
        Issue.record("\(arguments) is no console command")
        return answer
      }
      mode = (command.output.json, command.output.quiet)
      let plain = Terminal(
        isTerminal: false, reportedColumns: nil, environment: ["LANG": "C.UTF-8"])
      let console = Console(
        isJSON: mode.json, isQuiet: mode.quiet, output: OutputFile(descriptor: descriptors[0]),
        errors: OutputFile(descriptor: descriptors[1]), terminal: plain, errorTerminal: plain)
      defer { try? console.flush() }
      try await command.run(console: console)
    } catch let status as OfficeSyncCommandSupport.ExitStatus {
      answer.status = status
    } catch let failure as CommandError {
      answer.failure = failure
    } catch {
      answer.failure = CommandError.translating(error)
      if answer.failure == nil {
        #expect(SyncClient.exitCode(for: error) == .validationFailure, "\(error)")
        answer.status = .usage
      }
    }
    if let failure = answer.failure { answer.status = failure.status }
    answer.output = try String(contentsOfFile: files[0], encoding: .utf8)
    answer.errors = try String(contentsOfFile: files[1], encoding: .utf8)
    return answer
  }

  func store() throws -> SQLiteStore { try SQLiteStore.open(folder: data) }
}

extension JSONValue {
  subscript(name: String) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.name == name }?.value
  }

  var items: [JSONValue] { if case .array(let items) = self { items } else { [] } }

  var names: [String] {
    if case .object(let members) = self { members.map(\.name) } else { [] }
  }
}
