import AsyncAlgorithms
import NIOCore
import OfficeSyncCompression
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
  /// What the driver does for a server beside the store: admission and grants. Returns how the session goes on.
  typealias Reception =
    @Sendable (SessionAction, PeerInfo) async throws
    -> @Sendable (inout Session) throws -> [SessionAction]
  /// Has what changes in the store told from now on; nil where nobody can tell.
  typealias Changes =
    @Sendable (@escaping ChangeFeed.Listener) async throws -> ChangeFeed.Subscription?

  private(set) var session: Session
  private(set) var traffic = Traffic()
  private(set) var outcomes: [ChannelOutcome] = []
  private let worker: StoreWorker
  private let introductionTime: Duration?
  private let sessionBytesMax: Int?
  private let wall: @Sendable () -> UInt64
  private let reception: Reception
  private let observe: @Sendable (Session) -> Void
  private let changes: Changes
  private let report: @Sendable (ChannelOutcome, Session) async -> Void
  private let rechecks: Rechecks?
  private var reader: FrameReader
  /// What is to be taken next.
  private var received: Message?
  private var chatter = Chatter(began: .now)
  /// While the conversation runs.
  private var tasks: ConversationTasks?
  private let events = AsyncChannel<ConversationEvent>()
  private let activity: Activity
  private var isClosing = false
  /// The batch that the store takes in while messages are read on.
  private var applying: (channel: OfficeSyncProtocol.Channel, answer: Task<StoreAnswer, any Error>)?
  private var batches = 0
  /// Of a session that lasts.
  private var heart: Alarm?
  private var subscription: ChangeFeed.Subscription?

  /// - Parameters:
  ///   - idleTime: how long the peer may be silent.
  ///   - introductionTime: how long it may take over its first message, however it drips in; nil for as long as it is
  ///     not silent.
  ///   - sessionBytesMax: how much the peer may send, in bytes of frames; nil for any.
  ///   - observe: called after each batch of messages, for progress.
  ///   - changes: for a session that lasts, what changes in the store.
  ///   - rechecks: tells when to look again whether the peer may stay.
  ///   - report: in a session that lasts, called for each collection that was exchanged, as soon as it is known to last;
  ///     what it was called for is not among the outcomes.
  init(
    session: Session, worker: StoreWorker, idleTime: Duration,
    introductionTime: Duration? = nil, sessionBytesMax: Int? = nil,
    wall: @escaping @Sendable () -> UInt64,
    rechecks: Rechecks?, reception: @escaping Reception = { _, _ in { _ in [] } },
    observe: @escaping @Sendable (Session) -> Void = { _ in },
    changes: @escaping Changes = { _ in nil },
    report: @escaping @Sendable (ChannelOutcome, Session) async -> Void = { _, _ in }
  ) {
    self.session = session
    self.worker = worker
    activity = Activity(patience: idleTime)
    self.introductionTime = introductionTime
    self.sessionBytesMax = sessionBytesMax
    self.wall = wall
    self.rechecks = rechecks
    self.reception = reception
    self.observe = observe
    self.changes = changes
    self.report = report
    reader = FrameReader(frameBytesMax: Limits.helloFrameBytesMax)
  }

  /// Ask a running conversation to end as soon as nothing is under way.
  var stopper: @Sendable () async -> Void {
    { [events] in await events.send(.stop) }
  }

  /// Runs until the session is over.
  /// - Parameter opening: what to do first.
  /// - Throws: `SessionError`, `StorageError`, ``ConversationError``, or what the connection failed with.
  mutating func run(on connection: SecureConnection, opening: [SessionAction]) async throws {
    let vigil = await PeerVigil(over: connection, rechecks, reportingTo: events, wall: wall)
    defer { vigil.end() }
    let failure: (any Error)? = try await connection.channel.executeThenClose { inbound, outbound in
      let tasks = ConversationTasks(
        on: connection.channel.channel, inbound: inbound, outbound: outbound, reportingTo: events,
        activity: activity, introductionTime: introductionTime)
      self.tasks = tasks
      var failure: (any Error)?
      var saidWhy = false
      do {
        try await loop(opening)
      } catch {
        failure = error
        saidWhy = await breakOff(error)
      }
      heart?.cancel()
      subscription?.end()
      events.finish()
      await tasks.end(lingering: saidWhy)
      return failure
    }
    let bytes = await connection.socketBytes()
    traffic.bytesSent = bytes.sent
    traffic.bytesReceived = bytes.received
    if let failure { throw failure }
  }

  /// Runs one that the peer began.
  /// - Returns: what went wrong.
  @inline(never)
  mutating func failure(on connection: SecureConnection) async -> LinkError? {
    do {
      try await run(on: connection, opening: [])
      return nil
    } catch {
      return LinkError(error)
    }
  }

  /// - Returns: whether the peer is told why.
  @inline(never)
  private mutating func breakOff(_ error: any Error) async -> Bool {
    await keepWhatCame()
    outcomes += session.unfinished
    guard let reason = Fail(farewellTo: error) else { return false }
    send(.fail(reason))
    return true
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
        if session.isIdle && !reader.holdsPartialFrame { return }
        throw writingError ?? ConversationError.peerLeft
      case .failed(let error): throw error
      case .writingFailed(let error):
        // Reading ends too, and knows better why: a refusal comes in that way.
        writingError = error
        continue
      case .idle:
        guard activity.quietTime >= activity.patience else { continue }
        throw ConversationError.silent(seconds: activity.patience.components.seconds)
      case .introductionDue:
        guard session.peer == nil, let introductionTime else { continue }
        throw ConversationError.noHello(seconds: introductionTime.components.seconds)
      case .stop: isStopping = true
      case .distrusted(let error): throw ConversationError.distrusted(error)
      case .accessChanged:
        try await perform(session.accessChanged())
        continue
      case .changed(let digests):
        try await perform(session.changed(digests))
        continue
      case .aliveDue:
        send(.alive)
        continue
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
    reader.append(buffer.readableBytesView)
    while try readMessage() {
      while let applying, session.isSaturated(applying.channel) { try await finishApplying() }
      try await perform(takeMessage())
    }
  }

  // These two are apart from `take`, as a message and what is made of it take kilobytes, which would stay with the task.

  /// Reads on to the next message that has come whole.
  /// - Returns: whether there is one.
  @inline(never)
  private mutating func readMessage() throws -> Bool {
    defer { traffic.frameBytesReceived = reader.frameBytes }
    received = isClosing ? nil : try reader.nextMessage(skipped: &chatter.frames)?.message
    if received?.kind == .alive { chatter.frames += 1 }
    try checkAmount()
    return received != nil
  }

  @inline(never)
  private mutating func takeMessage() throws -> [SessionAction] {
    guard let message = received else { return [] }
    received = nil
    let known = session.peer
    let actions = try session.received(message, wallMilliseconds: wall())
    if let peer = session.peer, peer != known { worker.setPeer(peer) }
    return actions
  }

  /// - Throws: `SessionError` for what is more than a session may bring, or nothing but frames that bring nothing.
  private mutating func checkAmount() throws(SessionError) {
    if let sessionBytesMax, reader.frameBytes > sessionBytesMax {
      throw SessionError(.busy, "this session has brought as much as one may; go on in another")
    }
    if chatter.isTooMuch(at: .now) {
      throw SessionError(.protocolViolation, "frame after frame comes that says nothing")
    }
  }

  /// One after the other; what an action leads to goes before those behind it.
  private mutating func perform(_ actions: [SessionAction]) async throws {
    var due = actions[...]
    while let action = due.popFirst() { due = try await carryOut(action) + due }
  }

  /// - Returns: what is to be done next. It does not do that itself: the memory of the deepest call stays with the task for as
  ///   long as the session lasts, and one of these takes kilobytes.
  @inline(never)
  private mutating func carryOut(_ action: SessionAction) async throws -> [SessionAction] {
    switch action {
    case .send(let message): send(message)
    case .store(let request, let channel):
      guard case .apply = request else {
        return try await answered(on: channel) { [worker] in
          try await worker.perform(request, on: channel)
        }
      }
      if applying != nil { return try await answerOfBatch() + [action] }
      apply(request, on: channel)
    case .admit, .authorize, .review:
      guard let peer = session.peer else { return [] }
      // In a task of its own, whose memory goes with it.
      let answer = Task { [reception] in try await reception(action, peer) }
      return try await answer.value(&session)
    case .awaitDrain: tasks?.outbox.put(.reportDrained)
    case .raiseFrameLimit(let bytes): reader.frameBytesMax = bytes
    case .compress:
      reader.takesCompressed = true
      tasks?.outbox.put(.compress)
    case .watch:
      subscription = try await changes { [events] in await events.send(.changed($0)) }
      heart = tasks?.heart()
      activity.patience = .seconds(Limits.idleSecondsMax)
      tasks?.outbox.put(.settle)
      let done = outcomes
      outcomes = []
      for outcome in done { try await tell(outcome) }
    case .finished(let outcome, let channel):
      try await keep(outcome)
      if applying?.channel == channel { try await finishApplying() }
      worker.close(channel)
    case .close: isClosing = true
    }
    return []
  }

  /// What a session that lasts exchanges is told as it happens: nobody could hold all of it until the end.
  private mutating func keep(_ outcome: ChannelOutcome) async throws {
    if heart == nil { outcomes.append(outcome) } else { try await tell(outcome) }
  }

  /// - Throws: why a peer takes nothing now: nobody would tell when it does again, so a later session has to ask.
  private func tell(_ outcome: ChannelOutcome) async throws {
    await report(outcome, session)
    if let error = outcome.error, error.code == .storage, error.side == .peer { throw error }
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
    try await perform(try await answerOfBatch())
  }

  private mutating func answerOfBatch() async throws -> [SessionAction] {
    guard let (channel, answer) = applying else { return [] }
    applying = nil
    return try await answered(on: channel) { try await answer.value }
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
    traffic.frameBytesSent += frame.encodedBytes
    tasks?.outbox.put(.frame(frame))
  }
}
