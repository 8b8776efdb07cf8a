import Logging
import NIOCore
import NIOPosix
import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncReplication
import OfficeSyncSecureTransport
import OfficeSyncStorage
import Synchronization

/// Accepts connections and runs a session on each, until it is told to stop.
public final class SyncListener: Sendable {
  private let software: String
  private let store: any RecordStore
  private let desk: any FrontDesk
  /// What `reload` changes.
  private let current: Mutex<(context: TLSContext, settings: Settings)>
  private let logger: Logger
  private let wall: @Sendable () -> UInt64
  private let feed: ChangeFeed?
  private let enrolment: EnrolmentReception?
  private let observe: @Sendable (ListenerEvent) -> Void
  private let rechecks: Rechecks
  private let open: OpenConversations
  private let refusals: RefusalLog
  private let devices: DeviceGuard

  /// - Parameters:
  ///   - software: name and version of this program, for the peer's logs.
  ///   - feed: of the store, for clients that watch; nil to let them wait.
  ///   - enrolment: for devices that are not known yet, if the context lets strangers in.
  ///   - rechecks: tells the sessions when to look again whether their client may stay.
  ///   - refusals: for what others should not have tried; nil for one of its own.
  ///   - observe: told what happens; it must not block.
  public init(
    software: String, store: any RecordStore, desk: any FrontDesk, feed: ChangeFeed? = nil,
    enrolment: (any EnrolmentDesk)? = nil,
    rechecks: Rechecks = Rechecks(), context: TLSContext, settings: Settings = Settings(),
    logger: Logger, refusals: RefusalLog? = nil, wall: @escaping @Sendable () -> UInt64,
    observe: @escaping @Sendable (ListenerEvent) -> Void = { _ in }
  ) {
    self.software = software
    self.observe = observe
    self.store = store
    self.desk = desk
    self.feed = feed
    self.enrolment = enrolment.map { EnrolmentReception(desk: $0) }
    self.rechecks = rechecks
    current = Mutex((context, settings))
    self.logger = logger
    self.wall = wall
    self.refusals = refusals ?? RefusalLog(logger)
    open = OpenConversations(capacity: settings.capacity)
    devices = DeviceGuard(store: store, bytesPerDay: settings.deviceBytesPerDay, wall: wall)
  }

  /// How many connections are open.
  public var connectionCount: Int { open.count }

  /// New connections use these certificates and limits from now on. Open ones keep theirs; ``Rechecks/trustChanged(_:)`` has
  /// their clients verified again. What is allowed within a day holds for them, too.
  public func reload(_ context: TLSContext, _ settings: Settings) {
    current.withLock { $0 = (context, settings) }
    open.take(settings.capacity)
    devices.take(bytesPerDay: settings.deviceBytesPerDay)
  }

  private var settings: Settings { current.withLock { $0.settings } }

  /// Binds and serves until ``stop()``.
  /// - Parameters:
  ///   - addresses: hosts and ports; port 0 picks a free one.
  ///   - onListening: called once, when connections are accepted at all of them, with the addresses bound.
  /// - Throws: ``ListenError`` when one of the addresses cannot be bound: then none is.
  public func run(
    on addresses: [(host: String, port: Int)],
    onListening: @Sendable ([(host: String, port: Int)]) throws -> Void
  ) async throws {
    var servers: [Server] = []
    do {
      for address in addresses { servers.append(try await bind(address.host, address.port)) }
      try onListening(servers.map { $0.channel.localAddress?.parts ?? ("", 0) })
    } catch {
      for server in servers { try? await server.executeThenClose { _ in } }
      throw error
    }
    for server in servers {
      let channel = server.channel
      open.onStop { channel.close(promise: nil) }
    }
    try await withThrowingDiscardingTaskGroup { group in
      for server in servers {
        group.addTask { try await self.accept(from: server) }
      }
    }
  }

  /// Stops accepting, lets what is under way finish, and makes `run` return.
  public func stop() async {
    await open.stop()
  }

  // MARK: Connections

  private typealias Server = NIOAsyncChannel<AcceptedConnection, Never>

