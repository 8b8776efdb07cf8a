import Foundation

extension Console {
  /// Asks on the terminal and waits for a line; nil when there is no terminal, or at the end of
  /// input.
  ///
  /// - Throws: `CancellationError` when the task is cancelled (Ctrl-C) while it waits.
  public func ask(_ question: Prose) throws -> String? {
    guard isatty(0) == 1, errorTerminal.isTerminal else { return nil }
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
    return readLine()
  }
}
