import NIOCore

/// Turns a channel's bytes into a mutually authenticated TLS 1.3 connection.
///
/// It stands first in the pipeline. When the handshake is complete it fires `TLSHandshakeCompleted`, or a `TLSStranger`; what cannot be
/// made secure ends in a `TLSError` through `errorCaught`, an alert to the peer, and a close. The peer's farewell
/// arrives as `ChannelEvent.inputClosed`, followed by the close; an end without one is `TLSError(.truncated)`.
///
/// Writes before the handshake wait, up to `TLSLimits.earlyWriteBytesMax`. Later ones are encrypted at once or at the
/// next flush and handed to the channel, so the channel's writability tells the truth. `close` says farewell first; a
/// client's is done when that is sent, since the server's answer, a round trip later, tells nothing.
public final class TLSHandler: ChannelDuplexHandler {
  public typealias InboundIn = ByteBuffer
  public typealias InboundOut = ByteBuffer
  public typealias OutboundIn = ByteBuffer
  public typealias OutboundOut = ByteBuffer

  enum State {
    /// The channel is not yet connected.
    case idle
    case handshaking
    case open
    /// An alert or a farewell is on its way; what still comes is thrown away.
    case closing
    case closed
  }

  /// Bytes taken from the socket so far, the handshake's included.
  public private(set) var bytesReceived = 0

  /// Bytes given to the socket so far, the handshake's included.
  public internal(set) var bytesSent = 0

  /// A server makes it for the first whole record that comes: whoever says nothing, or half of it, costs none.
  private(set) var connection: OpenSSLConnection?
  let isClient: Bool
  var state = State.idle
  var pending = PendingWrites()
  private let openSSL: OpenSSLContext
  private var opening = FirstRecord()
  private let handshakeTimeout: TimeAmount
  private var timer: Scheduled<Void>?
  private var isReadWanted = false
  private var drainedBytes = 0
  private var answerBytes = 0
  /// Since the last byte that was meant for whoever is above.
  private var silentBytes = 0
  private var hasTransportFailed = false
  /// The end of our half, once it was begun.
  var departure: EventLoopFuture<Void>?

  /// The server's end of a connection.
  ///
  /// - Throws: `TLSError(.configuration)` if the context is a client's.
  public init(
    context: TLSContext, handshakeTimeout: TimeAmount = TLSLimits.handshakeTime
  ) throws(TLSError) {
    guard context.role == .server else {
      throw TLSError(.configuration, "a client's context cannot serve")
    }
    openSSL = context.openSSL
    isClient = false
    self.handshakeTimeout = handshakeTimeout
  }

  /// The client's end of a connection.
  ///
  /// - Parameters:
  ///   - serverHostname: the DNS name (in its ASCII form) or IP address that was dialled, without a port or
  ///   brackets; the server's certificate must carry it.
  ///   - ticket: what an earlier connection to this server was given. One that cannot be used is as good as none.
  ///   - onTicket: called on the event loop with each ticket the server gives: text, and a secret like this side's key.
  /// - Throws: `TLSError(.configuration)` for a name that cannot be one or a server's context, `.library` if OpenSSL
  ///   is out of memory.
  public init(
    context: TLSContext, serverHostname: String, resuming ticket: [UInt8]? = nil,
    handshakeTimeout: TimeAmount = TLSLimits.handshakeTime,
    onTicket: (([UInt8]) -> Void)? = nil
  ) throws(TLSError) {
    guard context.role == .client else {
      throw TLSError(.configuration, "a server's context cannot connect")
    }
    openSSL = context.openSSL
    let connection = try OpenSSLConnection(context: openSSL, serverHostname: serverHostname)
    self.connection = connection
    isClient = true
    connection.onTicket = onTicket
    if let ticket { connection.offer(ticket) }
    self.handshakeTimeout = handshakeTimeout
  }

  // MARK: Life of the channel

  public func handlerAdded(context: ChannelHandlerContext) {
    if context.channel.isActive { begin(context) }
  }

  public func channelActive(context: ChannelHandlerContext) {
    begin(context)
    context.fireChannelActive()
  }

  public func channelInactive(context: ChannelHandlerContext) {
    end(context)
    context.fireChannelInactive()
  }

