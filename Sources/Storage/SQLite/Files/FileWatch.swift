import Dispatch
import Foundation
import GRDB
import Synchronization

/// Tells when something happens to a file, by whichever process.
///
/// The system says so; nobody looks again and again. Several changes in a row may be told as one, and now and then one that is
/// none.
///
/// Unchecked: a dispatch source may be cancelled from any thread, and that is all that is done with it.
public final class FileWatch: @unchecked Sendable {
  private let source: any DispatchSourceProtocol

  /// Watches for what is written into a file that is there, and stays.
  ///
  /// - Parameter onChange: called on a queue of the watch's own; it must not block for long.
  /// - Throws: ``StorageError`` `.io` if the file is not there, or the system has no more watches to give.
  init(writesTo path: String, onChange: @escaping @Sendable () -> Void) throws {
    #if os(Linux)
      source = try Self.source(path, UInt32(IN_MODIFY), onChange)
    #else
      source = try Self.source(path, [.write, .extend], onChange)
    #endif
  }

  /// Watches the folder of a file for the file being written anew, put in the place of another, or made.
  ///
  /// - Parameters as above.
  /// - Throws: ``StorageError`` `.io` if the folder is not there, or the system has no more watches to give.
  public convenience init(
    replacementsOf path: String, onChange: @escaping @Sendable () -> Void
  ) throws {
    try self.init(
      besides: URL(filePath: path).resolvingSymlinksInPath(), Self.replacement, onChange)
  }

  /// Watches a folder for another one being made in it, or moved there.
  ///
  /// - Parameters as above.
  /// - Throws: ``StorageError`` `.io` if the folder is not there, or the system has no more watches to give.
  convenience init(appearancesOf path: String, onChange: @escaping @Sendable () -> Void) throws {
    try self.init(besides: URL(filePath: path), Self.appearance, onChange)
  }

  /// Watches the folder of what may come to a place.
  private init(
    besides place: URL, _ events: Events, _ onChange: @escaping @Sendable () -> Void
  ) throws {
    let last = Stamp(place.path)
    source = try Self.source(place.deletingLastPathComponent().path, events) {
      // Whatever happens in the folder is told; a store's own log stands beside its certificates.
      if last.hasChanged() { onChange() }
    }
  }

  #if os(Linux)
    private typealias Events = UInt32
    private static let replacement = Events(IN_CLOSE_WRITE | IN_MOVED_TO)
    private static let appearance = Events(IN_CREATE | IN_MOVED_TO)
  #else
    private typealias Events = DispatchSource.FileSystemEvent
    private static let replacement: Events = .write
    private static let appearance: Events = .write
  #endif

  deinit { source.cancel() }
}

extension FileWatch {
  /// Which file a path leads to and when it was written last, to see whether that is another one now.
  private final class Stamp: Sendable {
    private struct Seen: Equatable {
      var device: dev_t
      var file: ino_t
      var bytes: off_t
      var seconds: Int
      var nanoseconds: Int
    }

    private let path: String
    private let last: Mutex<Seen?>

    init(_ path: String) {
      self.path = path
      last = Mutex(Self.look(at: path))
    }

    /// Whether the file is there, and is another one than at the last call.
    func hasChanged() -> Bool {
      guard let now = Self.look(at: path) else { return false }
      return last.withLock { last in
        defer { last = now }
        return last != now
      }
    }

    private static func look(at path: String) -> Seen? {
      var status = stat()
      guard stat(path, &status) == 0 else { return nil }
      #if os(Linux)
        let time = status.st_mtim
      #else
        let time = status.st_mtimespec
      #endif
      return Seen(
        device: status.st_dev, file: status.st_ino, bytes: status.st_size, seconds: time.tv_sec,
        nanoseconds: time.tv_nsec)
    }
  }

  #if os(Linux)
    private static func source(
      _ path: String, _ events: UInt32, _ onChange: @escaping @Sendable () -> Void
    ) throws -> any DispatchSourceProtocol {
      let descriptor = inotify_init1(Int32(IN_CLOEXEC | IN_NONBLOCK))
      guard descriptor >= 0, inotify_add_watch(descriptor, path, events) >= 0 else {
        let error = cannotWatch(path)
        if descriptor >= 0 { close(descriptor) }
        throw error
      }
      let source = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: queue())
      source.setEventHandler {
        var bytes = [UInt8](repeating: 0, count: 4_096)
        while read(descriptor, &bytes, bytes.count) > 0 {}
        onChange()
      }
      source.setCancelHandler { close(descriptor) }
      source.resume()
      return source
    }
  #else
    private static func source(
      _ path: String, _ events: DispatchSource.FileSystemEvent,
      _ onChange: @escaping @Sendable () -> Void
    ) throws -> any DispatchSourceProtocol {
      let descriptor = open(path, O_EVTONLY | O_CLOEXEC)
      guard descriptor >= 0 else { throw cannotWatch(path) }
      let source = DispatchSource.makeFileSystemObjectSource(
        fileDescriptor: descriptor, eventMask: events, queue: queue())
      source.setEventHandler { onChange() }
      source.setCancelHandler { close(descriptor) }
      source.resume()
      return source
    }
  #endif

  private static func queue() -> DispatchQueue { DispatchQueue(label: "officesync.file-watch") }

  private static func cannotWatch(_ path: String) -> StorageError {
    .io(detail: "\(path) cannot be watched: \(systemError(path))")
  }
}

extension FileWatch {
  /// An element whenever the file may be another one; what comes before one is taken is told as one. Ends when nobody takes
  /// elements any more.
  ///
  /// - Throws: ``StorageError`` `.io` if the folder is not there, or the system has no more watches to give.
  public static func replacements(of path: String) throws -> AsyncStream<Void> {
    try stream { try FileWatch(replacementsOf: path, onChange: $0) }
  }

  /// An element when a folder is there, or another one in its place; what comes before one is taken is told as one. Ends when
  /// nobody takes elements any more.
  ///
  /// - Throws: ``StorageError`` `.io` if the folder above is not there, or the system has no more watches to give.
  public static func appearances(of path: String) throws -> AsyncStream<Void> {
    try stream { try FileWatch(appearancesOf: path, onChange: $0) }
  }

  fileprivate static func stream(
    _ watch: (@escaping @Sendable () -> Void) throws -> FileWatch
  ) throws -> AsyncStream<Void> {
    let (stream, continuation) = AsyncStream.makeStream(
      of: Void.self, bufferingPolicy: .bufferingNewest(1))
    let watch = try watch { continuation.yield() }
    continuation.onTermination = { _ in withExtendedLifetime(watch) {} }
    return stream
  }
}

extension SQLiteStore {
  /// An element whenever something may have been written to the store, by whichever program; what comes before one is taken
  /// is told as one. Ends when nobody takes elements any more.
  ///
  /// - Throws: ``StorageError`` `.io` if the system cannot watch the file.
  public func changes() throws -> AsyncStream<Void> {
    // The write-ahead log exists as long as somebody has the store open, and every write makes it longer or goes over it.
    try FileWatch.stream { onChange in
      let echo = Echo(onChange)
      return try FileWatch(writesTo: writer.path + "-wal") { echo.begin() }
    }
  }
}
