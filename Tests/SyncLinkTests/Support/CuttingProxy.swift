import NIOCore
import NIOPosix
import OfficeSyncTestSupport
import Synchronization

/// Passes TCP connections on to a port, and breaks each off after a number of bytes, both ways together.
struct CuttingProxy: Sendable {
  let port: Int
  private let budget: Budget

  /// How many bytes the next connections may carry; nil for any number.
  func cut(after bytes: Int?) { budget.next.withLock { $0 = bytes } }

  /// Forgets the connections that are open, as a NAT does: nothing more gets through on them, and nobody is told.
  func forget() { budget.isForgetful.withLock { $0 = true } }

  /// How many bytes went over it so far, both ways and all connections together.
  var carried: Int { budget.carried.withLock { $0 } }

  private final class Budget: Sendable {
    let next = Mutex<Int?>(nil)
    let carried = Mutex(0)
    let isForgetful = Mutex(false)
    let isOver = Mutex(false)
  }

  /// Runs the body with a proxy before the port.
  static func before<Result: Sendable>(
    port target: Int, _ body: (CuttingProxy) async throws -> Result
  ) async throws -> Result {
    typealias Link = NIOAsyncChannel<ByteBuffer, ByteBuffer>
    let server = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
      .bind(host: "127.0.0.1", port: 0) { channel in
        channel.eventLoop.makeCompletedFuture { try Link(wrappingChannelSynchronously: channel) }
      }
    let proxy = CuttingProxy(port: server.channel.localAddress?.port ?? 0, budget: Budget())
    let passing = Task {
      try await server.executeThenClose { inbound in
        try await withThrowingDiscardingTaskGroup { group in
          for try await link in inbound {
            let left = Left(of: proxy.budget)
            group.addTask { try? await pass(link, to: target, left) }
          }
        }
      }
    }
    let outcome: Swift.Result<Result, any Error>
    do { outcome = .success(try await body(proxy)) } catch { outcome = .failure(error) }
    proxy.budget.isOver.withLock { $0 = true }
    server.channel.close(promise: nil)
    try await passing.value
    return try outcome.get()
  }

  /// What a connection may still carry.
  private final class Left: Sendable {
    private let bytes: Mutex<Int>
    private let budget: Budget

    init(of budget: Budget) {
      self.budget = budget
      bytes = Mutex(budget.next.withLock { $0 } ?? .max)
    }

    /// Returns at once, or, if the connection was forgotten, when the proxy goes.
    func pass() async {
      guard budget.isForgetful.withLock({ $0 }) else { return }
      while !budget.isOver.withLock({ $0 }) { try? await Task.sleep(for: .milliseconds(50)) }
    }

    func take(_ wanted: Int) -> Int {
      let taken = bytes.withLock { left in
        let taken = min(wanted, left)
        left -= taken
        return taken
      }
      budget.carried.withLock { $0 += taken }
      return taken
    }
  }

  private static func pass(
    _ near: NIOAsyncChannel<ByteBuffer, ByteBuffer>, to port: Int, _ left: Left
  ) async throws {
    let far: NIOAsyncChannel<ByteBuffer, ByteBuffer>
    do {
      far = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
        // A machine that has no time for it takes longer than the usual ten seconds.
        .connectTimeout(.seconds(120))
        .connect(host: "127.0.0.1", port: port) { channel in
          channel.eventLoop.makeCompletedFuture {
            try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
          }
        }
    } catch {
      // One that is dropped as it is ends the program.
      try? await near.executeThenClose { _, _ in }
      throw error
    }
    let (nearChannel, farChannel) = (near.channel, far.channel)
    let closeBoth: @Sendable () -> Void = {
      nearChannel.close(promise: nil)
      farChannel.close(promise: nil)
    }
    try await near.executeThenClose { nearIn, nearOut in
      try await far.executeThenClose { farIn, farOut in
        await withTaskGroup(of: Void.self) { group in
          group.addTask { await copy(nearIn, to: farOut, left, orElse: closeBoth) }
          group.addTask { await copy(farIn, to: nearOut, left, orElse: closeBoth) }
        }
      }
    }
  }

  private static func copy(
    _ source: NIOAsyncChannelInboundStream<ByteBuffer>,
    to target: NIOAsyncChannelOutboundWriter<ByteBuffer>, _ left: Left,
    orElse closeBoth: @Sendable () -> Void
  ) async {
    do {
      for try await var bytes in source {
        await left.pass()
        let wanted = bytes.readableBytes
        let taken = left.take(wanted)
        if let slice = bytes.readSlice(length: taken) { try await target.write(slice) }
        if taken < wanted { break }
      }
    } catch {
      // Either side broke: so does the other.
    }
    await left.pass()
    closeBoth()
  }
}
