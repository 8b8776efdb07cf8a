import Foundation
import OfficeSyncCommandSupport

/// A file that nobody else can open, and of which nothing is left, whatever happens: it has no name.
final class NamelessFile: Sendable {
  /// Where it was made, in sentences.
  private let path: String
  private let descriptor: Int32

  /// - Throws: `CommandError` `file-failed`, `disk-full` (74)
  init(inFolder folder: String) throws {
    var template = Array("\(folder)/import.XXXXXX".utf8CString)
    descriptor = mkstemp(&template)
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    guard descriptor >= 0 else { throw CommandError.file(.created, path, errno: errno) }
    unlink(path)
  }

  deinit { close(descriptor) }

  /// - Throws: as ``init(inFolder:)``
  func write(_ bytes: [UInt8], at offset: Int) throws {
    var done = 0
    while done < bytes.count {
      let count = bytes.withUnsafeBytes {
        let rest = UnsafeRawBufferPointer(rebasing: $0[done...])
        return pwrite(descriptor, rest.baseAddress, rest.count, off_t(offset + done))
      }
      if count >= 0 {
        done += count
      } else if errno != EINTR {
        throw CommandError.file(.written, path, errno: errno)
      }
    }
  }

  /// What was written there.
  ///
  /// - Throws: `CommandError` `file-failed` (74)
  func read(_ range: Range<Int>) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: range.count)
    var done = 0
    while done < bytes.count {
      let count = bytes.withUnsafeMutableBytes {
        let rest = UnsafeMutableRawBufferPointer(rebasing: $0[done...])
        return pread(descriptor, rest.baseAddress, rest.count, off_t(range.lowerBound + done))
      }
      if count > 0 {
        done += count
      } else if count == 0 || errno != EINTR {
        throw CommandError.file(.read, path, errno: count == 0 ? EIO : errno)
      }
    }
    return bytes
  }
}
