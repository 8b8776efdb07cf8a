// Swift takes `struct stat` for a part of this, or of Glibc, by the order in which it reads them.
import CoreFoundation
import Foundation
import OfficeSyncCommandSupport

/// The bytes of an import. They may come from a pipe: they are read once.
final class ImportSource: Sendable {
  /// So much white space in front is not looked through.
  private static let headBytesMax = 1 << 20

  /// The file's name in sentences.
  let name: String
  /// nil for what tells it only at its end.
  let byteCount: Int?
  /// The first byte that is no white space and no part of a byte-order mark; nil in an empty file.
  let firstMark: UInt8?
  /// What had to be read to find that.
  private let head: [UInt8]
  private let descriptor: Int32

  /// - Throws: `CommandError` `file-not-found`, `file-failed` (74), `CancellationError`
  init(_ file: InputFile) throws {
    name = file.name
    let opened = try file.open()
    do {
      byteCount = try Self.size(of: opened, name)
      (head, firstMark) = try Self.head(of: opened, name)
    } catch {
      close(opened)
      throw error
    }
    descriptor = opened
  }

  deinit { close(descriptor) }

  /// Hands out the contents, in pieces, each with how many bytes came before and with it. To be called once.
  func read(_ body: (_ chunk: ArraySlice<UInt8>, _ done: Int) throws -> Void) throws {
    var done = head.count
    try body(head[...], done)
    try InputFile.read(descriptor, name) { chunk in
      done += chunk.count
      try body(chunk, done)
    }
  }

  private static func size(of descriptor: Int32, _ name: String) throws -> Int? {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      throw CommandError.file(.read, name, errno: errno)
    }
    return status.st_mode & S_IFMT == S_IFREG ? Int(status.st_size) : nil
  }

  private static func head(of descriptor: Int32, _ name: String) throws -> ([UInt8], UInt8?) {
    struct Found: Error {}
    var head: [UInt8] = []
    var mark: UInt8?
    do {
      try InputFile.read(descriptor, name) { chunk in
        head += chunk
        mark = chunk.first { ![0x20, 0x09, 0x0A, 0x0D, 0xEF, 0xBB, 0xBF].contains($0) }
        if mark != nil || head.count >= headBytesMax { throw Found() }
      }
    } catch is Found {}
    return (head, mark)
  }
}
