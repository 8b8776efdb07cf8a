import ArgumentParser

/// How a command answers.
public struct OutputOptions: ParsableArguments {
  @Flag(help: "Answer in JSON on standard output, failures too.")
  public var json = false

  @Flag(help: "Print nothing on success, not even results.")
  public var quiet = false

  public init() {}
}