  private func bind(_ host: String, _ port: Int) async throws -> Server {
    do {
      return try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
        .serverChannelOption(.backlog, value: 256)
        .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
        .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
        .childChannelOption(SendBuffer.option, value: SendBuffer.unsentBytesMax)
        .bind(host: host, port: port) { channel in
          channel.eventLoop.makeCompletedFuture {
            let (context, settings) = self.current.withLock { $0 }
            return AcceptedConnection(
              try SecureConnection(
                wrapping: channel,
                tls: TLSHandler(
                  context: context,
                  handshakeTimeout: .nanoseconds(settings.handshakeTime.nanoseconds))))
          }
        }
    } catch {
      throw ListenError(host: host, port: port, error)
    }
  }

  private func accept(from server: Server) async throws {
    try await server.executeThenClose { inbound in
      let result: Swift.Result<Void, any Error>
      do {
        for try await accepted in inbound { serve(accepted.take()) }
        result = .success(())
      } catch {
        result = .failure(error)
      }
      // The listener is closed: sessions under way have their time to end.
      await open.end(within: settings.graceTime)
      try result.get()
    }
  }

  private func serve(_ connection: SecureConnection) {
    let channel = connection.channel.channel
    let address = connection.remoteAddress
    let number: Int
    do {
      number = try open.enter(from: connection.counted) { connection.turnAway() }
    } catch {
      refuse(connection, error.refusal)
      Task { await connection.close() }
      return
    }
    // Until there is a session to end, the connection itself.
    open.note({ channel.close(promise: nil) }, for: number)
    let task = Task {
      await converse(connection, address: address, number)
      open.leave(number)
    }
    open.note(task, for: number)
  }

  private func converse(_ connection: SecureConnection, address: String, _ number: Int) async {
    guard let visitor = await receive(connection, address: address, number) else { return }
    observe(.connected(visitor))
    await serve(visitor, connection)
  }

  // What is here apart from another function is so because a session may last, silent for nearly all of its time, and a function
  // that waits for it keeps all that it ever needs.

  /// - Returns: who has come; nil if there is no session to be had.
  @inline(never)
  private func receive(
    _ connection: SecureConnection, address: String, _ number: Int
  ) async -> Visitor? {
    let visitor: Visitor
    do {
      let peer: TLSPeer
      switch try await connection.counterpart.get() {
      case .peer(let known): peer = known
      case .stranger(let stranger):
        await enrol(stranger, on: connection)
        return nil
      }
      for warning in peer.warnings {
        logger.warning("\(warning.text)", metadata: ["address": "\(address)"])
      }
      visitor = Visitor(
        number: number, identity: try Identity(uri: peer.uri), address: address,
        serial: peer.serial, isResumed: peer.isResumed)
    } catch {
      await connection.close()
      refuse(connection, Refusal(LinkError(error)))
      return nil
    }
    do {
      try open.admit(number, as: visitor.identity)
      return visitor
    } catch {
      refuse(connection, error.refusal, visitor.identity)
      let fail = Fail(
        code: error == .stopping ? .shuttingDown : .busy, message: error.rawValue)
      await connection.close(saying: .fail(fail))
      return nil
    }
  }

  private func serve(_ visitor: Visitor, _ connection: SecureConnection) async {
    let start = ContinuousClock.now
    let identity = visitor.identity
    let worker = StoreWorker(store: store, address: visitor.address, wall: wall) {
      [devices] request in
      try devices.check(request, of: identity)
    }
    guard let me = await me(worker) else { return await connection.close() }
    var conversation = conversation(with: visitor, as: me, worker)
    open.note(conversation.stopper, for: visitor.number)
    let failure = await conversation.failure(on: connection)
    await end(conversation, with: visitor, since: start, failure)
  }

  /// Anew for each session: a store that finds itself copied takes a new ID.
  ///
  /// - Returns: nil if the store cannot be read.
  @inline(never)
  private func me(_ worker: StoreWorker) async -> LocalInfo? {
    do {
      return LocalInfo(
        try await worker.run { [store] in try store.replica() }, software: software,
        compressions: Compression.allCases)
    } catch {
      logger.error("the store cannot be read", metadata: ["error": "\(error)"])
      return nil
    }
  }

