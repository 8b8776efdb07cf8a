import Foundation
import OfficeSyncRecords
import OfficeSyncTestSupport

/// Offices and devices with real certificates, in one temporary folder: `ca/`, and a store's folder a name.
final class Mesh {
  let folder: TestFolder
  private var servers: [String: RunningProgram] = [:]
  private var addresses: [String: String] = [:]
  private var starts = 0
  /// They run until the mesh is gone.
  var peers: [RunningProgram] = []

  init() throws {
    folder = try TestFolder()
    try must("syncserver", "pki", "init", "--dir", "ca", "--organisation", "Test")
  }

  var path: String { folder.path }

  deinit {
    for server in servers.values { server.end(with: SIGKILL) }
  }

  // MARK: Making stores

  func office(_ name: String) throws {
    try must("syncserver", "init", "--data", name, "--name", name)
    try must(
      "syncserver", "pki", "issue", "--dir", "ca", "office/\(name)", "--host", "127.0.0.1",
      "--host", "localhost", "--out", "\(name)/identity")
    try copyAuthority(to: name)
  }

  func device(_ name: String) throws {
    try must("syncclient", "init", "--data", name, "--name", name)
    try must(
      "syncserver", "pki", "issue", "--dir", "ca", "field/\(name)", "--request",
      "\(name)/request.csr", "--out", "\(name)/identity")
    try copyAuthority(to: name)
  }

  /// Adds a line to a store's settings; of two for one key the later one stands.
  func set(_ line: String, in store: String) throws {
    let path = "\(path)/\(store)/config.toml"
    let key = line.prefix { $0 != " " }
    let kept = ((try? String(contentsOfFile: path, encoding: .utf8)) ?? "")
      .split(separator: "\n").filter { !$0.hasPrefix(key) }
    let text = (kept + [line[...], ""]).joined(separator: "\n")
    try text.write(toFile: path, atomically: false, encoding: .utf8)
  }

  func copyAuthority(to name: String) throws {
    for file in ["ca.pem", "crl.pem"] {
      let target = "\(path)/\(name)/\(file)"
      try? FileManager.default.removeItem(atPath: target)
      try FileManager.default.copyItem(atPath: "\(path)/ca/\(file)", toPath: target)
    }
  }

  func grant(_ identity: String, _ collection: String, at office: String) throws {
    try must("syncserver", "access", "grant", "--data", office, identity, collection)
  }

  // MARK: Servers

  /// Starts an office's server on a free port of its own.
  @discardableResult
  func start(
    _ office: String, _ options: String..., at address: String = "127.0.0.1:0",
    environment: [String: String] = [:]
  ) throws -> RunningProgram {
    starts += 1
    let server = try RunningProgram(
      "syncserver", ["run", "--data", office, "--listen", address] + options, in: path,
      label: "\(office)-\(starts)", environment: environment)
    try server.wait { $0.output.contains("listening on ") }
    servers[office] = server
    let line = server.output.split(separator: "\n").first ?? ""
    addresses[office] = String(line.dropFirst("listening on ".count))
    return server
  }

  /// Stops an office's server in good order.
  func stop(_ office: String) throws {
    guard let server = servers.removeValue(forKey: office) else { return }
    let status = server.end(with: SIGTERM)
    if status != 0 {
      throw Failed(
        command: "syncserver run --data \(office)",
        run: ProgramRun(status: status, output: server.output, errors: server.errors))
    }
  }

  func server(_ office: String) -> RunningProgram? { servers[office] }

  /// HOST:PORT of a started server.
  func address(_ office: String) -> String { addresses[office] ?? "127.0.0.1:1" }

  func port(_ office: String) -> Int { Int(address(office).split(separator: ":").last ?? "") ?? 1 }

  // MARK: Running programs

  func run(_ program: String, _ arguments: String..., input: String? = nil) throws -> ProgramRun {
    try BuiltPrograms.run(program, arguments, in: path, input: input)
  }

  func client(_ arguments: String..., input: String? = nil) throws -> ProgramRun {
    try BuiltPrograms.run("syncclient", arguments, in: path, input: input)
  }

  /// Runs what has to succeed for the test to make sense.
  @discardableResult
  func must(_ program: String, _ arguments: String..., input: String? = nil) throws -> ProgramRun {
    let run = try BuiltPrograms.run(program, arguments, in: path, input: input)
    if run.status != 0 {
      throw Failed(command: ([program] + arguments).joined(separator: " "), run: run)
    }
    return run
  }

  @discardableResult
  func sync(_ store: String, with office: String, _ verb: String = "sync") throws -> ProgramRun {
    try client(verb, "--data", store, "--server", address(office), "--json")
  }

  /// Carries between two servers.
  func replicate(_ from: String, _ to: String, _ options: [String]) throws -> ProgramRun {
    try BuiltPrograms.run(
      "syncclient", ["replicate", "--from", from, "--to", to] + options, in: path)
  }

  /// An exchange that has to succeed.
  /// - Returns: what it says of one collection.
  @discardableResult
  func exchange(
    _ store: String, with office: String, _ verb: String = "sync", collection: String = "projects"
  ) throws -> JSONValue {
    let run = try sync(store, with: office, verb)
    guard run.status == 0, let found = try run.json.collection(collection) else {
      throw Failed(command: "\(verb) \(store) with \(office)", run: run)
    }
    return found
  }

  /// Waits for something: nothing is said of how soon it comes.
  func wait(until isSo: () throws -> Bool) throws {
    for _ in 0..<3_000 {
      if try isSo() { return }
      usleep(50_000)
    }
    throw NeverCame(output: "", errors: "")
  }

  /// A record as `get --json` shows it.
  func record(_ id: String, in store: String, _ collection: String = "projects") throws -> JSONValue
  {
    try must("syncclient", "get", "--data", store, collection, id, "--json").json
  }

  /// The World Bank's real projects of Examples/, with their schema.
  func importExamples(at office: String) throws {
    let examples = RepositoryFiles.path("Examples/investments")
    try must(
      "syncclient", "schema", "set", "--data", office, "projects", "\(examples)/schema.json")
    try must(
      "syncclient", "import", "--data", office, "projects", "\(examples)/sample.csv", "--map",
      "\(examples)/map-world-bank.json")
  }

  struct Failed: Error {
    var command: String
    var run: ProgramRun
  }

  /// A collection's fingerprint in a store.
  func fingerprint(_ collection: String, in store: String) throws -> String? {
    let status = try must("syncclient", "status", "--data", store, "--json").json
    return status.collection(collection)?["fingerprint"]?.text
  }
}
