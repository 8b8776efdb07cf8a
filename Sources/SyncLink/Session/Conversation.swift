import AsyncAlgorithms
import NIOCore
import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncReplication
import OfficeSyncStorage

/// Runs one session over one connection: bytes → frames → messages → session → actions → bytes and store calls.
///
/// One loop owns the session. A reading task hands it what comes and waits until it is taken, so that a slow store slows the
/// peer; a writing task takes what goes out, so that a slow peer never keeps the loop from reading. While the store takes in
/// one batch, the loop reads and decodes the next.
struct Conversation<Session: SyncSession> {
  /// What the driver does for a server beside the store: admission and grants.
  typealias Reception = @Sendable (SessionAction, inout Session) async throws -> [SessionAction]

  private(set) var session: Session
  private(set) var traffic = Traffic()
  private(set) var outcomes: [ChannelOutcome] = []
  private let worker: StoreWorker
  private let idleTime: Duration
  private let introductionTime: Duration?
  private let wall: @Sendable () -> UInt64
  private let reception: Reception
  private let observe: @Sendable (Session) -> Void
  private var decoder: FrameDecoder
  private let outbox: AsyncStream<Outbound>.Continuation
  private let outgoing: AsyncStream<Outbound>
  private let events = AsyncChannel<ConversationEvent>()
  private let activity = Activity()
  private var isClosing = false
  /// The batch that the store takes in while messages are read on.
  private var applying: (channel: OfficeSyncProtocol.Channel, answer: Task<StoreAnswer, any Error>)?
  private var batches = 0

  /// - Parameters:
  ///   - idleTime: how long the peer may be silent.
  ///   - introductionTime: how long it may take over its first message, however it drips in; nil for as long as it is
  ///     not silent.
  ///   - observe: called after each batch of messages, for progress.
  init(
    session: Session, worker: StoreWorker, idleTime: Duration,
    introductionTime: Duration? = nil, wall: @escaping @Sendable () -> UInt64,
    reception: @escaping Reception = { _, _ in [] },
    observe: @escaping @Sendable (Session) -> Void = { _ in }
  ) {
    self.session = session
    self.worker = worker
    self.idleTime = idleTime
    self.introductionTime = introductionTime
    self.wall = wall
    self.reception = reception
    self.observe = observe
    decoder = FrameDecoder(frameBytesMax: Limits.helloFrameBytesMax)
    (outgoing, outbox) = AsyncStream.makeStream()
  }

  /// Ask a running conversation to end as soon as nothing is under way.
  var stopper: @Sendable () async -> Void {
    { [events] in await events.send(.stop) }
  }

  /// Runs until the session is over.
  /// - Parameter opening: what to do first.
  /// - Throws: `SessionError`, `StorageError`, ``ConversationError``, or what the connection failed with.
  mutating func run(on connection: SecureConnection, opening: [SessionAction]) async throws {
    let failure: (any Error)? = try await connection.channel.executeThenClose { inbound, outbound in
      let tasks = ConversationTasks(
        on: connection.channel.channel, inbound: inbound, outbound: outbound, sending: outgoing,
        reportingTo: events, activity: activity, idleTime: idleTime,
        introductionTime: introductionTime)
      var failure: (any Error)?
      var saidWhy = false
      do {
        try await loop(opening)
      } catch {
        failure = error
        await keepWhatCame()
        outcomes += session.unfinished
        if let reason = Fail(farewellTo: error) {
          send(.fail(reason))
          saidWhy = true
        }
      }
      outbox.finish()
      events.finish()
      await tasks.end(lingering: saidWhy)
      return failure
    }
    let bytes = await connection.socketBytes()
    traffic.bytesSent = bytes.sent
    traffic.bytesReceived = bytes.received
    if let failure { throw failure }
  }

  // MARK: The loop

