// Swift takes `struct stat` for a part of this, or of Glibc, by the order in which it reads them.
import CoreFoundation
import Foundation
import OfficeSyncCommandSupport

/// The bytes of an import. They are read twice, so what can be read only once (a pipe) is copied first.
final class ImportSource: Sendable {
  private static let chunkBytes = 1 << 18

  /// The file's name in sentences.
  let name: String
  let byteCount: Int
  private let descriptor: Int32

  /// - Parameter folder: where a pipe is copied to, in a file that nobody else can open.
  /// - Throws: `CommandError` `file-not-found`, `file-failed`, `disk-full` (74)
  init(_ file: InputFile, spoolingIn folder: String) throws {
    name = file.name
    let opened = try file.open()
    var status = stat()
    guard fstat(opened, &status) == 0 else {
      let code = errno
      close(opened)
      throw CommandError.file(.read, name, errno: code)
    }
    if status.st_mode & S_IFMT == S_IFREG {
      descriptor = opened
      byteCount = Int(status.st_size)
    } else {
      defer { close(opened) }
      (descriptor, byteCount) = try Self.spool(opened, name, in: folder)
    }
  }

  deinit { close(descriptor) }

  /// Hands out the whole contents from the start, in pieces, each with how many bytes came before and with it.
  func read(_ body: (_ chunk: ArraySlice<UInt8>, _ done: Int) throws -> Void) throws {
    var chunk = [UInt8](repeating: 0, count: Self.chunkBytes)
    var offset = 0
    while true {
      let count = pread(descriptor, &chunk, chunk.count, off_t(offset))
      if count == 0 { return }
      if count > 0 {
        offset += count
        try body(chunk[..<count], offset)
      } else if errno != EINTR {
        throw CommandError.file(.read, name, errno: errno)
      }
    }
  }

  private static func spool(_ pipe: Int32, _ name: String, in folder: String) throws -> (Int32, Int)
  {
    var template = Array("\(folder)/import.XXXXXX".utf8CString)
    let copy = mkstemp(&template)
    let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    guard copy >= 0 else { throw CommandError.file(.created, path, errno: errno) }
    // It has no name from here on, so nothing is left behind whatever happens.
    unlink(path)
    do {
      return (copy, try transfer(from: pipe, name, to: copy, path))
    } catch {
      close(copy)
      throw error
    }
  }

  private static func transfer(
    from pipe: Int32, _ name: String, to copy: Int32, _ path: String
  ) throws -> Int {
    var chunk = [UInt8](repeating: 0, count: chunkBytes)
    var total = 0
    while true {
      try InputFile.awaitInput(pipe)
      let count = Foundation.read(pipe, &chunk, chunk.count)
      if count == 0 { return total }
      if count < 0 {
        if errno == EINTR { continue }
        throw CommandError.file(.read, name, errno: errno)
      }
      var written = 0
      while written < count {
        let more = chunk.withUnsafeBytes { bytes in
          write(
            copy, UnsafeRawBufferPointer(rebasing: bytes[written..<count]).baseAddress,
            count - written)
        }
        if more >= 0 {
          written += more
        } else if errno != EINTR {
          throw CommandError.file(.written, path, errno: errno)
        }
      }
      total += count
    }
  }
}
