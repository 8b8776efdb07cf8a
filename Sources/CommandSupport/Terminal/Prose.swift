/// A sentence for people: its literal text is ours, and every value put into it is outside text.
///
///     try console.print("Stored \(id) in \(collection).")
///
/// The values are escaped, each by itself, for the place where the sentence is printed, so that no
/// caller can forget it. A whole text from outside is printed as `"\(text)"`.
public struct Prose: Sendable, Hashable, ExpressibleByStringInterpolation {
  fileprivate enum Part: Sendable, Hashable {
    case literal(String)
    case value(String)
  }

  public struct StringInterpolation: StringInterpolationProtocol {
    fileprivate var parts: [Part] = []

    public init(literalCapacity: Int, interpolationCount: Int) {
      parts.reserveCapacity(2 * interpolationCount + 1)
    }

    public mutating func appendLiteral(_ literal: String) { parts.append(.literal(literal)) }

    public mutating func appendInterpolation(_ value: some CustomStringConvertible) {
      parts.append(.value(value.description))
    }

    /// A sentence within a sentence keeps what is literal in it.
    public mutating func appendInterpolation(_ prose: Prose) { parts += prose.parts }
  }

  private let parts: [Part]

  public init(stringLiteral value: String) { parts = [.literal(value)] }

  public init(stringInterpolation: StringInterpolation) { parts = stringInterpolation.parts }

  /// The sentence with its values escaped. A line break in the literal text remains one.
  public func rendered(for style: TextStyle) -> String {
    parts.map { part in
      switch part {
      case .value(let text): text.escaped(for: style)
      case .literal(let text) where style == .ascii: text.escapedLines(for: style)
      case .literal(let text): text
      }
    }.joined()
  }
}

extension String {
  /// Text of our own in several lines (usage, help) with each line escaped.
  func escapedLines(for style: TextStyle) -> String {
    split(separator: "\n", omittingEmptySubsequences: false)
      .map { String($0).escaped(for: style) }.joined(separator: "\n")
  }
}
