import NIOCore
import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncSecureTransport

/// The frames of an enrolment on a connection that is open for as long as one may take.
struct EnrolmentLink {
  private var inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
  private let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
  private var decoder = FrameDecoder(frameBytesMax: Limits.enrolmentFrameBytesMax)

  /// Runs `body`, and closes the connection then, or as soon as the time is over.
  static func run<Result: Sendable>(
    on connection: SecureConnection, time: Duration,
    _ body: (inout EnrolmentLink) async throws -> Result
  ) async throws -> Result {
    let channel = connection.channel.channel
    let end = channel.eventLoop.scheduleTask(in: .nanoseconds(time.nanoseconds)) {
      channel.close(promise: nil)
    }
    defer { end.cancel() }
    return try await connection.channel.executeThenClose { inbound, outbound in
      var link = EnrolmentLink(inbound: inbound.makeAsyncIterator(), outbound: outbound)
      return try await body(&link)
    }
  }

  private init(
    inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator,
    outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
  ) {
    self.inbound = inbound
    self.outbound = outbound
  }

  func send(_ message: EnrolmentMessage) async throws {
    try await send(bytes: message.frame.encoded)
  }

  func send(bytes: [UInt8]) async throws {
    try await outbound.write(ByteBuffer(bytes: bytes))
  }

  /// The first message of an office.
  ///
  /// - Throws: also `EnrolmentRefusal` for another.
  mutating func receiveAuthorities() async throws -> [[UInt8]] {
    guard case .authorities(let authorities) = try await receive() else {
      throw EnrolmentRefusal(.protocolViolation, "the office does not say whom to trust")
    }
    return authorities
  }

  /// The last message of an office, and its certificates in PEM.
  ///
  /// - Throws: also `EnrolmentRefusal`: the office's, or for a certificate that is not this identity's.
  mutating func receiveCertificate(
    for identity: Identity
  ) async throws -> (EnrolmentMessage.Issued, pem: [UInt8]) {
    switch try await receive() {
    case .issued(let issued):
      let pem = try CertificatePEM.text(of: issued.chain)
      guard try CertificateFacts(of: .bytes(pem)).uris == [identity.uri] else {
        throw EnrolmentRefusal(.protocolViolation, "the certificate is not \(identity)'s")
      }
      return (issued, pem)
    case .refused(let refusal): throw refusal
    case .authorities, .application, .renewal:
      throw EnrolmentRefusal(.protocolViolation, "the office gave no answer")
    }
  }

  /// The next message.
  ///
  /// - Throws: `FrameError`, `CodecError`; `ConversationError.peerLeft` at the connection's end.
  mutating func receive() async throws -> EnrolmentMessage {
    while true {
      if let frame = try decoder.next() { return try EnrolmentMessage(frame) }
      guard let bytes = try await inbound.next() else { throw ConversationError.peerLeft }
      decoder.append(bytes.readableBytesView)
    }
  }
}
