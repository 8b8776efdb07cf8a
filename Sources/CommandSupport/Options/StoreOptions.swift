import ArgumentParser
import Foundation

/// Which store a command works on.
public struct StoreOptions: ParsableArguments {
  @Option(
    name: .customLong("data"),
    help: ArgumentHelp(
      "The folder of the store.",
      discussion: "Default: $OFFICESYNC_DATA, else a folder of the program's own.",
      valueName: "dir"),
    completion: .directory)
  public var data: String?

  public init() {}

  /// The words that name the same store to another command, as they were typed.
  public var words: [String] { data.map { ["--data", $0] } ?? [] }

  /// The store's folder: the option, else `$OFFICESYNC_DATA`, else the program's own.
  public func folder(
    of program: StoreFolder.Program,
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) -> StoreFolder {
    if let path = data ?? environment.setting("OFFICESYNC_DATA") {
      return StoreFolder(path: path)
    }
    return .standard(
      for: program, isRoot: geteuid() == 0,
      home: environment.setting("HOME") ?? NSHomeDirectory())
  }
}

extension [String: String] {
  /// An environment variable; one that is set to nothing counts as not set.
  func setting(_ name: String) -> String? {
    self[name].flatMap { $0.isEmpty ? nil : $0 }
  }
}
