import NIOCore
import NIOPosix
import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncSecureTransport
import OfficeSyncStorage

@testable import OfficeSyncSyncLink

/// A client that says what a test wants, frame by frame or byte by byte.
final class RawPeer {
  private var inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
  private let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
  private var decoder = FrameDecoder(frameBytesMax: Limits.frameBytesMax)

  private init(
    _ inbound: NIOAsyncChannelInboundStream<ByteBuffer>,
    _ outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
  ) {
    self.inbound = inbound.makeAsyncIterator()
    self.outbound = outbound
  }

  /// Connects with TLS, runs the body, and closes.
  static func connected<Result: Sendable>(
    _ site: Site, port: Int, _ body: (RawPeer) async throws -> Result
  ) async throws -> Result {
    let context = try site.organisation.context(for: site.identity, as: .client)
    let connection = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
      .connect(host: "127.0.0.1", port: port) { channel in
        channel.eventLoop.makeCompletedFuture {
          try SecureConnection(
            wrapping: channel, tls: TLSHandler(context: context, serverHostname: "127.0.0.1"))
        }
      }
    _ = try await connection.handshake.get()
    return try await connection.channel.executeThenClose { inbound, outbound in
      try await body(RawPeer(inbound, outbound))
    }
  }

  func send(_ bytes: [UInt8]) async throws {
    try await outbound.write(ByteBuffer(bytes: bytes))
  }

  func send(_ message: Message) async throws {
    try await send(message.frame.encoded)
  }

  /// The next messages, as many as asked for; fewer if the server closes before.
  func receive(_ count: Int) async throws -> [Message] {
    var messages: [Message] = []
    while messages.count < count {
      if let frame = try decoder.next() {
        if let message = try Message(frame) { messages.append(message) }
      } else if let bytes = try await inbound.next() {
        decoder.append(bytes.readableBytesView)
      } else {
        break
      }
    }
    return messages
  }

  /// Waits until the server has closed.
  func waitForEnd() async {
    do { while try await inbound.next() != nil {} } catch {}
  }
}

extension Site {
  var hello: Message { hello(compressing: []) }

  func hello(compressing compressions: [Compression]) -> Message {
    .hello(
      Hello(
        software: "raw", replica: replica.id, replicaName: replica.name,
        wallMilliseconds: wallClock(), compressions: compressions))
  }

  func open(_ collection: CollectionName, on channel: UInt64, _ directions: Directions = .pull)
    throws
    -> Message
  {
    let snapshot = try snapshot(collection)
    return try .open(
      Open(
        channel: channel, collection: collection, directions: directions,
        digest: snapshot.knowledge.digest, condition: snapshot.condition))
  }
}

/// Sends bytes to a port without TLS, and waits until the server has closed.
func sendPlain(_ bytes: [UInt8], toPort port: Int) async throws {
  let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
    .connect(host: "127.0.0.1", port: port) { channel in
      channel.eventLoop.makeCompletedFuture {
        try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
      }
    }
  try await channel.executeThenClose { inbound, outbound in
    if !bytes.isEmpty { try await outbound.write(ByteBuffer(bytes: bytes)) }
    do { for try await _ in inbound {} } catch {}
  }
}
