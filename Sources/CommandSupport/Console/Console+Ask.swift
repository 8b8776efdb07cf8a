import Foundation

extension Console {
  /// Asks on the terminal and waits for a line; nil when there is no terminal, or at the end of
  /// input.
  ///
  /// - Throws: `CancellationError` when the task is cancelled (Ctrl-C) while it waits.
  public func ask(_ question: Prose) throws -> String? {
    guard mayAsk else { return nil }
    try show(question)
    return readLine()
  }

  /// The same for what nobody who looks on may see: it is not shown as it is typed.
  public func askSecret(_ question: Prose) throws -> [UInt8]? {
    guard mayAsk else { return nil }
    let terminal = HiddenTyping()
    defer { terminal.end() }
    try show(question)
    return StandardInput.line()
  }

  private var mayAsk: Bool { isatty(0) == 1 && errorTerminal.isTerminal }

  private func show(_ question: Prose) throws {
    try flush()
    prompt(question)
    var request = pollfd(fd: 0, events: Int16(POLLIN), revents: 0)
    // Reading blocks and knows nothing of tasks, so it starts when a whole line is there.
    while poll(&request, 1, 100) <= 0 {
      if Task.isCancelled {
        note("")  // what is told next begins a line
        throw CancellationError()
      }
    }
  }
}

/// Standard input, read without a buffer: what follows is for others.
enum StandardInput {
  private static let lineBytesMax = 64 * 1024

  /// The next line without its end; nil at the end of input.
  static func line() -> [UInt8]? {
    var line: [UInt8] = []
    var byte: UInt8 = 0
    while line.count < lineBytesMax {
      let count = read(0, &byte, 1)
      if count < 0 && errno == EINTR { continue }
      if count <= 0 { return line.isEmpty ? nil : line }
      if byte == UInt8(ascii: "\n") { break }
      line.append(byte)
    }
    if line.last == UInt8(ascii: "\r") { line.removeLast() }
    return line
  }
}

/// A terminal that does not show what is typed, but for the end of the line.
private struct HiddenTyping {
  private let before: termios?

  init() {
    var settings = termios()
    guard tcgetattr(0, &settings) == 0 else {
      before = nil
      return
    }
    before = settings
    settings.c_lflag &= ~tcflag_t(ECHO)
    settings.c_lflag |= tcflag_t(ECHONL)
    // What was typed before the question is no answer to it.
    tcsetattr(0, TCSAFLUSH, &settings)
  }

  func end() {
    guard var before else { return }
    tcsetattr(0, TCSANOW, &before)
  }
}
