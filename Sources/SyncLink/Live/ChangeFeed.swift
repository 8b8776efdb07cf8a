import NIOPosix
import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncStorage
import Synchronization

/// Tells the sessions that last what has changed in the store. One for a process: the store is looked at once, however many
/// sessions there are, and not at all while there is none.
public final class ChangeFeed: Sendable {
  public typealias Digests = [CollectionName: KnowledgeDigest]

  /// Writes come in bursts; the first is told after this time, with all that came by then.
  private static let gatheringTime = Duration.milliseconds(20)

  private struct State {
    var known: Digests = [:]
    var listeners: [Int: AsyncStream<Digests>.Continuation] = [:]
    var last = 0
  }

  private let store: any RecordStore
  private let state = Mutex(State())

  public init(store: any RecordStore) {
    self.store = store
  }

  /// Runs until its task is cancelled, or there are no more hints.
  ///
  /// - Parameter hints: an element whenever something may have changed in the store.
  public func run(on hints: AsyncStream<Void>) async {
    for await _ in hints {
      guard (try? await Task.sleep(for: Self.gatheringTime)) != nil else { return }
      if state.withLock({ $0.listeners.isEmpty }) { continue }
      // A store that cannot be read now is looked at again with the next hint; its sessions will say what is wrong.
      guard let digests = try? await digests() else { continue }
      state.withLock { state in
        let news = digests.filter { state.known[$0.key] != $0.value }
        state.known = digests
        if news.isEmpty { return }
        for listener in state.listeners.values { listener.yield(news) }
      }
    }
  }

  /// As below, of what `filter` leaves.
  func subscribe(
    filter: @escaping @Sendable (Digests) async throws -> Digests
  ) async throws -> AsyncStream<Digests> {
    let all = try await subscribe()
    let (stream, continuation) = AsyncStream.makeStream(of: Digests.self)
    let task = Task {
      for await digests in all {
        if let rest = try? await filter(digests), !rest.isEmpty { continuation.yield(rest) }
      }
      continuation.finish()
    }
    continuation.onTermination = { _ in task.cancel() }
    return stream
  }

  /// What the store knows of each collection, now and then of each that changes.
  public func subscribe() async throws -> AsyncStream<Digests> {
    let (stream, continuation) = AsyncStream.makeStream(of: Digests.self)
    let number = state.withLock { state in
      state.last += 1
      state.listeners[state.last] = continuation
      return state.last
    }
    continuation.onTermination = { [weak self] _ in
      self?.state.withLock { $0.listeners[number] = nil }
    }
    continuation.yield(try await digests())
    return stream
  }

  private func digests() async throws -> Digests {
    try await NIOThreadPool.store.runIfActive { [store] in
      var digests: Digests = [:]
      for name in try store.collections() {
        digests[name] = try store.snapshot(of: name).knowledge.digest
      }
      return digests
    }
  }
}
