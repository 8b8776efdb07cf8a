import NIOCore
import NIOEmbedded
import OfficeSyncTestSupport

@testable import OfficeSyncSecureTransport

/// A client and a server joined by hand: no sockets, no clock, every byte under the test's control.
final class EmbeddedPair {
  /// One end: a channel, and what came out of its TLS handler.
  final class End {
    let handler: TLSHandler
    let probe = Probe()
    let socket = SocketEnd()
    let channel: EmbeddedChannel

    init(_ handler: TLSHandler, loop: EmbeddedEventLoop) {
      self.handler = handler
      channel = EmbeddedChannel(handlers: [socket, handler, probe], loop: loop)
    }

    func connect() throws {
      try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
    }

    /// Everything it has sent since the last time.
    func takeSent() throws -> ByteBuffer {
      var sent = ByteBuffer()
      while let part = try channel.readOutbound(as: ByteBuffer.self) {
        sent.writeImmutableBuffer(part)
      }
      return sent
    }
  }

  let loop = EmbeddedEventLoop()
  let client: End
  let server: End
  /// What the server gave the client to come back with.
  var ticket: [UInt8]? { latest.ticket }
  private let latest: Latest

  private final class Latest {
    var ticket: [UInt8]?
  }

  init(
    client: TLSContext, server: TLSContext, as hostname: String = "localhost",
    resuming ticket: [UInt8]? = nil, handshakeTimeout: TimeAmount = TLSLimits.handshakeTime
  ) throws {
    let latest = Latest()
    self.latest = latest
    self.client = End(
      try TLSHandler(
        context: client, serverHostname: hostname, resuming: ticket,
        handshakeTimeout: handshakeTimeout, onTicket: { latest.ticket = $0 }),
      loop: loop)
    self.server = End(
      try TLSHandler(context: server, handshakeTimeout: handshakeTimeout), loop: loop)
  }

  func connect() throws {
    try server.connect()
    try client.connect()
  }

  /// Carries bytes to and fro, in pieces of at most that size, until both ends are silent.
  func carry(piecesOf size: Int = .max) throws {
    while true {
      let toServer = try carry(from: client, to: server, piecesOf: size)
      let toClient = try carry(from: server, to: client, piecesOf: size)
      if toServer + toClient == 0 { return }
    }
  }

  private func carry(from: End, to: End, piecesOf size: Int) throws -> Int {
    var bytes = try from.takeSent()
    let count = bytes.readableBytes
    while let piece = bytes.readSlice(length: min(size, bytes.readableBytes)),
      piece.readableBytes > 0
    {
      // An error shows at the probe; here it would end the test.
      if to.channel.isActive { _ = try to.channel.writeInbound(piece) }
    }
    return count
  }
}

/// Last in the pipeline: notes what the TLS handler says.
final class Probe: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  var peer: TLSPeer?
  var stranger: TLSStranger?
  var errors: [any Error] = []
  var received = ByteBuffer()
  var sawFarewell = false

  var codes: [TLSError.Code] { errors.compactMap { ($0 as? TLSError)?.code } }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    switch event {
    case let completed as TLSHandshakeCompleted: peer = completed.peer
    case let met as TLSStranger: stranger = met
    case ChannelEvent.inputClosed: sawFarewell = true
    default: break
    }
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    received.writeImmutableBuffer(unwrapInboundIn(data))
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    errors.append(error)
  }
}

/// Between TLS handler and socket: notes how often bytes are asked for, and how the socket is closed.
final class SocketEnd: ChannelOutboundHandler {
  typealias OutboundIn = ByteBuffer

  var readsCount = 0
  var hasEndedOutput = false

  /// A real socket can end one half; the embedded channel always ends both.
  var canEndOutput = false

  func read(context: ChannelHandlerContext) {
    readsCount += 1
    context.read()
  }

  func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
    if mode == .output, canEndOutput {
      hasEndedOutput = true
      promise?.succeed()
    } else {
      context.close(mode: mode, promise: promise)
    }
  }
}
