import OfficeSyncInMemoryStore
import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncReplication
import OfficeSyncStorage

/// One side of a fuzzed session: the real state machine and the real executor, driven as `Conversation` drives them, on a
/// store that answers at once.
final class Party {
  static let wall: UInt64 = 1_764_000_000_000

  let store: InMemoryStore
  private var session: any SyncSession
  private var executor: StoreExecutor
  private var decoder = FrameDecoder(frameBytesMax: Limits.helloFrameBytesMax)
  private(set) var outbox: [Frame] = []
  private(set) var isClosed = false
  private var wantsDrain = false
  /// An office that was put back from a copy.
  private let isRecovering: Bool

  init(
    _ session: any SyncSession, _ store: InMemoryStore, _ executor: StoreExecutor,
    isRecovering: Bool = false
  ) {
    self.session = session
    self.store = store
    self.executor = executor
    self.isRecovering = isRecovering
  }

  /// Whom the session takes the other side for; nil before it has said who it is.
  var peer: PeerInfo? { session.peer }

  func begin(_ actions: [SessionAction], _ session: any SyncSession) {
    self.session = session
    guarded { try perform(actions) }
  }

  func takeFrame() -> Frame? { outbox.isEmpty ? nil : outbox.removeFirst() }

  func receive(_ bytes: [UInt8]) {
    if isClosed { return }
    decoder.append(bytes)
    guarded {
      while !isClosed, let frame = try decoder.next() {
        guard let message = try Message(frame) else { continue }
        try perform(try session.received(message, wallMilliseconds: Self.wall))
      }
    }
    drain()
  }

  /// The link takes whatever is sent.
  private func drain() {
    while wantsDrain, !isClosed {
      wantsDrain = false
      guarded { try perform(session.drained()) }
    }
  }

  // MARK: Parts

  /// What a peer sends may end the session, and nothing worse.
  private func guarded(_ body: () throws -> Void) {
    do {
      try body()
    } catch let error as SessionError {
      if let failure = error.failure { send(.fail(failure)) }
      isClosed = true
    } catch let error as StorageError {
      switch error {
      case .forked, .namesChanged, .restored, .overtaken, .counterExhausted: isClosed = true
      case .noStore, .exists, .notOurs, .newer, .damaged, .foreignOwner, .networkFileSystem,
        .diskFull, .diskNearlyFull, .busy, .io, .limit, .pathTwice, .officesOnly, .ownedByAnother,
        .disputed, .grantedByWildcard:
        require(false, "a peer brought the store to \(error)")
      }
    } catch is CodecError {
      isClosed = true
    } catch is FrameError {
      isClosed = true
    } catch {
      require(false, "a peer brought about \(error)")
    }
  }

  private func send(_ message: Message) {
    let frame = message.frame
    require(frame.body.count < Limits.frameBytesMax, "a frame is too long to be taken")
    require((try? Message(frame)) == message, "what was sent reads as something else")
    outbox.append(frame)
  }

  private func perform(_ actions: [SessionAction]) throws {
    for action in actions {
      if let peer = session.peer { executor.peer = peer.replica }
      switch action {
      case .send(let message): send(message)
      case .store(let request, let channel): try perform(try ask(request, on: channel))
      case .admit: try perform(try admit())
      case .authorize(let open): try perform(try authorize(open))
      case .awaitDrain: wantsDrain = true
      case .raiseFrameLimit(let bytes): decoder.frameBytesMax = bytes
      case .compress, .watch, .review: break
      case .finished(_, let channel): executor.close(channel)
      case .close: isClosed = true
      }
    }
  }

  private func ask(_ request: StoreRequest, on channel: Channel) throws -> [SessionAction] {
    do {
      return try session.answered(try executor.perform(request, on: channel), on: channel)
    } catch let error as StorageError {
      guard let interruption = error.interruption else { throw error }
      return session.interrupted(interruption, on: channel)
    }
  }

  // MARK: The front desk

  /// As `StoreFrontDesk`: nobody presents a replica of somebody else's.
  private func admit() throws -> [SessionAction] {
    guard var server = session as? ServerSession, let peer = server.peer else { return [] }
    let claimed = Set(peer.formerReplicas + [peer.replica])
    guard peer.identity.role == .office || claimed.isSubset(of: Scene.deviceReplicas) else {
      throw SessionError(.replicaOwnedByAnother, "\(peer.replica) belongs to another identity")
    }
    let access = store.collections().map {
      Welcome.Access(collection: $0, read: true, write: true, isHeld: true)
    }
    let actions = server.admitted(access, isRecovering: isRecovering)
    session = server
    return actions
  }

  private func authorize(_ open: Open) throws -> [SessionAction] {
    guard var server = session as? ServerSession, let peer = server.peer else { return [] }
    let isAllowed = peer.identity.role == .office || open.collection != .office
    let view = isAllowed ? try executor.open(open.collection, on: open.channel) : nil
    let actions = server.authorized(
      open, directions: isAllowed ? open.directions : [], view: view)
    session = server
    return actions
  }
}
