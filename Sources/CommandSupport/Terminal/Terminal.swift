import Foundation

/// What is known about the place that a stream's text goes to.
public struct Terminal: Sendable, Hashable {
  /// Whether a person may be watching: only then are there progress bars, styles and isolates.
  public var isTerminal: Bool
  /// How many columns a line has; nil when lines may be of any length, as in a file or a pipe.
  public var columns: Int?
  /// Whether bold and dim may be used.
  public var allowsStyles: Bool
  public var style: TextStyle

  /// - Parameter reportedColumns: what the terminal says of itself; nil or 0 when it does not know.
  public init(isTerminal: Bool, reportedColumns: Int?, environment: [String: String]) {
    let charset = TextStyle.charset(of: environment)
    let isDumb = environment["TERM"] == "dumb"
    self.isTerminal = isTerminal
    let known = [reportedColumns, environment["COLUMNS"].flatMap { Int($0) }]
    columns = isTerminal ? known.lazy.compactMap { $0 }.first { $0 > 0 } ?? 80 : nil
    // NO_COLOR counts when it is present and not empty (no-color.org).
    allowsStyles = isTerminal && !isDumb && (environment["NO_COLOR"] ?? "").isEmpty
    style = isTerminal && charset == .utf8 ? .isolated : charset
  }

  /// Asks the system about an open file descriptor.
  public init(descriptor: Int32, environment: [String: String]) {
    var size = winsize()
    let isKnown = ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0
    self.init(
      isTerminal: isatty(descriptor) == 1, reportedColumns: isKnown ? Int(size.ws_col) : nil,
      environment: environment)
  }

  /// The (already escaped) text in bold, where that is allowed.
  public func bold(_ text: String) -> String { allowsStyles ? "\u{1B}[1m\(text)\u{1B}[0m" : text }
}
