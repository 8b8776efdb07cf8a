import OfficeSyncRecords
import Synchronization

/// Where a command speaks: results to standard output, progress and prose to standard error
/// (`docs/CLI.md`).
///
/// A command may say its result both ways, as JSON and in words; the console prints the one that
/// was asked for, and with `--quiet` neither. All methods may be called from any task. Those that
/// print results throw `CancellationError` in a task that was cancelled, so that a long listing
/// stops at once.
public final class Console: Sendable {
  public let isJSON: Bool
  public let isQuiet: Bool
  /// What is known about standard output.
  public let terminal: Terminal
  let errorTerminal: Terminal
  private let output: OutputFile
  private let errors: OutputFile
  private let bar = Mutex<ProgressBar?>(nil)

  public init(
    isJSON: Bool, isQuiet: Bool, output: OutputFile, errors: OutputFile, terminal: Terminal,
    errorTerminal: Terminal
  ) {
    self.isJSON = isJSON
    self.isQuiet = isQuiet
    self.output = output
    self.errors = errors
    self.terminal = terminal
    self.errorTerminal = errorTerminal
  }

  /// The console of this process.
  convenience init(_ mode: OutputOptions.Mode, environment: [String: String]) {
    self.init(
      isJSON: mode.isJSON, isQuiet: mode.isQuiet, output: OutputFile(descriptor: 1),
      errors: OutputFile(descriptor: 2),
      terminal: Terminal(descriptor: 1, environment: environment),
      errorTerminal: Terminal(descriptor: 2, environment: environment))
  }

  // MARK: Results

  /// Prints the result as the one JSON document, with `--json`.
  public func document(_ value: @autoclosure () -> JSONValue) throws {
    try line(value())
  }

  /// Prints one object of a result that is given in lines, with `--json`.
  public func line(_ value: @autoclosure () -> JSONValue) throws {
    guard isJSON, !isQuiet else { return }
    var bytes: [UInt8] = []
    value().encode(into: &bytes)
    bytes.append(UInt8(ascii: "\n"))
    try emit(bytes)
  }

  /// Prints a line of the result in words, without `--json`.
  public func print(_ prose: @autoclosure () -> Prose) throws {
    guard !isJSON, !isQuiet else { return }
    try emit((prose().rendered(for: terminal.style) + "\n").utf8)
  }

  /// Prints exact bytes that were asked for whatever the options (`export`); unquoted and
  /// unescaped.
  public func raw(_ bytes: some Sequence<UInt8>) throws {
    guard !isQuiet else { return }
    try emit(bytes)
  }

  /// Prints a table, row by row, without `--json`.
  ///
  /// - Parameter isCut: whether it is made to fit a terminal; otherwise long values run over.
  public func table(_ columns: [Table.Column], isCut: Bool = true) -> TableWriter {
    var terminal = terminal
    if !isCut { terminal.columns = nil }
    return TableWriter(console: self, table: Table(columns, for: terminal))
  }

  /// Prints finished lines: escaped by whoever made them.
  func print(escapedLines lines: [String]) throws {
    guard !isJSON, !isQuiet else { return }
    for line in lines { try emit((line + "\n").utf8) }
  }

  /// Sends what was printed on its way now; ``Program`` does this at the end.
  public func flush() throws {
    try output.flush()
  }

  // MARK: Prose

  /// Tells something beside the result, on standard error; not with `--quiet`.
  public func note(_ prose: @autoclosure () -> Prose) {
    guard !isQuiet else { return }
    // Where both streams go to one place, what was said first stands first.
    output.flushForNow()
    writeError(prose().rendered(for: errorTerminal.style) + "\n")
  }

  /// Prints why the command failed: one JSON document with `--json`, else a line on standard error.
  public func fail(_ error: CommandError) {
    hideBar()
    if isJSON {
      // Nobody is left to tell if this fails too: the exit status speaks.
      try? output.write((error.json.encoded() + "\n").utf8)
      try? output.flush()
    } else {
      try? output.flush()
      writeError(Texts.error(error).rendered(for: errorTerminal.style) + "\n")
    }
  }

  /// Prints a mistake on the command line; in words with the usage that shows how it is done.
  func misused(_ error: CommandError, usage: String) {
    if isJSON { return fail(error) }
    let style = errorTerminal.style
    let sentence = Texts.usageError(error.message).rendered(for: style)
    writeError("\(sentence)\n\(usage.escapedLines(for: style))\n")
  }

  /// Shows a question; the answer is typed on the same line.
  func prompt(_ question: Prose) {
    writeError(question.rendered(for: errorTerminal.style) + " ")
  }

  // MARK: Progress

  /// Shows or repaints the progress of long work, on a terminal alone.
  func repaint(_ change: (inout ProgressBar?) -> String?) {
    guard showsProgress else { return }
    bar.withLock { bar in
      if let text = change(&bar) { send(text) }
    }
  }

  var showsProgress: Bool { errorTerminal.isTerminal && !isQuiet }

  private func hideBar() {
    repaint { bar in bar?.finish() }
  }

  private func writeError(_ text: String) {
    // With the bar's lock, so that no bar is painted between clearing it and the text.
    bar.withLock { bar in send((bar?.finish() ?? "") + text) }
  }

  /// Standard error that cannot be written has nobody to complain to.
  private func send(_ text: String) {
    try? errors.write(text.utf8)
    try? errors.flush()
  }

  private func emit(_ bytes: some Sequence<UInt8>) throws {
    try Task.checkCancellation()
    try output.write(bytes)
    if terminal.isTerminal { try output.flush() }
  }
}
