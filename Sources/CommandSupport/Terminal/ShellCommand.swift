/// A command as someone may copy it into a shell: words that the shell would take apart or expand are quoted.
public struct ShellCommand: Sendable, Hashable, CustomStringConvertible {
  private let words: [String]

  /// - Parameter words: the program's name and its arguments, as the program is to get them.
  public init(_ words: [String]) { self.words = words }

  public init(_ words: String...) { self.init(words) }

  public var description: String { words.map(\.shellWord).joined(separator: " ") }
}

extension String {
  /// The text as one word of a shell command.
  fileprivate var shellWord: String {
    let plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:@%+=,"
    if !isEmpty, allSatisfy(plain.contains) { return self }
    return "'" + replacing("'", with: #"'\''"#) + "'"
  }
}
