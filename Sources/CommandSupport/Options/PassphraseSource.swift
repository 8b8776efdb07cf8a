import Foundation

/// Where the passphrase of a private key comes from. It is never an argument: every user of the machine can list those.
public enum PassphraseSource: Sendable, Hashable {
  /// Nobody said: a terminal is asked where a key needs one.
  case terminal
  /// The first line of it; where it is a terminal, that is asked without showing what is typed.
  case standardInput
  /// The first line of a file that nobody else can read.
  case file(String)
  /// It was typed, or read from standard input.
  case typed([UInt8])

  /// As an option says it: a path from the current folder, or `-`; nil for no option.
  public init(option: String?) {
    self =
      switch option {
      case nil: .terminal
      case "-": .standardInput
      case let path?: .file(path.absolutePath(from: FileManager.default.currentDirectoryPath))
      }
  }
}

extension PassphraseSource: CustomStringConvertible, CustomReflectable {
  public var description: String {
    switch self {
    case .terminal: "a terminal"
    case .standardInput: "standard input"
    case .file(let path): path
    case .typed: "what was typed"
    }
  }

  public var customMirror: Mirror { Mirror(self, children: []) }
}
