import NIOCore
import NIOPosix
import Testing

@testable import OfficeSyncSecureTransport

/// What one end of a connection lived through, up to its close.
struct Outcome: Sendable {
  var peer: TLSPeer?
  var errors: [any Error] = []
  var received = ByteBuffer()
  var sawFarewell = false
  var bytesSent = 0
  var bytesReceived = 0

  /// The code of the first error, if it is ours.
  var code: TLSError.Code? { (errors.first as? TLSError)?.code }
}

/// Last in a pipeline: notes what happens, and plays an echo server or a client that asks once and leaves.
final class Witness: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  enum Part: Sendable {
    case echo
    /// Sends this when the connection is secure, and closes when as much has come back.
    case ask(ByteBuffer)
    /// Closes as soon as the connection is secure.
    case leave
  }

  private let part: Part
  private let ended: EventLoopPromise<Outcome>
  private var outcome = Outcome()

  init(_ part: Part, ended: EventLoopPromise<Outcome>) {
    self.part = part
    self.ended = ended
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    switch event {
    case let completed as TLSHandshakeCompleted:
      outcome.peer = completed.peer
      switch part {
      case .ask(let question):
        context.writeAndFlush(wrapOutboundOut(question), promise: nil)
      case .leave: context.close(promise: nil)
      case .echo: break
      }
    case ChannelEvent.inputClosed:
      outcome.sawFarewell = true
    default:
      break
    }
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let bytes = unwrapInboundIn(data)
    outcome.received.writeImmutableBuffer(bytes)
    switch part {
    case .echo:
      context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
    case .ask(let question):
      if outcome.received.readableBytes >= question.readableBytes { context.close(promise: nil) }
    case .leave: break
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    outcome.errors.append(error)
    context.close(promise: nil)
  }

  func channelInactive(context: ChannelHandlerContext) {
    if let handler = try? context.pipeline.syncOperations.handler(type: TLSHandler.self) {
      outcome.bytesSent = handler.bytesSent
      outcome.bytesReceived = handler.bytesReceived
    }
    ended.succeed(outcome)
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    ended.succeed(outcome)
  }
}

/// A server on a loopback port; the outcome of each connection comes in the order in which they ended.
final class LoopbackServer: Sendable {
  let port: Int
  private let channel: any Channel
  private let outcomes: AsyncStream<Outcome>
  private let stream: AsyncStream<Outcome>.Continuation

  /// - Parameter handshakeTimeout: generous unless a test is about it: all tests share two cores.
  static func start(
    _ context: TLSContext, handshakeTimeout: TimeAmount = .minutes(10),
    part: Witness.Part = .echo
  ) async throws -> LoopbackServer {
    let (outcomes, stream) = AsyncStream.makeStream(of: Outcome.self)
    let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .childChannelInitializer { child in
        child.eventLoop.makeCompletedFuture {
          let ended = child.eventLoop.makePromise(of: Outcome.self)
          ended.futureResult.whenSuccess { stream.yield($0) }
          try child.pipeline.syncOperations.addHandlers(
            TLSHandler(context: context, handshakeTimeout: handshakeTimeout),
            Witness(part, ended: ended))
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    return LoopbackServer(channel: channel, outcomes: outcomes, stream: stream)
  }

  private init(
    channel: any Channel, outcomes: AsyncStream<Outcome>, stream: AsyncStream<Outcome>.Continuation
  ) {
    self.channel = channel
    self.outcomes = outcomes
    self.stream = stream
    port = channel.localAddress?.port ?? 0
  }

  func nextOutcome() async -> Outcome? {
    for await outcome in outcomes { return outcome }
    return nil
  }

  func stop() async throws {
    try await channel.close()
    stream.finish()
  }
}

/// Dials a loopback port, asks once, and returns when the connection has ended.
func dial(
  _ port: Int, _ context: TLSContext, as hostname: String = "localhost",
  asking question: String = "ping"
) async throws -> Outcome {
  let ended = MultiThreadedEventLoopGroup.singleton.next().makePromise(of: Outcome.self)
  _ = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
    .channelInitializer { channel in
      channel.eventLoop.makeCompletedFuture {
        try channel.pipeline.syncOperations.addHandlers(
          TLSHandler(context: context, serverHostname: hostname),
          Witness(.ask(ByteBuffer(string: question)), ended: ended))
      }
    }
    .connect(host: "127.0.0.1", port: port).get()
  return try await ended.futureResult.get()
}

/// One connection from client to server.
///
/// - Returns: what each end lived through.
func meet(
  server: TLSContext, client: TLSContext, as hostname: String = "localhost"
) async throws -> (server: Outcome, client: Outcome) {
  let listener = try await LoopbackServer.start(server)
  let client = try await dial(listener.port, client, as: hostname)
  let server = await listener.nextOutcome()
  try await listener.stop()
  return (try #require(server), client)
}

/// Sends bytes as they are to a loopback port.
///
/// - Returns: everything the other end answered until it closed.
func dialPlainly(_ port: Int, sending bytes: [UInt8]) async throws -> [UInt8] {
  let ended = MultiThreadedEventLoopGroup.singleton.next().makePromise(of: Outcome.self)
  let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
    .channelInitializer { channel in
      channel.eventLoop.makeCompletedFuture {
        try channel.pipeline.syncOperations.addHandler(
          Witness(.ask(ByteBuffer(repeating: 0, count: 1 << 20)), ended: ended))
      }
    }
    .connect(host: "127.0.0.1", port: port).get()
  if !bytes.isEmpty { try await channel.writeAndFlush(ByteBuffer(bytes: bytes)) }
  return Array(buffer: try await ended.futureResult.get().received)
}
