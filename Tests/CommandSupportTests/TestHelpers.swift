import Foundation
import OfficeSyncCommandSupport
import Synchronization

/// A small generator with a seed, so that a failing case can be had again (Steele, Lea, Flood
/// 2014).
struct SplitMix: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}

/// A folder that goes away with the value.
final class TemporaryFolder: Sendable {
  let path: String

  init() throws {
    var template = Array("/tmp/officesync-test.XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
    path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func callAsFunction(_ name: String) -> String { "\(path)/\(name)" }
}

/// The permission bits of a file.
func mode(of path: String) -> mode_t {
  var status = stat()
  return stat(path, &status) == 0 ? status.st_mode & 0o7777 : 0
}

/// A console whose streams are files, and what was printed on them.
final class CapturedConsole: Sendable {
  let console: Console
  private let folder: TemporaryFolder
  private let descriptors: [Int32]

  init(
    json: Bool = false, quiet: Bool = false, terminal: Terminal = .plain,
    errorTerminal: Terminal = .plain
  ) throws {
    let folder = try TemporaryFolder()
    descriptors = ["out", "err"].map { open(folder($0), O_CREAT | O_RDWR, 0o600) }
    self.folder = folder
    console = Console(
      isJSON: json, isQuiet: quiet, output: OutputFile(descriptor: descriptors[0]),
      errors: OutputFile(descriptor: descriptors[1]), terminal: terminal,
      errorTerminal: errorTerminal)
  }

  deinit { for descriptor in descriptors { close(descriptor) } }

  /// What standard output holds once it is flushed.
  func output() throws -> String {
    try console.flush()
    return try String(contentsOfFile: folder("out"), encoding: .utf8)
  }

  func errors() throws -> String {
    try String(contentsOfFile: folder("err"), encoding: .utf8)
  }
}

extension Terminal {
  /// A pipe or a file in a UTF-8 locale.
  static let plain = Terminal(
    isTerminal: false, reportedColumns: nil, environment: ["LANG": "C.UTF-8"])

  /// A person's UTF-8 terminal without styles.
  static func screen(_ columns: Int, _ environment: [String: String] = [:]) -> Terminal {
    Terminal(
      isTerminal: true, reportedColumns: columns,
      environment: ["LANG": "C.UTF-8", "NO_COLOR": "1"].merging(environment) { $1 })
  }
}

/// A time that moves when it is told to.
final class Clock: Sendable {
  private let time = Mutex(Duration.zero)

  @Sendable func now() -> Duration { time.withLock { $0 } }

  func advance(by duration: Duration) { time.withLock { $0 += duration } }
}
