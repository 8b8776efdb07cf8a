import Foundation
import OfficeSyncCommandSupport

/// The file that a running server writes its figures to, for Prometheus (node_exporter's textfile collector).
///
/// It is written when something changed, at most once in ``pause``, and otherwise now and then, so that its age tells
/// whether the server lives. An idle server sleeps.
struct MetricsFile {
  static let pause = Duration.seconds(10)
  static let heartbeat = Duration.seconds(300)

  /// Ends in `.prom`: the collector reads no other.
  let path: String
  let text: @Sendable () throws -> String
  /// Called with what went wrong, once for as long as it goes wrong in the same way.
  let complain: @Sendable (any Error) -> Void

  /// Runs until its task is cancelled. Then the file goes: a server that does not run has no figures.
  ///
  /// - Parameter hints: an element whenever a figure may have changed.
  func run(on hints: [AsyncStream<Void>]) async {
    let (changes, changed) = AsyncStream.makeStream(
      of: Void.self, bufferingPolicy: .bufferingNewest(1))
    changed.yield()
    var feeders = hints.map { hints in Task { for await _ in hints { changed.yield() } } }
    feeders.append(
      Task { while (try? await Task.sleep(for: Self.heartbeat)) != nil { changed.yield() } })
    var lastFailure: String?
    for await _ in changes {
      do {
        try SecureFile.replace(path, with: text().utf8, mode: SecureFile.worldReadable)
        lastFailure = nil
      } catch {
        if lastFailure != "\(error)" { complain(error) }
        lastFailure = "\(error)"
      }
      if (try? await Task.sleep(for: Self.pause)) == nil { break }
    }
    for feeder in feeders { feeder.cancel() }
    unlink(path)
  }
}
