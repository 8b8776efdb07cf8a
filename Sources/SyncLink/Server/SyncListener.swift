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
  public struct Settings: Sendable {
    public var idleTime: Duration = .seconds(120)
    public var handshakeTime: TimeAmount = .seconds(10)
    public var connectionsMax = 1_000
    /// How long sessions under way may go on after `stop()`.
    public var graceTime: Duration = .seconds(10)

    public init() {}
  }

  private let me: LocalInfo
  private let store: any RecordStore
  private let desk: any FrontDesk
  private let context: Mutex<TLSContext>
  private let settings: Settings
  private let logger: Logger
  private let wall: @Sendable () -> UInt64
  private let open = OpenConversations()

  public init(
    me: LocalInfo, store: any RecordStore, desk: any FrontDesk, context: TLSContext,
    settings: Settings = Settings(), logger: Logger, wall: @escaping @Sendable () -> UInt64
  ) {
    self.me = me
    self.store = store
    self.desk = desk
    self.context = Mutex(context)
    self.settings = settings
    self.logger = logger
    self.wall = wall
  }

  /// New connections use these certificates from now on; open ones keep theirs.
  public func reload(_ context: TLSContext) {
    self.context.withLock { $0 = context }
  }

  /// Binds and serves until ``stop()``.
  /// - Parameters:
  ///   - port: 0 picks a free one.
  ///   - onListening: called once with the address bound, when connections are accepted.
  /// - Throws: `IOError` when the address cannot be bound.
  public func run(
    host: String, port: Int, onListening: @Sendable (SocketAddress) -> Void
  ) async throws {
    let server = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
      .serverChannelOption(.backlog, value: 256)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
      .bind(host: host, port: port) { channel in
        channel.eventLoop.makeCompletedFuture {
          try SecureConnection(
            wrapping: channel,
            tls: TLSHandler(
              context: self.context.withLock { $0 }, handshakeTimeout: self.settings.handshakeTime))
        }
      }
    let closer = server.channel
    open.onStop { closer.close(promise: nil) }
    if let address = server.channel.localAddress { onListening(address) }
    try await server.executeThenClose { inbound in
      try await withThrowingDiscardingTaskGroup { group in
        for try await connection in inbound {
          group.addTask { await self.serve(connection) }
        }
        // The listener is closed: sessions under way have their time to end.
        group.addTask { await self.open.end(within: self.settings.graceTime) }
      }
    }
  }

  /// Stops accepting, lets what is under way finish, and makes `run` return.
  public func stop() async {
    await open.stop()
  }

  private func serve(_ connection: SecureConnection) async {
    let address = connection.channel.channel.remoteAddress?.description ?? "unknown address"
    guard let number = open.enter(max: settings.connectionsMax) else {
      logger.warning("connection refused: too many are open", metadata: ["address": "\(address)"])
      connection.channel.channel.close(promise: nil)
      _ = try? await connection.channel.executeThenClose { _, _ in }
      return
    }
    defer { open.leave(number) }
    let task = Task { await converse(connection, address: address, number) }
    open.note(task, for: number)
    await withTaskCancellationHandler {
      await task.value
    } onCancel: {
      task.cancel()
    }
  }

  private func converse(_ connection: SecureConnection, address: String, _ number: Int) async {
    let identity: Identity
    do {
      let peer = try await connection.handshake.get()
      for warning in peer.warnings {
        logger.warning("\(warning.text)", metadata: ["address": "\(address)"])
      }
      identity = try Identity(uri: peer.uri)
    } catch {
      _ = try? await connection.channel.executeThenClose { _, _ in }
      logger.notice(
        "connection refused",
        metadata: ["address": "\(address)", "reason": "\(LinkError(error).message)"])
      return
    }
    let clock = ContinuousClock.now
    let worker = StoreWorker(store: store)
    let reception = Reception(desk: desk, worker: worker, wall: wall)
    var conversation = Conversation(
      session: ServerSession(me: me, peerIdentity: identity), worker: worker,
      idleTime: settings.idleTime, wall: wall,
      reception: { action, session in try await reception.answer(action, in: &session) })
    open.note(conversation.stopper, for: number)
    var failure: LinkError?
    do {
      try await conversation.run(on: connection, opening: [])
    } catch {
      failure = LinkError(error)
    }
    await conclude(
      conversation, identity, address: address, duration: ContinuousClock.now - clock, failure)
  }

  private func conclude(
    _ conversation: Conversation<ServerSession>, _ identity: Identity, address: String,
    duration: Duration, _ failure: LinkError?
  ) async {
    let peer =
      conversation.session.peer
      ?? PeerInfo(identity: identity, replica: me.replica, replicaName: "", software: "")
    let summary = SessionSummary(
      peer: peer, address: address, outcomes: conversation.outcomes, traffic: conversation.traffic,
      duration: duration, failure: failure?.message)
    log(summary)
    guard conversation.session.peer != nil else { return }
    do {
      try await NIOThreadPool.singleton.runIfActive { [desk] in try desk.departed(summary) }
    } catch {
      logger.error("the session could not be noted", metadata: ["error": "\(error)"])
    }
  }

  private func log(_ summary: SessionSummary) {
    let outcomes = summary.outcomes
    var metadata: Logger.Metadata = [
      "identity": "\(summary.peer.identity)", "replica": "\(summary.peer.replica)",
      "address": "\(summary.address)",
      "collections": "\(outcomes.map(\.collection.text).sorted().joined(separator: ","))",
      "sent": "\(outcomes.reduce(0) { $0 + $1.sent })",
      "received": "\(outcomes.reduce(0) { $0 + $1.received })",
      "applied": "\(outcomes.reduce(0) { $0 + $1.applied })",
      "bytesSent": "\(summary.traffic.bytesSent)",
      "bytesReceived": "\(summary.traffic.bytesReceived)",
      "milliseconds": "\(summary.duration.milliseconds)",
    ]
    let refusals = outcomes.compactMap { outcome in
      outcome.error.map { "\(outcome.collection): \($0.message)" }
    }
    if !refusals.isEmpty { metadata["refused"] = "\(refusals.joined(separator: "; "))" }
    if let failure = summary.failure {
      metadata["reason"] = "\(failure)"
      logger.notice("session broken off", metadata: metadata)
    } else {
      logger.info("session", metadata: metadata)
    }
  }
}

extension Duration {
  var milliseconds: Int64 {
    components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000
  }
}
