import Crypto
import NIOCore
import Synchronization
import Testing

@testable import OfficeSyncSecureTransport

/// Last in a pipeline: writes chunks while the channel is writable, and digests what comes.
final class Streamer: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  struct Report: Sendable {
    var digest: [UInt8] = []
    var errors: [any Error] = []
    /// The most chunks that were written and not yet taken by the socket.
    var waitingChunksMax = 0
    /// How far the other end had come with writing when all of this end's chunks had gone.
    var othersChunksWhenDone = 0
  }

  /// How many chunks an end has written; both ends look at it.
  final class Progress: Sendable {
    let chunks = Mutex(0)
  }

  struct Plan: Sendable {
    let chunks = 256
    let chunkBytes = 96 * 1024
    /// Makes the two directions differ.
    let seed: UInt8
    /// Closes when everything has gone and come.
    var leaves = false
    /// Takes nothing until all its own chunks have gone.
    var readsLast = false

    var bytes: Int { chunks * chunkBytes }

    func chunk(_ index: Int) -> ByteBuffer {
      ByteBuffer(repeating: UInt8(truncatingIfNeeded: index) &* 7 &+ seed, count: chunkBytes)
    }

    var digest: [UInt8] {
      var hash = SHA256()
      for index in 0..<chunks {
        chunk(index).withUnsafeReadableBytes { hash.update(bufferPointer: $0) }
      }
      return Array(hash.finalize())
    }
  }

  private let plan: Plan
  private let own: Progress
  private let others: Progress
  private let ended: EventLoopPromise<Report>
  private var report = Report()
  private var hash = SHA256()
  private var written = 0
  private var gone = 0
  private var receivedBytes = 0

  init(_ plan: Plan, own: Progress, others: Progress, ended: EventLoopPromise<Report>) {
    self.plan = plan
    self.own = own
    self.others = others
    self.ended = ended
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    guard event is TLSHandshakeCompleted else { return }
    if plan.readsLast { setAutoRead(false, context) }
    writeMore(context)
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    writeMore(context)
  }

  private func writeMore(_ context: ChannelHandlerContext) {
    while written < plan.chunks, context.channel.isWritable {
      let promise = context.eventLoop.makePromise(of: Void.self)
      promise.futureResult.assumeIsolated().whenSuccess { self.chunkHasGone(context) }
      let chunk = plan.chunk(written)
      written += 1
      report.waitingChunksMax = max(report.waitingChunksMax, written - gone)
      own.chunks.withLock { $0 = written }
      context.writeAndFlush(wrapOutboundOut(chunk), promise: promise)
    }
  }

  private func chunkHasGone(_ context: ChannelHandlerContext) {
    gone += 1
    guard gone == plan.chunks else { return }
    report.othersChunksWhenDone = others.chunks.withLock { $0 }
    if plan.readsLast { setAutoRead(true, context) }
    leaveIfDone(context)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let bytes = unwrapInboundIn(data)
    bytes.withUnsafeReadableBytes { hash.update(bufferPointer: $0) }
    receivedBytes += bytes.readableBytes
    leaveIfDone(context)
  }

  private func leaveIfDone(_ context: ChannelHandlerContext) {
    if plan.leaves, gone == plan.chunks, receivedBytes == plan.bytes {
      context.close(promise: nil)
    }
  }

  private func setAutoRead(_ isOn: Bool, _ context: ChannelHandlerContext) {
    context.channel.setOption(ChannelOptions.autoRead, value: isOn)
      .whenFailure { Issue.record($0) }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    report.errors.append(error)
    context.close(promise: nil)
  }

  func channelInactive(context: ChannelHandlerContext) {
    report.digest = Array(hash.finalize())
    ended.succeed(report)
  }
}
