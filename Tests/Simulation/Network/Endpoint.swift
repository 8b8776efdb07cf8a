import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncReplication
import OfficeSyncStorage
import OfficeSyncSyncLink
import OfficeSyncTestSupport

/// One side of a session: the real state machine and the real executor, driven without threads.
final class Endpoint {
  /// What the simulator is told, in order.
  enum Notice {
    case deed(WatchedStore.Deed)
    case received(Message)
    case finished(ChannelOutcome)
    case failed(SessionError)
    /// What a client that verifies has found.
    case compared([ComparisonOutcome])
  }

  let site: Site
  private var session: any SyncSession
  private var executor: StoreExecutor
  private var decoder = FrameDecoder(frameBytesMax: Limits.helloFrameBytesMax)
  private let notify: (Notice) throws -> Void
  /// Bytes for the network to take.
  private(set) var outbox: [UInt8] = []
  private(set) var isClosed = false
  private(set) var wantsDrain = false
  /// Says when a store answers the batch that it has.
  private var lag: SplitMix64
  private var applying: (request: StoreRequest, channel: Channel)?

  /// - Parameter notify: called before anything else happens.
  init(
    _ session: any SyncSession, at site: Site, executor: StoreExecutor, lag: SplitMix64,
    notify: @escaping (Notice) throws -> Void
  ) {
    self.site = site
    self.session = session
    self.executor = executor
    self.lag = lag
    self.notify = notify
  }

  func start() throws {
    try guarded {
      let now = site.clock.milliseconds
      let actions: [SessionAction]
      switch session {
      case var client as ClientSession:
        actions = client.start(wallMilliseconds: now)
        session = client
      case var client as VerifySession:
        actions = client.start(wallMilliseconds: now)
        session = client
      default: return
      }
      try perform(actions)
    }
  }

  func takeOutbox() -> [UInt8] {
    defer { outbox = [] }
    return outbox
  }

  func receive(_ bytes: some Collection<UInt8>) throws {
    if isClosed { return }
    decoder.append(bytes)
    try guarded {
      while !isClosed, let frame = try nextFrame() {
        guard let message = try decode(frame) else { continue }
        while let applying, session.isSaturated(applying.channel) || lag.oneIn(3) { try answer() }
        try notify(.received(message))
        try perform(
          try session.received(message, wallMilliseconds: site.clock.milliseconds))
      }
    }
  }

  /// The network has taken all that was sent.
  func drained() throws {
    guard wantsDrain, !isClosed else { return }
    wantsDrain = false
    try guarded {
      try perform(session.drained())
    }
  }

  /// The peer closed, or the link broke. As `Conversation`: what has come is kept.
  func ended() throws {
    if isClosed { return }
    isClosed = true
    try keepWhatCame()
  }

  /// The program is no more.
  func die() { isClosed = true }

  // MARK: Batches

  var awaitsBatch: Bool { applying != nil && !isClosed }

  /// The store is done with the batch that it has.
  func answerBatch() throws {
    if !isClosed { try guarded { try answer() } }
  }

  private func answer() throws {
    guard let (request, channel) = applying else { return }
    applying = nil
    try perform(try ask(request, on: channel))
  }

  private func keepWhatCame() throws {
    while let (request, channel) = applying {
      applying = nil
      do {
        for case .store(let next, let channel) in try ask(request, on: channel) {
          if case .apply = next { applying = (next, channel) }
        }
      } catch let crash as SimulatedCrash {
        throw crash
      } catch let violation as Violation {
        throw violation
      } catch {
        // Nobody is left to be told.
        return
      }
    }
  }

  // MARK: Parts

  /// As `Conversation`: what ends the session is said to the peer first.
  private func guarded(_ body: () throws -> Void) throws {
    do {
      try body()
    } catch let error as SessionError {
      try notify(.failed(error))
      try close(saying: error.failure)
    } catch let error as StorageError {
      try notify(.failed(SessionError(.storage, "\(error)")))
      try close(saying: Fail(code: .storage, message: "the store cannot be read or written"))
    }
  }

  private func close(saying failure: Fail?) throws {
    if let failure { outbox += Message.fail(failure).frame.encoded }
    isClosed = true
    try keepWhatCame()
  }

  private func nextFrame() throws -> Frame? {
    do { return try decoder.next() } catch {
      throw SessionError(.protocolViolation, "what came is no frame: \(error)")
    }
  }

  private func decode(_ frame: Frame) throws -> Message? {
    do { return try Message(frame) } catch {
      throw SessionError(.protocolViolation, "a message is malformed: \(error)")
    }
  }

  private func perform(_ actions: [SessionAction]) throws {
    // Whatever changes the session comes by here.
    if let peer = session.peer { executor.peer = peer.replica }
    for action in actions {
      switch action {
      case .send(let message): outbox += message.frame.encoded
      case .store(let request, let channel):
        if case .apply = request {
          while applying != nil { try answer() }
          applying = (request, channel)
        } else {
          try perform(try ask(request, on: channel))
        }
      case .admit: try perform(try admit())
      case .authorize(let open): try perform(try authorize(open))
      case .awaitDrain: wantsDrain = true
      case .raiseFrameLimit(let bytes): decoder.frameBytesMax = bytes
      case .compress, .watch, .review: break
      case .finished(let outcome, let channel):
        if applying?.channel == channel { try answer() }
        executor.close(channel)
        try notify(.finished(outcome))
      case .close:
        isClosed = true
        if let verify = session as? VerifySession { try notify(.compared(verify.comparisons)) }
      }
    }
  }

  private func ask(_ request: StoreRequest, on channel: Channel) throws -> [SessionAction] {
    do {
      let answer = try executor.perform(sized(request), on: channel)
      try report()
      return try session.answered(answer, on: channel)
    } catch let error as StorageError {
      guard let interruption = error.interruption else { throw error }
      return session.interrupted(interruption, on: channel)
    } catch let crash as SimulatedCrash {
      try report()
      throw crash
    }
  }

  /// At some sites each record goes by itself, and many batches make a stream that is as long as others' are.
  private func sized(_ request: StoreRequest) -> StoreRequest {
    guard site.readsRecordByRecord, case .read(let ranges, _) = request else {
      return request
    }
    return .read(ranges, bytesGoal: 1)
  }

  /// Passes on what the store has done.
  func report() throws {
    for deed in site.store.takeDeeds() { try notify(.deed(deed)) }
  }

  // MARK: The front desk

  private func admit() throws -> [SessionAction] {
    guard var server = session as? ServerSession, let peer = server.peer else { return [] }
    site.owners[peer.identity, default: []].insert(peer.replica)
    let access = site.grants[peer.identity] ?? .write
    let reachable = try site.store.collections().map {
      Welcome.Access(
        collection: $0, read: access.mayRead, write: access.mayWrite, isHeld: true)
    }
    let actions = server.admitted(
      access == .none ? [] : reachable, isRecovering: try site.store.isRecovering)
    session = server
    return actions
  }

  private func authorize(_ open: Open) throws -> [SessionAction] {
    guard var server = session as? ServerSession, let peer = server.peer else { return [] }
    let access = site.grants[peer.identity] ?? .write
    var allowed: Directions = []
    if access.mayRead { allowed.insert(.pull) }
    if access.mayWrite { allowed.insert(.push) }
    allowed.formIntersection(open.directions)
    let view = allowed.isEmpty ? nil : try executor.open(open.collection, on: open.channel)
    try report()
    let actions = server.authorized(open, directions: allowed, view: view)
    session = server
    return actions
  }
}
