import ArgumentParser

/// How a command answers.
public struct OutputOptions: ParsableArguments {
  @Flag(help: "Answer in JSON on standard output, failures too.")
  public var json = false

  @Flag(help: "Print nothing on success, not even results.")
  public var quiet = false

  public init() {}
}

extension OutputOptions {
  /// How to answer, as a plain value: the parser's own types trap when they were not parsed.
  struct Mode: Sendable, Hashable {
    var isJSON = false
    var isQuiet = false

    init() {}

    init(_ options: OutputOptions) {
      isJSON = options.json
      isQuiet = options.quiet
    }

    /// What is meant by arguments that could not be parsed.
    init(guessedFrom arguments: [String]) {
      isJSON = arguments.prefix { $0 != "--" }.contains("--json")
    }
  }
}
