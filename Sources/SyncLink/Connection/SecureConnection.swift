import NIOCore
import NIOPosix
import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncSecureTransport
import Synchronization

/// A mutually authenticated connection: bytes in, bytes out, and who is at the other end.
struct SecureConnection: Sendable {
  /// Who may be at the other end.
  enum Counterpart: Sendable {
    case peer(TLSPeer)
    /// Who wants to become one.
    case stranger(TLSStranger)
  }

  let channel: NIOAsyncChannel<ByteBuffer, ByteBuffer>
  let counterpart: EventLoopFuture<Counterpart>
  /// Where the peer is, kept for the log: a closed channel does not know any more.
  let remoteAddress: String
  /// What it is counted by at a server.
  let counted: String
  /// At a client, what the server gave it for the next time.
  let tickets: LatestTicket
  private let tls: NIOLoopBound<TLSHandler>

  /// Sets up a fresh channel's pipeline; call on its event loop.
  init(
    wrapping channel: any NIOCore.Channel, tls: TLSHandler, tickets: LatestTicket = LatestTicket()
  ) throws {
    self.tickets = tickets
    let gate = HandshakeGate(promise: channel.eventLoop.makePromise())
    try channel.pipeline.syncOperations.addHandlers([tls, gate])
    self.channel = try NIOAsyncChannel(
      wrappingChannelSynchronously: channel,
      configuration: .init(
        // A few reads ahead; beyond that the peer waits.
        backPressureStrategy: .init(lowWatermark: 2, highWatermark: 8),
        inboundType: ByteBuffer.self, outboundType: ByteBuffer.self))
    remoteAddress = channel.remoteAddress?.text ?? "unknown"
    counted = channel.remoteAddress?.counted ?? "unknown"
    counterpart = gate.promise.futureResult
    self.tls = NIOLoopBound(tls, eventLoop: channel.eventLoop)
  }

  /// The verified peer; a stranger is none.
  var handshake: EventLoopFuture<TLSPeer> {
    counterpart.flatMapThrowing { counterpart in
      switch counterpart {
      case .peer(let peer): return peer
      case .stranger:
        throw TLSError(.noApplicationProtocol, "the other side is not known here yet")
      }
    }
  }

  /// Verifies the peer again, by the clock and by what is in force.
  /// - Parameter context: nil for what the connection was made with.
  /// - Throws: `TLSError`, as a handshake would fail with now.
  @discardableResult
  func verifyPeerAgain(by context: TLSContext? = nil) async throws -> TLSPeer {
    try await channel.channel.eventLoop.submit { [tls] in
      try tls.value.verifyPeerAgain(by: context)
    }.get()
  }

  /// Ends a handshake, or what a stranger wants, for want of room.
  func turnAway() {
    channel.channel.triggerUserOutboundEvent(TLSTurnAway(), promise: nil)
  }

  /// Says one last message, and gives the peer a moment to read it.
  func close(saying message: Message) async {
    let channel = channel.channel
    let end = channel.eventLoop.scheduleTask(
      in: .nanoseconds(ConversationLimits.lingerTime.nanoseconds)
    ) {
      channel.close(promise: nil)
    }
    defer { end.cancel() }
    _ = try? await self.channel.executeThenClose { inbound, outbound in
      try await outbound.write(ByteBuffer(bytes: message.frame.encoded))
      // A socket closed with unread bytes is reset, and the peer would never see what was said.
      for try await _ in inbound {}
    }
  }

  /// Closes a connection that nothing is to be said on.
  func close() async {
    _ = try? await channel.executeThenClose { _, _ in }
  }

  /// Bytes of the socket so far, handshake included.
  func socketBytes() async -> (sent: Int, received: Int) {
    let bytes = try? await channel.channel.eventLoop.submit { [tls] in
      (tls.value.bytesSent, tls.value.bytesReceived)
    }.get()
    return bytes ?? (0, 0)
  }
}

/// The last ticket that came on a connection, until it is kept.
final class LatestTicket: Sendable {
  private let ticket = Mutex<[UInt8]?>(nil)

  func put(_ new: [UInt8]) { ticket.withLock { $0 = new } }

  func take() -> [UInt8]? {
    ticket.withLock { ticket in
      defer { ticket = nil }
      return ticket
    }
  }
}

/// Waits for the handshake's end and passes everything on.
private final class HandshakeGate: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  let promise: EventLoopPromise<SecureConnection.Counterpart>

  init(promise: EventLoopPromise<SecureConnection.Counterpart>) {
    self.promise = promise
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    switch event {
    case let event as TLSHandshakeCompleted: promise.succeed(.peer(event.peer))
    case let stranger as TLSStranger: promise.succeed(.stranger(stranger))
    default: break
    }
    context.fireUserInboundEventTriggered(event)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    promise.fail(error)
    context.fireErrorCaught(error)
  }

  func channelInactive(context: ChannelHandlerContext) {
    promise.fail(ChannelError.eof)
    context.fireChannelInactive()
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    promise.fail(ChannelError.eof)
  }
}
