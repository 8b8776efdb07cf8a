import CSpawn
import Foundation
import Synchronization

/// A program that a test starts. It is waited for by its number, so that its end cannot be missed: Foundation's `Process`
/// learns of it through a descriptor that another program, started in the same moment, can inherit and hold open.
///
/// It inherits no descriptor of the tests but its three, no blocked and no ignored signal, and is killed when the test lets
/// go of it.
public final class ChildProcess: Sendable {
  public enum Input: Sendable {
    case nothing
    case file(String)
    /// A pipe that nothing comes from; it ends with ``ChildProcess/endInput()``.
    case open
  }

  /// It could not be started, or something that it was to be started with could not be opened.
  public struct NotStarted: Error {
    public var program: String
    /// An `errno`.
    public var code: Int32
  }

  public let processIdentifier: pid_t
  private let state: Mutex<State>

  private struct State {
    /// Of our end of its input; -1 if there is none.
    var input: Int32
    /// As ``ChildProcess/status``; nil until its end was seen.
    var status: Int32?
  }

  /// - Parameters:
  ///   - command: the program, looked for in `PATH` if it has no slash, and its arguments.
  ///   - folder: where it starts; where the tests are unless told.
  ///   - environment: all that it is given; what the tests have unless told.
  ///   - output: a file that is made, or made empty, for what it prints.
  ///   - errors: the same for what it says on standard error, which may be the same file.
  /// - Throws: ``NotStarted``.
  public init(
    _ command: [String], in folder: String? = nil,
    environment: [String: String] = ProcessInfo.processInfo.environment,
    input: Input = .nothing, output: String, errors: String
  ) throws {
    let program = command.first ?? ""
    var opened: [Int32] = []
    defer { for descriptor in opened { close(descriptor) } }
    func open(_ path: String, _ flags: Int32) throws -> Int32 {
      let descriptor = Foundation.open(path, flags | O_CLOEXEC, 0o600)
      guard descriptor >= 0 else { throw NotStarted(program: program, code: errno) }
      opened.append(descriptor)
      return descriptor
    }
    let writing = O_WRONLY | O_CREAT | O_TRUNC
    let outputEnd = try open(output, writing)
    let errorEnd = output == errors ? outputEnd : try open(errors, writing)
    var ends: [Int32] = [-1, -1]
    switch input {
    case .nothing: ends[0] = try open("/dev/null", O_RDONLY)
    case .file(let path): ends[0] = try open(path, O_RDONLY)
    case .open:
      guard pipe(&ends) == 0 else { throw NotStarted(program: program, code: errno) }
      opened.append(ends[0])
    }
    do {
      processIdentifier = try Self.spawn(
        command, in: folder, environment: environment, descriptors: [ends[0], outputEnd, errorEnd])
    } catch {
      if ends[1] >= 0 { close(ends[1]) }
      throw error
    }
    state = Mutex(State(input: ends[1]))
  }

  deinit {
    end(with: SIGKILL)
    endInput()
  }

  private static func spawn(
    _ command: [String], in folder: String?, environment: [String: String],
    descriptors: [Int32]
  ) throws -> pid_t {
    #if canImport(Darwin)
      var actions: posix_spawn_file_actions_t?
      var attributes: posix_spawnattr_t?
    #else
      var actions = posix_spawn_file_actions_t()
      var attributes = posix_spawnattr_t()
    #endif
    posix_spawn_file_actions_init(&actions)
    posix_spawnattr_init(&attributes)
    defer {
      posix_spawn_file_actions_destroy(&actions)
      posix_spawnattr_destroy(&attributes)
    }
    for (place, descriptor) in descriptors.enumerated() {
      posix_spawn_file_actions_adddup2(&actions, descriptor, Int32(place))
    }
    if let folder { posix_spawn_file_actions_addchdir_np(&actions, folder) }
    var flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
    #if canImport(Darwin)
      flags |= POSIX_SPAWN_CLOEXEC_DEFAULT
    #else
      posix_spawn_file_actions_addclosefrom_np(&actions, 3)
    #endif
    var (none, all) = (sigset_t(), sigset_t())
    sigemptyset(&none)
    sigfillset(&all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setflags(&attributes, Int16(flags))

    var arguments = command.map { strdup($0) } + [nil]
    var variables = environment.map { strdup("\($0)=\($1)") } + [nil]
    defer { for text in arguments + variables { free(text) } }
    var child: pid_t = 0
    let code = posix_spawnp(
      &child, command.first ?? "", &actions, &attributes, &arguments, &variables)
    guard code == 0 else { throw NotStarted(program: command.first ?? "", code: code) }
    return child
  }

  // MARK: Its end

  /// How it ended: its exit status, or a signal's number plus 128; nil while it runs.
  public var status: Int32? { state.withLock { look(&$0) } }

  public var isRunning: Bool { status == nil }

  private func look(_ state: inout State) -> Int32? {
    if let status = state.status { return status }
    var word: Int32 = 0
    guard waitpid(processIdentifier, &word, WNOHANG) == processIdentifier else { return nil }
    let signal = word & 0x7f
    state.status = signal == 0 ? (word >> 8) & 0xff : 128 + signal
    return state.status
  }

  /// Of a program that has ended nothing is left to signal, and its number may be another's.
  public func send(_ signal: Int32) {
    state.withLock { state in
      if look(&state) == nil { kill(processIdentifier, signal) }
    }
  }

  /// Its standard input is at its end, if it was ``Input/open``.
  public func endInput() {
    state.withLock { state in
      if state.input >= 0 { close(state.input) }
      state.input = -1
    }
  }

  /// A program that hangs is killed: no test waits for ever.
  private static let secondsMax = 180

  /// Waits for the end.
  /// - Returns: as ``status``.
  @discardableResult
  public func waited() -> Int32 {
    for _ in 0..<(Self.secondsMax * 200) {
      if let status { return status }
      usleep(5_000)
    }
    return end(with: SIGKILL)
  }

  /// Sends a signal, and waits for the end.
  /// - Returns: as ``status``.
  @discardableResult
  public func end(with signal: Int32) -> Int32 {
    send(signal)
    return waited()
  }
}

extension ChildProcess {
  /// What a program came to that ran to its end.
  public struct Finished: Sendable {
    /// As ``ChildProcess/status``.
    public var status: Int32
    public var output: Data
    public var errors: Data

    public var text: String { String(decoding: output, as: UTF8.self) }
    public var errorText: String { String(decoding: errors, as: UTF8.self) }
  }

  /// Runs a program to its end; parameters as for ``init(_:in:environment:input:output:errors:)``.
  /// - Parameter input: what it reads.
  /// - Throws: ``NotStarted``.
  public static func run(
    _ command: [String], in folder: String? = nil,
    environment: [String: String] = ProcessInfo.processInfo.environment, input: String? = nil
  ) throws -> Finished {
    let files = try TestFolder()
    let (output, errors) = ("\(files.path)/output", "\(files.path)/errors")
    let source: Input = try input.map { .file(try files.write($0, to: "input")) } ?? .nothing
    let child = try ChildProcess(
      command, in: folder, environment: environment, input: source, output: output, errors: errors)
    return Finished(
      status: child.waited(), output: try Data(contentsOf: URL(filePath: output)),
      errors: try Data(contentsOf: URL(filePath: errors)))
  }
}
