import NIOCore
import NIOEmbedded
import OfficeSyncSecureTransport
import OfficeSyncTestSupport

/// Certificates of an office that serves and of a device that calls, made anew in each run.
struct Credentials {
  static let hostname = "localhost"
  let authority: TestPKI
  let office: TestPKI.Issued
  let device: TestPKI.Issued

  init() throws {
    authority = try TestPKI()
    office = try authority.issue(
      uris: ["officesync://office/rabat"], hostNames: [Self.hostname], usages: [.server])
    device = try authority.issue(uris: ["officesync://field/amina"], usages: [.client])
  }

  func context(
    _ role: TLSConfiguration.Role, sessions: TLSSessionCache? = nil
  ) throws -> TLSContext {
    let issued = role == .server ? office : device
    return try TLSContext(
      TLSConfiguration(
        role: role, certificateChain: .bytes(Array(issued.chainPEM.utf8)),
        privateKey: .bytes(Array(issued.keyPEM.utf8)),
        authorities: .bytes(Array(authority.authorityPEM.utf8)), sessions: sessions,
        acceptsPeerURI: { $0.hasPrefix("officesync://") }))
  }
}

/// Notes who is at the other end, once the handshake has come to its end.
private final class Acquaintance: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  private(set) var peer: TLSPeer?

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if let completed = event as? TLSHandshakeCompleted { peer = completed.peer }
  }
}

/// Both ends of a connection by our own TLS handler, with no socket between them.
final class TLSPair {
  let client: EmbeddedChannel
  let server: EmbeddedChannel
  private(set) var ticket: [UInt8]?
  private let isResuming: Bool
  private let known = (byClient: Acquaintance(), byServer: Acquaintance())

  init(client: TLSContext, server: TLSContext, resuming ticket: [UInt8]? = nil) throws {
    let loop = EmbeddedEventLoop()
    isResuming = ticket != nil
    self.server = EmbeddedChannel(loop: loop)
    self.client = EmbeddedChannel(loop: loop)
    try self.server.pipeline.syncOperations.addHandlers(
      TLSHandler(context: server), known.byServer)
    try self.client.pipeline.syncOperations.addHandlers(
      TLSHandler(
        context: client, serverHostname: Credentials.hostname, resuming: ticket,
        onTicket: { [unowned self] in self.ticket = $0 }),
      known.byClient)
  }

  /// From the first byte to both ends being known to each other.
  func shakeHands() throws {
    let address = try SocketAddress(ipAddress: "127.0.0.1", port: 1)
    try server.connect(to: address).wait()
    try client.connect(to: address).wait()
    while try carry(from: client, to: server) + carry(from: server, to: client) > 0 {}
    guard known.byClient.peer?.isResumed == isResuming, known.byServer.peer?.isResumed == isResuming
    else { throw UnexpectedShape() }
  }

  /// Hands over what waits to be sent.
  ///
  /// - Returns: how many bytes that were.
  @discardableResult
  func carry(from: EmbeddedChannel, to: EmbeddedChannel) throws -> Int {
    var count = 0
    while let bytes = try from.readOutbound(as: ByteBuffer.self) {
      count += bytes.readableBytes
      try to.writeInbound(bytes)
    }
    return count
  }

  /// Sends bytes from the client, and takes them at the server.
  ///
  /// - Returns: how many came.
  func send(_ bytes: ByteBuffer) throws -> Int {
    try client.writeOutbound(bytes)
    try carry(from: client, to: server)
    var count = 0
    while let plaintext = try server.readInbound(as: ByteBuffer.self) {
      count += plaintext.readableBytes
    }
    return count
  }
}
