import ArgumentParser
import Logging

/// What the server's log looks like.
struct LogOptions: ParsableArguments {
  enum Format: String, ExpressibleByArgument, CaseIterable {
    case text, json
  }

  @Option(name: .customLong("log-format"), help: "One line an event: text or json.")
  var format = Format.text

  @Option(
    name: .customLong("log-level"),
    help: "The least that is logged: trace, debug, info, notice, warning, error or critical.")
  var level = Logger.Level.info
}

extension Logger.Level: @retroactive ExpressibleByArgument {}
