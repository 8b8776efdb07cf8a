import Logging
import Synchronization

/// A log that tests read.
final class LogLines: Sendable {
  private struct State {
    var lines: [String] = []
    var waiting:
      [(isWanted: @Sendable (String) -> Bool, found: CheckedContinuation<String, Never>)] = []
  }

  private let state = Mutex(State())

  var all: [String] { state.withLock { $0.lines } }

  func all(with text: String) -> [String] { all.filter { $0.contains(text) } }

  /// The first line with all these texts, now or later.
  func line(with texts: String...) async -> String {
    await withCheckedContinuation { found in
      let isWanted: @Sendable (String) -> Bool = { line in texts.allSatisfy(line.contains) }
      let present = state.withLock { state in
        let present = state.lines.first(where: isWanted)
        if present == nil { state.waiting.append((isWanted, found)) }
        return present
      }
      if let present { found.resume(returning: present) }
    }
  }

  fileprivate func append(_ line: String) {
    let woken = state.withLock { state in
      state.lines.append(line)
      let woken = state.waiting.filter { $0.isWanted(line) }
      state.waiting.removeAll { $0.isWanted(line) }
      return woken
    }
    for waiter in woken { waiter.found.resume(returning: line) }
  }

  var logger: Logger { Logger(label: "test") { _ in Handler(lines: self) } }

  private struct Handler: LogHandler {
    let lines: LogLines
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.debug

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
      let pairs = (event.metadata ?? [:]).sorted { $0.key < $1.key }
      lines.append(
        "\(event.level) \(event.message) "
          + pairs.map { "\($0.key)=\($0.value)" }.joined(separator: " "))
    }
  }
}
