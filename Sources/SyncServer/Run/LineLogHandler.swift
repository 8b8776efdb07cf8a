import Foundation
import Logging
import OfficeSyncCommandSupport
import OfficeSyncRecords
import Synchronization

/// Writes one line an event, for people (`time level message key=value …`) or for machines (a JSON object).
///
/// Metadata and messages may hold outside text; nothing in it can end a line or move a cursor.
struct LineLogHandler: LogHandler {
  enum Form: Sendable {
    case text(TextStyle)
    case json
  }

  /// Where lines go, each in one piece.
  typealias Sink = @Sendable (_ line: String) -> Void

  var metadata: Logger.Metadata = [:]
  var metadataProvider: Logger.MetadataProvider?
  var logLevel: Logger.Level
  private let form: Form
  private let now: @Sendable () -> UInt64
  private let sink: Sink

  /// - Parameter now: the wall clock, in milliseconds since 1970 UTC.
  init(
    _ form: Form, level: Logger.Level, now: @escaping @Sendable () -> UInt64, sink: @escaping Sink
  ) {
    self.form = form
    logLevel = level
    self.now = now
    self.sink = sink
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    var values = metadata.merging(metadataProvider?.get() ?? [:]) { $1 }
    values.merge(event.metadata ?? [:]) { $1 }
    if let error = event.error { values["error"] = "\(error)" }
    let pairs = values.sorted { $0.key < $1.key }
    switch form {
    case .text(let style): sink(text(event, pairs, style))
    case .json: sink(json(event, pairs).encoded())
    }
  }

  // MARK: Text

  private func text(
    _ event: LogEvent, _ pairs: [(key: String, value: Logger.MetadataValue)], _ style: TextStyle
  ) -> String {
    var line = "\(moment(now())) \(event.level) \(event.message.description.escaped(for: style))"
    for (key, value) in pairs {
      line += " \(key.escaped(for: style))=\(Self.word(plain(value).escaped(for: style)))"
    }
    return line
  }

  /// A value as one word, so that a line can be taken apart again.
  private static func word(_ text: String) -> String {
    let isPlain = !text.isEmpty && !text.contains { $0 == " " || $0 == "\"" || $0 == "=" }
    return isPlain ? text : "\"\(text.replacing("\"", with: "\\\""))\""
  }

  private func plain(_ value: Logger.MetadataValue) -> String {
    switch value {
    case .string(let text): text
    case .stringConvertible(let value): "\(value)"
    case .array(let values): values.map(plain).joined(separator: ",")
    case .dictionary(let values):
      values.sorted { $0.key < $1.key }.map { "\($0.key):\(plain($0.value))" }
        .joined(separator: ",")
    }
  }

  // MARK: JSON

  private func json(
    _ event: LogEvent, _ pairs: [(key: String, value: Logger.MetadataValue)]
  ) -> JSONValue {
    .object(
      [
        JSONMember("at", .string(moment(now()))), JSONMember("level", .string("\(event.level)")),
        JSONMember("message", .string(event.message.description)),
      ] + pairs.map { JSONMember($0.key, tree($0.value)) })
  }

  private func tree(_ value: Logger.MetadataValue) -> JSONValue {
    switch value {
    case .string(let text): .string(text)
    case .stringConvertible(let value):
      value is any BinaryInteger ? .number("\(value)") : .string("\(value)")
    case .array(let values): .array(values.map(tree))
    case .dictionary(let values):
      .object(values.sorted { $0.key < $1.key }.map { JSONMember($0.key, tree($0.value)) })
    }
  }
}

extension LineLogHandler {
  private static let standardError = Mutex(())

  /// To standard error. A log that cannot be written has nobody to complain to.
  static func writeToStandardError(_ line: String) {
    let bytes = Array((line + "\n").utf8)
    standardError.withLock { _ in
      var written = 0
      while written < bytes.count {
        let count = bytes[written...].withUnsafeBytes { write(2, $0.baseAddress, $0.count) }
        if count > 0 {
          written += count
        } else if errno != EINTR {
          return
        }
      }
    }
  }
}
