import NIOCore
import NIOPosix
import OfficeSyncTestSupport
import Testing

@testable import OfficeSyncSecureTransport

/// Much data, on real sockets.
@Suite struct TransferTests {
  let organisation: Organisation

  init() throws {
    organisation = try Organisation()
  }

  @Test func muchDataBothWaysAtOnce() async throws {
    let fromServer = Streamer.Plan(seed: 2)
    let fromClient = Streamer.Plan(seed: 1, leaves: true)
    let (server, client) = try await transfer(server: fromServer, client: fromClient)
    #expect(server.digest == fromClient.digest)
    #expect(client.digest == fromServer.digest)
    #expect(server.errors.isEmpty && client.errors.isEmpty)
  }

  @Test func aPeerThatDoesNotReadStopsTheWriter() async throws {
    let fromServer = Streamer.Plan(seed: 2)
    let (server, client) = try await transfer(
      server: fromServer, client: Streamer.Plan(seed: 1, leaves: true, readsLast: true))
    #expect(client.othersChunksWhenDone < fromServer.chunks)
    // One chunk over the channel's high-water mark of 64 KiB, and one that the socket has taken in part.
    #expect(server.waitingChunksMax <= 2)
    #expect(client.digest == fromServer.digest)
    #expect(server.errors.isEmpty && client.errors.isEmpty)
  }

  private func transfer(
    server serverPlan: Streamer.Plan, client clientPlan: Streamer.Plan
  ) async throws -> (server: Streamer.Report, client: Streamer.Report) {
    let group = MultiThreadedEventLoopGroup.singleton
    let serverContext = try organisation.server()
    let clientContext = try organisation.client()
    let serverProgress = Streamer.Progress()
    let clientProgress = Streamer.Progress()
    let serverEnded = group.next().makePromise(of: Streamer.Report.self)
    let clientEnded = group.next().makePromise(of: Streamer.Report.self)

    // Small socket buffers, or the kernel would hold everything that the reader does not take.
    let listener = try await ServerBootstrap(group: group)
      .childChannelOption(.socketOption(.so_sndbuf), value: 256 * 1024)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandlers(
            TLSHandler(context: serverContext),
            Streamer(serverPlan, own: serverProgress, others: clientProgress, ended: serverEnded))
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    _ = try await ClientBootstrap(group: group)
      .channelOption(.socketOption(.so_rcvbuf), value: 256 * 1024)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandlers(
            TLSHandler(context: clientContext, serverHostname: "localhost"),
            Streamer(clientPlan, own: clientProgress, others: serverProgress, ended: clientEnded))
        }
      }
      .connect(host: "127.0.0.1", port: listener.localAddress?.port ?? 0).get()
    let reports = (
      server: try await serverEnded.futureResult.get(),
      client: try await clientEnded.futureResult.get()
    )
    try await listener.close()
    return reports
  }
}
