import NIOCore
import NIOPosix
import Testing

@testable import OfficeSyncSyncLink

/// The bound on what a connection holds unsent is one that the system takes.
@Suite struct SendBufferTests {
  @Test func theSystemKeepsTheBound() async throws {
    let server = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
      .bind(host: "127.0.0.1", port: 0).get()
    let address = try #require(server.localAddress)
    let bounded = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
      .channelOption(SendBuffer.option, value: SendBuffer.unsentBytesMax)
      .connect(to: address).get()
    let plain = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
      .connect(to: address).get()
    let kept = try await bounded.getOption(SendBuffer.option).get()
    let standard = try await plain.getOption(SendBuffer.option).get()
    for channel in [bounded, plain, server] { try await channel.close() }
    #expect(kept == SendBuffer.unsentBytesMax)
    #expect(standard != kept)
  }
}
