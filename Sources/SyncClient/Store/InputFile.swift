import Foundation
import OfficeSyncCommandErrors
import OfficeSyncCommandSupport
import OfficeSyncRecords

/// A file that a user names; `-` is standard input.
struct InputFile {
  /// No schema, map or record that a person gives in one file comes near this.
  static let bytesMax = 64 << 20

  let path: String

  init(_ path: String) { self.path = path }

  var isStandardInput: Bool { path == "-" }

  /// The name in sentences.
  var name: String { isStandardInput ? Texts.standardInput : path }

  /// - Throws: `CommandError` `file-not-found`, `file-failed` (74), `over-limit` (65)
  func bytes() throws -> [UInt8] {
    var bytes: [UInt8] = []
    try withChunks { chunk in
      bytes += chunk
      if bytes.count > Self.bytesMax { throw CommandError.longFile(name, bytesMax: Self.bytesMax) }
    }
    return bytes
  }

  /// - Throws: also `CommandError` `bad-json` (65)
  func json() throws -> JSONValue {
    let bytes = try bytes()
    do {
      return try JSONValue(parsing: bytes)
    } catch {
      throw CommandError.badJSON(error, in: name)
    }
  }

  /// Hands the contents out in pieces.
  func withChunks(_ body: (ArraySlice<UInt8>) throws -> Void) throws {
    let descriptor = try open()
    defer { close(descriptor) }
    try Self.read(descriptor, name, body)
  }

  /// Hands out, in pieces, what comes from a descriptor until its end.
  ///
  /// - Parameter name: the file's, in sentences.
  /// - Throws: `CommandError` `file-failed` (74), `CancellationError`, and what `body` throws
  static func read(
    _ descriptor: Int32, _ name: String, _ body: (ArraySlice<UInt8>) throws -> Void
  ) throws {
    var chunk = [UInt8](repeating: 0, count: 1 << 18)
    while true {
      try awaitInput(descriptor)
      let count = Foundation.read(descriptor, &chunk, chunk.count)
      if count == 0 { return }
      if count > 0 {
        try body(chunk[..<count])
      } else if errno != EINTR {
        throw CommandError.file(.read, name, errno: errno)
      }
    }
  }

  /// Waits until there is something to read, or the end. Reading itself blocks and knows nothing of tasks.
  ///
  /// - Throws: `CancellationError`
  private static func awaitInput(_ descriptor: Int32) throws {
    var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    repeat { try Task.checkCancellation() } while poll(&request, 1, 100) <= 0
  }

  /// - Returns: a descriptor of the caller's own.
  func open() throws(CommandError) -> Int32 {
    let descriptor = isStandardInput ? dup(0) : Foundation.open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .file(.read, name, errno: errno) }
    return descriptor
  }
}
