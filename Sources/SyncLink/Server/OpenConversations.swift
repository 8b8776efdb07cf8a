import OfficeSyncRecords
import Synchronization

/// The conversations that a listener has open: how many of them there may be, and how they end in good order.
final class OpenConversations: Sendable {
  private struct Entry {
    /// Once it is known who is at the other end.
    var identity: Identity?
    var turnAway: @Sendable () -> Void
    var task: Task<Void, Never>?
    var stop: (@Sendable () async -> Void)?
  }

  private struct State {
    var entries: [Int: Entry] = [:]
    /// Those at the door, in the order in which they came.
    var waiting = WaitingLine()
    var sessions: [Identity: Int] = [:]
    var last = 0
    var isStopping = false
    var closers: [@Sendable () -> Void] = []
    var capacity: SyncListener.Capacity
  }

  private let state: Mutex<State>

  /// Why there is no room for a conversation.
  enum Refusal: String, Error {
    case tooMany = "too many are open"
    case tooManyOfIdentity = "too many of this identity are open"
    case stopping = "the server is stopping"

    var refusal: OfficeSyncSyncLink.Refusal {
      let code =
        switch self {
        case .tooMany: "too-many-connections"
        case .tooManyOfIdentity: "too-many-of-identity"
        case .stopping: "stopping"
        }
      return OfficeSyncSyncLink.Refusal(code: code, reason: rawValue)
    }
  }

  init(capacity: SyncListener.Capacity) {
    state = Mutex(State(capacity: capacity))
  }

  /// How much room there is from now on. Who is in stays.
  func take(_ capacity: SyncListener.Capacity) { state.withLock { $0.capacity = capacity } }

  var count: Int { state.withLock { $0.entries.count } }

  /// A number for a new conversation, which waits at the door. Where there is no room, another one is turned away.
  ///
  /// - Parameter turnAway: ends it at once, while it waits.
  func enter(
    from address: String, turnAway: @escaping @Sendable () -> Void
  ) throws(Refusal) -> Int {
    let (number, other) = try state.withLock { (state) throws(Refusal) in
      if state.isStopping { throw .stopping }
      let late = state.waiting.makeRoom(for: address, state.capacity)
      state.last += 1
      state.entries[state.last] = Entry(turnAway: turnAway)
      state.waiting.add(state.last, from: address)
      return (state.last, late.flatMap { state.entries[$0]?.turnAway })
    }
    other?()
    return number
  }

  /// It is known now who is at the other end. Who is refused stays at the door, to hear why.
  func admit(_ number: Int, as identity: Identity) throws(Refusal) {
    try state.withLock { (state) throws(Refusal) in
      let inside = state.sessions.values.reduce(0, +)
      if inside >= state.capacity.connectionsMax { throw .tooMany }
      if state.sessions[identity, default: 0] >= state.capacity.connectionsPerIdentityMax {
        throw .tooManyOfIdentity
      }
      state.waiting.remove(number)
      state.entries[number]?.identity = identity
      state.sessions[identity, default: 0] += 1
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
    state.withLock { state in
      state.waiting.remove(number)
      guard let identity = state.entries.removeValue(forKey: number)?.identity else { return }
      let left = (state.sessions[identity] ?? 1) - 1
      state.sessions[identity] = left > 0 ? left : nil
    }
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

/// Who waits at the door, and how many from each address.
struct WaitingLine {
  private var addresses: [Int: String] = [:]
  private var counts: [String: Int] = [:]

  /// Takes out who came first, of one address or of all, where there are as many as there may be.
  ///
  /// - Returns: that one's number.
  mutating func makeRoom(for address: String, _ capacity: SyncListener.Capacity) -> Int? {
    var late: Int?
    if counts[address, default: 0] >= capacity.handshakesPerAddressMax {
      late = addresses.lazy.filter { $0.value == address }.map(\.key).min()
    } else if addresses.count >= capacity.handshakesMax {
      late = addresses.keys.min()
    }
    if let late { remove(late) }
    return late
  }

  /// - Parameter number: higher than all before.
  mutating func add(_ number: Int, from address: String) {
    addresses[number] = address
    counts[address, default: 0] += 1
  }

  mutating func remove(_ number: Int) {
    guard let address = addresses.removeValue(forKey: number) else { return }
    let left = (counts[address] ?? 1) - 1
    counts[address] = left > 0 ? left : nil
  }
}
