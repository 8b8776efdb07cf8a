import NIOCore

/// Triggered outbound, it ends a connection for which there is no place any more: a handshake that is not over, or a stranger.
/// It ends in `TLSError(.turnedAway)`; a client that has not heard anything yet gets the alert `internal_error`.
public struct TLSTurnAway: Sendable {
  public init() {}
}

extension TLSHandler {
  // MARK: Closing

  public func close(
    context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?
  ) {
    guard mode == .all else {
      promise?.fail(ChannelError.operationUnsupported)
      return
    }
    switch state {
    case .idle, .handshaking, .closed:
      stop(failingWritesWith: ChannelError.ioOnClosedChannel)
      context.close(promise: promise)
    case .open, .closing:
      sayFarewell(context)
      let closed = context.channel.closeFuture
      let gone = isClient ? departure?.flatMapError { _ in closed } : closed
      (gone ?? closed).cascade(to: promise)
    }
  }

  func peerSaidFarewell(_ context: ChannelHandlerContext) {
    context.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
    sayFarewell(context)
  }

  func sayFarewell(_ context: ChannelHandlerContext) {
    encryptPending(context)
    guard state == .open else { return }
    connection?.sayFarewell()
    drain(context, sendingWithin: TLSLimits.closeTime)
  }

  func fail(
    _ context: ChannelHandlerContext, _ error: TLSError, lastWord: ByteBuffer? = nil
  ) {
    guard state == .handshaking || state == .open else { return }
    // First, so that a `close` from above does not cut off the alert.
    state = .closing
    pending.fail(error)
    context.fireErrorCaught(error)
    if let lastWord {
      bytesSent += lastWord.readableBytes
      context.write(wrapOutboundOut(lastWord), promise: nil)
    }
    drain(context, sendingWithin: TLSLimits.drainTime)
  }

  /// Sends the alert or farewell that OpenSSL has written, ends our half of the connection, and reads on for a moment:
  /// a socket closed with unread bytes would reset the connection, and the peer would never see the alert.
  private func drain(_ context: ChannelHandlerContext, sendingWithin time: TimeAmount) {
    state = .closing
    schedule(in: time, context) { _ in context.close(promise: nil) }
    let sent = context.eventLoop.makePromise(of: Void.self)
    let ended = context.eventLoop.makePromise(of: Void.self)
    departure = ended.futureResult
    sent.futureResult.assumeIsolated().whenComplete { _ in
      guard self.state == .closing else { return ended.fail(ChannelError.alreadyClosed) }
      self.schedule(in: TLSLimits.drainTime, context) { _ in context.close(promise: nil) }
      self.endOutput(context, ended)
    }
    send(context, promise: sent)
    context.flush()
    context.read()
  }

  private func endOutput(_ context: ChannelHandlerContext, _ ended: EventLoopPromise<Void>) {
    ended.futureResult.assumeIsolated().whenFailure { _ in
      // A channel that cannot end one half ends both.
      context.close(promise: nil)
    }
    context.close(mode: .output, promise: ended)
  }

  // MARK: Turning away

  public func triggerUserOutboundEvent(
    context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?
  ) {
    guard event is TLSTurnAway else {
      return context.triggerUserOutboundEvent(event, promise: promise)
    }
    turnAway(context)
    promise?.succeed()
  }

  /// There may be thousands to turn away, so nothing is kept for them: neither is anything drained, nor waited for.
  private func turnAway(_ context: ChannelHandlerContext) {
    let error = TLSError(.turnedAway, "others came meanwhile, and there is no room for so many")
    switch state {
    case .idle, .handshaking:
      stop(failingWritesWith: error)
      context.fireErrorCaught(error)
      // Once the keys have changed a plain alert would not be understood.
      if bytesSent == 0 {
        let alert = PlainAlert.fatal(.internalError)
        bytesSent += alert.readableBytes
        context.writeAndFlush(wrapOutboundOut(alert), promise: nil)
      }
      context.close(promise: nil)
    case .open:
      context.fireErrorCaught(error)
      sayFarewell(context)
    case .closing: context.close(promise: nil)
    case .closed: break
    }
  }
}

/// An alert before there are keys (RFC 8446, sections 5.1 and 6).
private enum PlainAlert {
  static func fatal(_ alert: TLSAlert) -> ByteBuffer {
    ByteBuffer(bytes: [21, 3, 3, 0, 2, 2, alert.rawValue])
  }
}