  public func handlerRemoved(context: ChannelHandlerContext) {
    stop(failingWritesWith: ChannelError.ioOnClosedChannel)
  }

  public func errorCaught(context: ChannelHandlerContext, error: any Error) {
    hasTransportFailed = true
    context.fireErrorCaught(error)
  }

  public func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    // The socket's end is not the peer's farewell; upper handlers get to know the latter alone.
    if let event = event as? ChannelEvent, event == .inputClosed {
      end(context)
      context.close(promise: nil)
    } else {
      context.fireUserInboundEventTriggered(event)
    }
  }

  private func begin(_ context: ChannelHandlerContext) {
    guard state == .idle else { return }
    state = .handshaking
    schedule(in: handshakeTimeout, context) { $0.handshakeTimedOut(context) }
    if let connection { advanceHandshake(context, connection) }
    context.read()
  }

  /// The socket has ended, with or without a farewell before.
  private func end(_ context: ChannelHandlerContext) {
    let cutShort: TLSError? =
      switch state {
      case .handshaking:
        TLSError(.closedDuringHandshake, "the peer hung up before the connection was secure")
      case .open:
        TLSError(.truncated, "the connection broke off without the peer's farewell")
      case .idle, .closing, .closed: nil
      }
    stop(failingWritesWith: cutShort ?? ChannelError.ioOnClosedChannel)
    // A transport error has already told why.
    if let cutShort, !hasTransportFailed { context.fireErrorCaught(cutShort) }
  }

  func stop(failingWritesWith error: any Error) {
    state = .closed
    timer?.cancel()
    timer = nil
    pending.fail(error)
  }

  func schedule(
    in time: TimeAmount, _ context: ChannelHandlerContext, _ action: @escaping (TLSHandler) -> Void
  ) {
    timer?.cancel()
    timer = context.eventLoop.assumeIsolated().scheduleTask(in: time) { action(self) }
  }

  // MARK: Handshake

  private func takeHandshake(_ ciphertext: ByteBuffer, _ context: ChannelHandlerContext) {
    if let connection {
      connection.receive(ciphertext)
      return advanceHandshake(context, connection)
    }
    guard let bytes = opening.add(ciphertext) else { return }
    do {
      let connection = try OpenSSLConnection(context: openSSL, serverHostname: nil)
      self.connection = connection
      connection.receive(bytes)
      advanceHandshake(context, connection)
    } catch {
      fail(context, error)
    }
  }

  private func advanceHandshake(
    _ context: ChannelHandlerContext, _ connection: OpenSSLConnection
  ) {
    switch connection.handshake() {
    case .needsBytes:
      send(context, promise: nil)
      context.flush()
      if bytesReceived > TLSLimits.handshakeBytesMax {
        fail(context, TLSError(.handshakeTooLarge, "the peer sent too much before it was known"))
      }
    case .complete(let peer):
      open(context, connection, announcing: TLSHandshakeCompleted(peer: peer))
    case .met(let stranger): open(context, connection, announcing: stranger)
    case .failed(let error): fail(context, error)
    }
  }

  private func open(
    _ context: ChannelHandlerContext, _ connection: OpenSSLConnection,
    announcing event: any Sendable
  ) {
    state = .open
    timer?.cancel()
    // Together with the last flight of the handshake: one packet instead of two.
    encryptPending(context)
    send(context, promise: nil)
    context.flush()
    context.fireUserInboundEventTriggered(event)
    deliver(context, connection)
  }

  private func handshakeTimedOut(_ context: ChannelHandlerContext) {
    guard state == .handshaking else { return }
    let error = TLSError(.handshakeTimeout, "the peer did not complete the handshake in time")
    stop(failingWritesWith: error)
    context.fireErrorCaught(error)
    context.close(promise: nil)
  }

  // MARK: Reading

  public func read(context: ChannelHandlerContext) {
    isReadWanted = true
    context.read()
  }

  public func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let ciphertext = unwrapInboundIn(data)
    let isFirst = bytesReceived == 0
    bytesReceived += ciphertext.readableBytes
    switch state {
    case .handshaking:
      if isFirst, let (error, answer) = PlainTextPeer.recognise(ciphertext) {
        fail(context, error, lastWord: answer)
        return
      }
      takeHandshake(ciphertext, context)
    case .open:
      guard let connection else { return }
      silentBytes += ciphertext.readableBytes
      connection.receive(ciphertext)
      deliver(context, connection)
    case .closing:
      drainedBytes += ciphertext.readableBytes
      if drainedBytes > TLSLimits.drainBytesMax { context.close(promise: nil) }
    case .idle, .closed:
      break
    }
  }

  public func channelReadComplete(context: ChannelHandlerContext) {
    context.fireChannelReadComplete()
    switch state {
    case .handshaking, .closing:
      // Nobody above asks for these bytes.
      context.read()
    case .open:
      // What came was not yet a whole record: the read that was asked for is still owed.
      if isReadWanted { context.read() }
    case .idle, .closed:
      break
    }
  }

  private func deliver(_ context: ChannelHandlerContext, _ connection: OpenSSLConnection) {
    while state == .open {
      var plaintext = context.channel.allocator.buffer(capacity: connection.plaintextBytesExpected)
      var outcome = connection.read(into: &plaintext)
      while case .bytes = outcome, plaintext.writableBytes > 0 {
        outcome = connection.read(into: &plaintext)
      }
      if plaintext.readableBytes > 0 {
        isReadWanted = false
        silentBytes = 0
        context.fireChannelRead(wrapInboundOut(plaintext))
      }
      // A handler above may have closed meanwhile.
      guard state == .open else { return }
      switch outcome {
      case .bytes: continue
      case .needsBytes: return answer(context)
      case .closed: return peerSaidFarewell(context)
      case .failed(let error): return fail(context, error)
      }
    }
  }

  /// Sends what OpenSSL itself has to say while reading (key updates), within bounds: a peer could ask for ever, and never
  /// take an answer or never say anything.
  private func answer(_ context: ChannelHandlerContext) {
    if silentBytes > TLSLimits.silentBytesMax {
      return fail(
        context, TLSError(.protocolViolation, "the peer changes keys without end, and says nothing")
      )
    }
    let sent = send(context, promise: nil)
    guard sent > 0 else { return }
    context.flush()
    answerBytes = context.channel.isWritable ? 0 : answerBytes + sent
    if answerBytes > TLSLimits.answerBytesMax {
      fail(context, TLSError(.writeLimit, "the peer asks without taking the answers"))
    }
  }

  // MARK: Writing

  public func write(
    context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?
  ) {
    let plaintext = unwrapOutboundIn(data)
    switch state {
    case .idle, .handshaking:
      guard pending.bytes + plaintext.readableBytes <= TLSLimits.earlyWriteBytesMax else {
        promise?.fail(
          TLSError(.writeLimit, "too much was written before the connection was secure"))
        return
      }
      pending.append(plaintext, promise: promise)
    case .open:
      if pending.bytes + plaintext.readableBytes > TLSLimits.recordBytesMax {
        encryptPending(context)
      }
      pending.append(plaintext, promise: promise)
      if pending.bytes >= TLSLimits.recordBytesMax { encryptPending(context) }
    case .closing, .closed:
      promise?.fail(ChannelError.ioOnClosedChannel)
    }
  }

  public func flush(context: ChannelHandlerContext) {
    if state == .open { encryptPending(context) }
    context.flush()
  }

  func encryptPending(_ context: ChannelHandlerContext) {
    guard state == .open, !pending.isEmpty, let connection else { return }
    let (plaintext, promise) = pending.take()
    do {
      try connection.write(plaintext)
      send(context, promise: promise)
    } catch {
      promise?.fail(error)
      fail(context, error)
    }
  }

  /// Hands what OpenSSL has written to the channel.
  ///
  /// - Returns: how many bytes that were.
  @discardableResult
  func send(_ context: ChannelHandlerContext, promise: EventLoopPromise<Void>?) -> Int {
    guard let ciphertext = connection?.takeOutbound() else {
      // In its turn: earlier writes may still be waiting.
      if promise != nil { context.write(wrapOutboundOut(ByteBuffer()), promise: promise) }
      return 0
    }
    bytesSent += ciphertext.readableBytes
    context.write(wrapOutboundOut(ciphertext), promise: promise)
    return ciphertext.readableBytes
  }
}
