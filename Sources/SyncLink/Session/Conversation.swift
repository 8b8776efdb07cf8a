import AsyncAlgorithms
import NIOCore
import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncReplication
import OfficeSyncStorage

/// What a conversation carried, for reports and logs.
public struct Traffic: Hashable, Sendable {
  /// Of our frames, before TLS.
  public var frameBytesSent = 0
  public var frameBytesReceived = 0
  /// Of the socket, handshake included.
  public var bytesSent = 0
  public var bytesReceived = 0

  public init() {}

  mutating func add(_ other: Traffic) {
    frameBytesSent += other.frameBytesSent
    frameBytesReceived += other.frameBytesReceived
    bytesSent += other.bytesSent
    bytesReceived += other.bytesReceived
  }
}

/// Why a conversation ended early, beside what the session itself finds.
enum ConversationError: Error, Hashable {
  /// The peer closed, or the link broke, before the session was over.
  case peerLeft
  /// Nothing came for as long as this side waits.
  case silent(seconds: Int64)
  /// Bytes came for as long as this side waits, but no whole Hello.
  case noHello(seconds: Int64)
  /// This program is shutting down.
  case stopping
}

/// Runs one session over one connection: bytes → frames → messages → session → actions → bytes and store calls.
///
/// One loop owns the session. A reading task hands it what comes and waits until it is taken, so that a slow store slows the
/// peer; a writing task takes what goes out, so that a slow peer never keeps the loop from reading.
struct Conversation<Session: SyncSession> {
  enum Event: Sendable {
    case bytes(ByteBuffer)
    case drained
    case ended
    /// The connection failed while reading.
    case failed(any Error)
    case writingFailed(any Error)
    case idle
    /// The peer has had its time to say who it is.
    case introductionDue
    case stop
  }

  private enum Outbound: Sendable {
    case frame(Frame)
    case reportDrained
  }

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
  private let events = AsyncChannel<Event>()
  private let activity = Activity()
  private var isClosing = false

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
      let (activity, events, outgoing, idleTime) = (activity, events, outgoing, idleTime)
      let channel = connection.channel.channel
      // Not children of this task: they have work left when it is cancelled.
      let reader = Task { await Self.read(inbound, into: events, activity) }
      let watcher = Task { await Self.watch(activity, for: idleTime, events) }
      let introduction = introductionTime.map { time in
        Task {
          try await Task.sleep(for: time)
          await events.send(.introductionDue)
        }
      }
      let writer = Task {
        await Self.write(outgoing, to: outbound, events, activity) { channel.close(promise: nil) }
      }
      var failure: (any Error)?
      var saidWhy = false
      do {
        try await loop(opening)
      } catch {
        failure = error
        outcomes += session.unfinished
        if let reason = Self.farewell(to: error) {
          send(.fail(reason))
          saidWhy = true
        }
      }
      watcher.cancel()
      introduction?.cancel()
      outbox.finish()
      events.finish()
      await Self.wait(for: writer, atMost: ConversationLimits.lastWordsTime)
      // A socket closed with unread bytes is reset, and the peer would never see the reason.
      if saidWhy { await Self.wait(for: reader, atMost: ConversationLimits.lingerTime) }
      reader.cancel()
      await reader.value
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
    while !isClosing, let frame = try nextFrame() {
      guard let message = try decode(frame) else { continue }
      try await perform(try session.received(message, wallMilliseconds: wall()))
    }
  }

  private mutating func nextFrame() throws -> Frame? {
    do { return try decoder.next() } catch {
      throw SessionError(.protocolViolation, "what came is no frame: \(error)")
    }
  }

  private func decode(_ frame: Frame) throws -> Message? {
    do { return try Message(frame) } catch {
      throw SessionError(.protocolViolation, "a message is malformed: \(error)")
    }
  }

  private mutating func perform(_ actions: [SessionAction]) async throws {
    for action in actions {
      switch action {
      case .send(let message): send(message)
      case .store(let request, let channel):
        if let peer = session.peer { worker.setPeer(peer.replica) }
        try await perform(try await ask(request, on: channel))
      case .admit, .authorize:
        if let peer = session.peer { worker.setPeer(peer.replica) }
        try await perform(try await reception(action, &session))
      case .awaitDrain: outbox.yield(.reportDrained)
      case .raiseFrameLimit(let bytes): decoder.frameBytesMax = bytes
      case .finished(let outcome, let channel):
        outcomes.append(outcome)
        worker.close(channel)
      case .close: isClosing = true
      }
    }
  }

  private mutating func ask(
    _ request: StoreRequest, on channel: OfficeSyncProtocol.Channel
  ) async throws -> [SessionAction] {
    do {
      return try session.answered(try await worker.perform(request, on: channel), on: channel)
    } catch let error as StorageError {
      guard let interruption = error.interruption else { throw error }
      return session.interrupted(interruption, on: channel)
    }
  }

  private mutating func send(_ message: Message) {
    let frame = message.frame
    traffic.frameBytesSent += Frame.headerBytes + 1 + frame.body.count
    outbox.yield(.frame(frame))
  }

  /// What the peer is told of an error; nil where it knows already or is gone.
  private static func farewell(to error: any Error) -> Fail? {
    switch error {
    case let error as SessionError: error.failure
    case is StorageError: Fail(code: .storage, message: "the store cannot be read or written")
    case ConversationError.silent, ConversationError.noHello:
      Fail(code: .idle, message: "nothing came for too long")
    case ConversationError.stopping, is CancellationError:
      Fail(code: .shuttingDown, message: "this side is shutting down")
    default: nil
    }
  }

  // MARK: The tasks beside it

  private static func read(
    _ inbound: NIOAsyncChannelInboundStream<ByteBuffer>, into events: AsyncChannel<Event>,
    _ activity: Activity
  ) async {
    do {
      for try await buffer in inbound {
        activity.note()
        await events.send(.bytes(buffer))
        activity.note()
      }
      await events.send(.ended)
    } catch {
      await events.send(.failed(error))
    }
  }

  private static func write(
    _ outgoing: AsyncStream<Outbound>, to outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>,
    _ events: AsyncChannel<Event>, _ activity: Activity, orClose close: () -> Void
  ) async {
    do {
      for await item in outgoing {
        switch item {
        case .frame(let frame):
          try await outbound.write(ByteBuffer(bytes: frame.encoded))
          // The peer takes what is sent: it is there, though it may have nothing to say for long.
          activity.note()
        case .reportDrained: await events.send(.drained)
        }
      }
    } catch {
      close()
      await events.send(.writingFailed(error))
    }
  }

  private static func watch(
    _ activity: Activity, for idleTime: Duration, _ events: AsyncChannel<Event>
  ) async {
    while !Task.isCancelled {
      let left = idleTime - activity.quietTime
      if left <= .zero { await events.send(.idle) }
      // After a false alarm too: there is no hurry.
      try? await Task.sleep(for: max(left, .milliseconds(10)))
    }
  }

  /// Waits for a task, whether or not this one is cancelled.
  private static func wait(for task: Task<Void, Never>, atMost time: Duration) async {
    let timer = Task {
      try? await Task.sleep(for: time)
      task.cancel()
    }
    await task.value
    timer.cancel()
  }
}

enum ConversationLimits {
  /// How long the peer may take over what is said last, the reason of a failure among it.
  static let lastWordsTime = Duration.seconds(5)
  /// How long the peer may take to leave after it was told why the session ends.
  static let lingerTime = Duration.seconds(2)
}