  @inline(never)
  private func conversation(
    with visitor: Visitor, as me: LocalInfo, _ worker: StoreWorker
  ) -> Conversation<ServerSession> {
    let identity = visitor.identity
    let settings = settings
    let reception = Reception(desk: desk, worker: worker)
    return Conversation(
      session: ServerSession(
        me: me, peerIdentity: identity, frameBytesMax: settings.frameBytesMax), worker: worker,
      idleTime: settings.idleTime,
      introductionTime: min(settings.helloTime, settings.idleTime),
      sessionBytesMax: identity.role == .field ? settings.sessionBytesMax : nil, wall: wall,
      rechecks: rechecks,
      reception: { action, peer in try await reception.answer(action, to: peer) },
      changes: { [feed] tell in
        try await feed?.subscribe { digests in
          let readable = try? await reception.readable(digests, by: identity)
          if let readable, !readable.isEmpty { await tell(readable) }
        }
      },
      report: { outcome, session in
        let summary = SessionSummary(
          visitor: visitor, peer: session.peer, outcomes: [outcome])
        self.observe(.exchanged(summary))
        await self.conclude(
          summary, isAdmitted: true, level: summary.broughtSomething ? .info : .debug)
      })
  }

  @inline(never)
  private func end(
    _ conversation: Conversation<ServerSession>, with visitor: Visitor,
    since start: ContinuousClock.Instant, _ failure: LinkError?
  ) async {
    var summary = SessionSummary(
      visitor: visitor, peer: conversation.session.peer, outcomes: conversation.outcomes)
    summary.traffic = conversation.traffic
    summary.duration = ContinuousClock.now - start
    summary.compared = conversation.session.compared
    summary.failure = failure
    await conclude(summary, isAdmitted: conversation.session.isAdmitted)
    observe(.ended(summary))
  }

  /// The desk logs what it answers; here is what came instead.
  private func enrol(_ stranger: TLSStranger, on connection: SecureConnection) async {
    guard let enrolment else { return await connection.close() }
    do {
      try await enrolment.serve(connection, stranger, time: settings.enrolmentTime)
    } catch {
      let refusal = Refusal(LinkError(error))
      observe(.refused(refusal, address: connection.remoteAddress, identity: nil))
      refusals.log(
        .notice, "enrolment broken off", on: connection.counted,
        metadata: ["address": "\(connection.remoteAddress)", "reason": "\(refusal.reason)"])
    }
  }

  private func refuse(
    _ connection: SecureConnection, _ refusal: Refusal, _ identity: Identity? = nil
  ) {
    observe(.refused(refusal, address: connection.remoteAddress, identity: identity))
    var metadata: Logger.Metadata = [
      "address": "\(connection.remoteAddress)", "reason": "\(refusal.reason)",
    ]
    if let identity { metadata["identity"] = "\(identity)" }
    refusals.log(
      .notice, "connection refused", on: identity?.description ?? connection.counted,
      metadata: metadata)
  }

  /// Notes the session, and then logs it: whoever reads the line finds it noted.
  ///
  /// - Parameter level: of the line, if it ended well.
  private func conclude(
    _ summary: SessionSummary, isAdmitted: Bool, level: Logger.Level = .info
  ) async {
    if isAdmitted {
      do {
        try await NIOThreadPool.store.runIfActive { [desk] in try desk.departed(summary) }
      } catch {
        logger.error("the session could not be noted", metadata: ["error": "\(error)"])
      }
    }
    for healing in summary.healings {
      logger.notice("\(healing.message)", metadata: healing.metadata)
    }
    if let failure = summary.failure {
      var metadata = summary.metadata
      metadata["reason"] = "\(failure.message)"
      refusals.log(
        .notice, "session broken off", on: summary.identity.description, metadata: metadata)
    } else if summary.wasTurnedDown {
      refusals.log(
        level, "session", on: summary.identity.description, metadata: summary.metadata)
    } else {
      logger.log(level: level, "session", metadata: summary.metadata)
    }
  }
}
