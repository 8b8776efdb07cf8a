import NIOPosix
import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncStorage
import Synchronization

/// Tells the sessions that last what has changed in the store. One for a process: the store is looked at once, however many
/// sessions there are, and not at all while there is none.
public final class ChangeFeed: Sendable {
  public typealias Digests = [CollectionName: KnowledgeDigest]
  /// Told one thing after the other.
  typealias Listener = @Sendable (Digests) async -> Void

  /// What somebody is told until it is ended.
  final class Subscription: Sendable {
    private let feed: ChangeFeed
    private let number: Int

    fileprivate init(_ feed: ChangeFeed, _ number: Int) {
      self.feed = feed
      self.number = number
    }

    func end() { feed.state.withLock { $0.listeners[number] = nil } }
  }

  /// Writes come in bursts; the first is told after this time, with all that came by then.
  private static let gatheringTime = Duration.milliseconds(20)

  private struct State {
    var known: Digests = [:]
    var listeners: [Int: Mailbox] = [:]
    var last = 0
  }

  /// What a listener has not been told yet: of each collection the latest. A task tells it, and while nothing waits there is
  /// none.
  private final class Mailbox: Sendable {
    private let listener: Listener
    private let state = Mutex<(waiting: Digests, isTelling: Bool)>(([:], false))

    init(_ listener: @escaping Listener) { self.listener = listener }

    func put(_ digests: Digests) {
      let isFirst = state.withLock { state in
        state.waiting.merge(digests) { _, new in new }
        defer { state.isTelling = true }
        return !state.isTelling
      }
      if isFirst { Task { await tell() } }
    }

    private func tell() async {
      while let digests = take() { await listener(digests) }
    }

    private func take() -> Digests? {
      state.withLock { state in
        defer { state.waiting = [:] }
        state.isTelling = !state.waiting.isEmpty
        return state.isTelling ? state.waiting : nil
      }
    }
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
        for listener in state.listeners.values { listener.put(news) }
      }
    }
  }

  /// Tells what the store knows of each collection, and then of each that changes.
  func subscribe(_ listener: @escaping Listener) async throws -> Subscription {
    let mailbox = Mailbox(listener)
    let number = state.withLock { state in
      state.last += 1
      state.listeners[state.last] = mailbox
      return state.last
    }
    let subscription = Subscription(self, number)
    do {
      mailbox.put(try await digests())
    } catch {
      subscription.end()
      throw error
    }
    return subscription
  }

  /// The same as a stream.
  public func subscribe() async throws -> AsyncStream<Digests> {
    let (stream, continuation) = AsyncStream.makeStream(of: Digests.self)
    let subscription = try await subscribe { continuation.yield($0) }
    continuation.onTermination = { _ in subscription.end() }
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
