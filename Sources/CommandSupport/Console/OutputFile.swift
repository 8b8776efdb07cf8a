import Foundation
import Synchronization

/// Whoever read our output has gone away; there is nobody to tell.
struct OutputClosed: Error {}

/// A stream of the process with a large buffer, safe to use from any task.
///
/// SIGPIPE must be ignored (``Program`` does that), so that a reader who left is an error here and
/// not the end of the process.
public final class OutputFile: Sendable {
  private static let bufferBytes = 1 << 16

  private let descriptor: Int32
  private let buffer = Mutex<[UInt8]>([])
  /// What broke when nobody could be told.
  private let failure = Mutex<(any Error)?>(nil)

  /// - Parameter descriptor: stays open and stays the caller's.
  public init(descriptor: Int32) {
    self.descriptor = descriptor
  }

  /// Adds bytes; they reach the reader at the latest with ``flush()``.
  ///
  /// - Throws: `OutputClosed` when the reader has left, a ``CommandError`` when the bytes cannot be
  ///   written.
  func write(_ bytes: some Sequence<UInt8>) throws {
    try buffer.withLock { buffer in
      buffer.append(contentsOf: bytes)
      if buffer.count >= Self.bufferBytes { try drain(&buffer) }
    }
  }

  func flush() throws {
    try buffer.withLock { try drain(&$0) }
    try failure.withLock { failure in
      defer { failure = nil }
      if let failure { throw failure }
    }
  }

  /// Like ``flush()``; a failure is thrown by the next one.
  func flushForNow() {
    do { try flush() } catch { failure.withLock { $0 = error } }
  }

  /// Empties the buffer, also when that fails: the same bytes are never tried twice.
  private func drain(_ buffer: inout [UInt8]) throws {
    defer { buffer.removeAll(keepingCapacity: true) }
    try buffer.withUnsafeBytes { bytes in
      var written = 0
      while written < bytes.count {
        let rest = UnsafeRawBufferPointer(rebasing: bytes[written...])
        let count = Foundation.write(descriptor, rest.baseAddress, rest.count)
        if count >= 0 {
          written += count
        } else {
          try recover(from: errno)
        }
      }
    }
  }

  private func recover(from code: Int32) throws {
    switch code {
    case EINTR: return
    case EAGAIN:
      // Someone made the terminal or pipe that we share non-blocking.
      var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
      _ = poll(&request, 1, -1)
    case EPIPE: throw OutputClosed()
    default: throw CommandError.outputFailed(code)
    }
  }
}