  private mutating func loop(_ opening: [SessionAction]) async throws {
    try await perform(opening)
    if isClosing { return }
    var isStopping = false
    var writingError: (any Error)?
    for await event in events {
      switch event {
      case .bytes(let buffer): try await take(buffer)
      case .drained: try await perform(session.drained())
      case .applied(let batch): if batch == batches { try await finishApplying() }
      case .ended:
        if session.isIdle && !decoder.holdsPartialFrame { return }
        throw writingError ?? ConversationError.peerLeft
      case .failed(let error): throw error
      case .writingFailed(let error):
        // Reading ends too, and knows better why: a refusal comes in that way.
        writingError = error
        continue
      case .idle:
        guard activity.quietTime >= idleTime else { continue }
        throw ConversationError.silent(seconds: idleTime.components.seconds)
      case .introductionDue:
        guard session.peer == nil, let introductionTime else { continue }
        throw ConversationError.noHello(seconds: introductionTime.components.seconds)
      case .stop: isStopping = true
      }
      // The time that this side took is not the peer's silence.
      activity.note()
      try Task.checkCancellation()
      observe(session)
      if isClosing { return }
      if isStopping && session.isIdle { throw ConversationError.stopping }
    }
    try Task.checkCancellation()
    throw ConversationError.peerLeft
  }

  private mutating func take(_ buffer: ByteBuffer) async throws {
    traffic.frameBytesReceived += buffer.readableBytes
    decoder.append(buffer.readableBytesView)
    while !isClosing, let (_, message) = try decoder.nextMessage() {
      while let applying, session.isSaturated(applying.channel) { try await finishApplying() }
      let known = session.peer
      let actions = try session.received(message, wallMilliseconds: wall())
      if let peer = session.peer, peer != known { worker.setPeer(peer) }
      try await perform(actions)
    }
  }

  private mutating func perform(_ actions: [SessionAction]) async throws {
    for action in actions {
      switch action {
      case .send(let message): send(message)
      case .store(let request, let channel):
        if case .apply = request {
          while applying != nil { try await finishApplying() }
          apply(request, on: channel)
        } else {
          try await perform(
            try await answered(on: channel) { [worker] in
              try await worker.perform(request, on: channel)
            })
        }
      case .admit, .authorize: try await perform(try await reception(action, &session))
      case .awaitDrain: outbox.yield(.reportDrained)
      case .raiseFrameLimit(let bytes): decoder.frameBytesMax = bytes
      case .finished(let outcome, let channel):
        outcomes.append(outcome)
        if applying?.channel == channel { try await finishApplying() }
        worker.close(channel)
      case .close: isClosing = true
      }
    }
  }

  private mutating func answered(
    on channel: OfficeSyncProtocol.Channel, by store: () async throws -> StoreAnswer
  ) async throws -> [SessionAction] {
    do {
      return try session.answered(try await store(), on: channel)
    } catch let error as StorageError {
      guard let interruption = error.interruption else { throw error }
      return session.interrupted(interruption, on: channel)
    }
  }

  // MARK: Batches

  private mutating func apply(_ request: StoreRequest, on channel: OfficeSyncProtocol.Channel) {
    batches += 1
    let answer = Task { [worker] in try await worker.perform(request, on: channel) }
    applying = (channel, answer)
    Task { [events, batches] in
      _ = await answer.result
      await events.send(.applied(batches))
    }
  }

  /// Waits for the batch under way; the session may begin the next.
  private mutating func finishApplying() async throws {
    guard let (channel, answer) = applying else { return }
    applying = nil
    try await perform(try await answered(on: channel) { try await answer.value })
  }

  /// A session that breaks off loses nothing of what it has received.
  private mutating func keepWhatCame() async {
    while let (channel, answer) = applying {
      applying = nil
      let actions = (try? await answered(on: channel) { try await answer.value }) ?? []
      for case .store(.apply(let records, let rule, let progress), let channel) in actions {
        apply(.apply(records, rule: rule, progress: progress), on: channel)
      }
    }
  }

  private mutating func send(_ message: Message) {
    let frame = message.frame
    traffic.frameBytesSent += Frame.headerBytes + 1 + frame.body.count
    outbox.yield(.frame(frame))
  }
}
