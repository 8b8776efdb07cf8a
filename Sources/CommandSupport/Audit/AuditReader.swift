import Foundation
import OfficeSyncRecords

/// Reads an audit log, the oldest line first, without holding up those who write.
public struct AuditReader {
  private static let chunkBytes = 1 << 16
  /// No entry comes near it.
  static let lineBytesMax = 1 << 16

  /// What stands in a line.
  public struct Line {
    /// Milliseconds since 1970 UTC.
    public let atMilliseconds: Int64
    /// The whole object.
    public let value: JSONValue

    /// - Returns: nil for what is no entry.
    init?(_ bytes: ArraySlice<UInt8>) {
      guard let text = String(validating: bytes, as: UTF8.self),
        let value = try? JSONValue(parsing: text),
        case .string(let at)? = value.member("at"), let time = Timestamp(at),
        case .string? = value.member("event")
      else { return nil }
      atMilliseconds = time.milliseconds
      self.value = value
    }

    public func text(_ name: String) -> String? {
      if case .string(let text)? = value.member(name) { text } else { nil }
    }
  }

  private let log: AuditLog

  public init(_ log: AuditLog) {
    self.log = log
  }

  /// - Parameters:
  ///   - milliseconds: since 1970 UTC; files that were last written to before are not even read.
  ///   - body: takes each line from then on.
  /// - Returns: how many lines are no entries: cut off by a full disk or a crash, or written by somebody else.
  /// - Throws: a ``CommandError`` `file-failed` (74), and what `body` throws.
  public func forEach(since milliseconds: Int64, _ body: (Line) throws -> Void) throws -> Int {
    var damaged = 0
    let files = try log.openAll()
    defer { for (_, descriptor) in files { close(descriptor) } }
    for (path, descriptor) in files {
      let modified = FileStatus(of: path)?.modifiedSeconds ?? .max
      if Int64(modified) < milliseconds / 1_000 { continue }
      try Self.forEachLine(of: descriptor, path) { bytes in
        guard let line = Line(bytes) else {
          damaged += 1
          return
        }
        if line.atMilliseconds >= milliseconds { try body(line) }
      }
    }
    return damaged
  }

  /// Hands out the lines without their ends, and without those that are empty. A line that is too long is handed out as far as
  /// it was read, which makes it none.
  private static func forEachLine(
    of descriptor: Int32, _ path: String, _ body: (ArraySlice<UInt8>) throws -> Void
  ) throws {
    var chunk = [UInt8](repeating: 0, count: chunkBytes)
    var line: [UInt8] = []
    var isTooLong = false
    while true {
      let count = read(descriptor, &chunk, chunk.count)
      if count < 0 {
        if errno == EINTR { continue }
        throw CommandError.file(.read, path, errno: errno)
      }
      if count == 0 { break }
      var rest = chunk[..<count]
      while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
        line += rest[..<end]
        if !line.isEmpty && !isTooLong { try body(line[...]) }
        line.removeAll(keepingCapacity: true)
        isTooLong = false
        rest = rest[(end + 1)...]
      }
      line += rest
      if line.count > lineBytesMax, !isTooLong {
        try body(line[...])
        isTooLong = true
      }
      if isTooLong { line.removeAll(keepingCapacity: true) }
    }
    // The last line may be on its way.
    if !line.isEmpty, Line(line[...]) != nil { try body(line[...]) }
  }
}

extension JSONValue {
  fileprivate func member(_ name: String) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.name == name }?.value
  }
}
