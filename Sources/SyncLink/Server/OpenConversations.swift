import Synchronization

/// The conversations that a listener has open, to end them in good order.
final class OpenConversations: Sendable {
  private struct Entry {
    var task: Task<Void, Never>?
    var stop: (@Sendable () async -> Void)?
  }

  private struct State {
    var entries: [Int: Entry] = [:]
    var last = 0
    var isStopping = false
    var closers: [@Sendable () -> Void] = []
  }

  private let state = Mutex(State())

  /// Why there is no room for a new conversation.
  enum Refusal: String, Error {
    case tooMany = "too many are open"
    case stopping = "the server is stopping"
  }

  var count: Int { state.withLock { $0.entries.count } }

  /// A number for a new conversation.
  func enter(max: Int) throws(Refusal) -> Int {
    try state.withLock { (state) throws(Refusal) in
      if state.isStopping { throw .stopping }
      if state.entries.count >= max { throw .tooMany }
      state.last += 1
      state.entries[state.last] = Entry()
      return state.last
    }
  }

  func note(_ task: Task<Void, Never>, for number: Int) {
    state.withLock { $0.entries[number]?.task = task }
  }

  /// How to ask the conversation to end, in the place of what was noted before; it is asked at once if the listener is
  /// stopping.
  func note(_ stop: @escaping @Sendable () async -> Void, for number: Int) {
    let isStopping = state.withLock {
      $0.entries[number]?.stop = stop
      return $0.isStopping
    }
    if isStopping { Task { await stop() } }
  }

  func leave(_ number: Int) {
    state.withLock { $0.entries[number] = nil }
  }

  /// What to close when the listener stops; closed at once if it is stopping already.
  func onStop(_ close: @escaping @Sendable () -> Void) {
    let isStopping = state.withLock {
      $0.closers.append(close)
      return $0.isStopping
    }
    if isStopping { close() }
  }

  func stop() async {
    let (closers, stops) = state.withLock {
      $0.isStopping = true
      return ($0.closers, $0.entries.values.compactMap(\.stop))
    }
    for close in closers { close() }
    await withDiscardingTaskGroup { group in
      for stop in stops { group.addTask { await stop() } }
    }
  }

  /// Waits for the conversations to end, and breaks off what is left after `time`.
  func end(within time: Duration) async {
    let tasks = state.withLock { $0.entries.values.compactMap(\.task) }
    await withTaskGroup(of: Void.self) { group in
      group.addTask {
        for task in tasks { await task.value }
      }
      group.addTask { try? await Task.sleep(for: time) }
      await group.next()
      for task in tasks { task.cancel() }
      group.cancelAll()
    }
  }
}
