import Dispatch
import Foundation
import GRDB

/// Tells when a store's file may have been written to, by whichever process: its write-ahead log has grown.
///
/// The system says so; nobody looks again and again. Several writes in a row may be told as one.
///
/// Unchecked: a dispatch source may be cancelled from any thread, and that is all that is done with it.
final class FileWatch: @unchecked Sendable {
  private let source: any DispatchSourceProtocol

  /// - Parameters:
  ///   - store: the database's path; its log exists as long as somebody has the store open.
  ///   - onChange: called on a queue of the watch's own; it must not block for long.
  /// - Throws: ``StorageError`` `.io` if the system has no more watches to give.
  init(store: String, onChange: @escaping @Sendable () -> Void) throws {
    let queue = DispatchQueue(label: "officesync.file-watch")
    let log = store + "-wal"
    #if os(Linux)
      let descriptor = inotify_init1(Int32(IN_CLOEXEC | IN_NONBLOCK))
      guard descriptor >= 0, inotify_add_watch(descriptor, log, UInt32(IN_MODIFY)) >= 0 else {
        let error = StorageError.io(detail: "\(log) cannot be watched: \(systemError(log))")
        if descriptor >= 0 { close(descriptor) }
        throw error
      }
      let source = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: queue)
      source.setEventHandler {
        var bytes = [UInt8](repeating: 0, count: 4_096)
        while read(descriptor, &bytes, bytes.count) > 0 {}
        onChange()
      }
    #else
      let descriptor = open(log, O_EVTONLY | O_CLOEXEC)
      guard descriptor >= 0 else {
        throw StorageError.io(detail: "\(log) cannot be watched: \(systemError(log))")
      }
      let source = DispatchSource.makeFileSystemObjectSource(
        fileDescriptor: descriptor, eventMask: [.write, .extend], queue: queue)
      source.setEventHandler { onChange() }
    #endif
    source.setCancelHandler { close(descriptor) }
    source.resume()
    self.source = source
  }

  deinit { source.cancel() }
}

extension SQLiteStore {
  /// An element whenever something may have been written to the store, by whichever program; what comes before one is taken
  /// is told as one. Ends when nobody takes elements any more.
  ///
  /// - Throws: ``StorageError`` `.io` if the system cannot watch the file.
  public func changes() throws -> AsyncStream<Void> {
    let (stream, continuation) = AsyncStream.makeStream(
      of: Void.self, bufferingPolicy: .bufferingNewest(1))
    let watch = try FileWatch(store: pool.path) { continuation.yield() }
    continuation.onTermination = { _ in withExtendedLifetime(watch) {} }
    return stream
  }
}
