import NIOCore
import NIOPosix
import OfficeSyncSecureTransport
import Testing

@testable import OfficeSyncSyncLink

/// A listener that never comes to serve.
@Suite(.timeLimit(.minutes(10))) struct ListenerTests {
  private struct NotToday: Error {}

  /// It was accepted and is secure, and then the listener gives up: NIO would trap on a channel that is just dropped.
  @Test func aConnectionThatNobodyServesIsClosed() async throws {
    let organisation = try Organisation()
    let office = try Site("office/rabat", in: organisation)
    let device = try Site("field/amina", in: organisation)
    let log = LogLines()
    let group = MultiThreadedEventLoopGroup.singleton
    let connected = group.next().makePromise(of: SecureConnection.self)
    await #expect(throws: NotToday.self) {
      try await office.listener(log: log).run(on: [("127.0.0.1", 0)]) { addresses in
        let context = try organisation.context(for: device.identity, as: .client)
        _ = try ClientBootstrap(group: group)
          .channelInitializer { channel in
            channel.eventLoop.makeCompletedFuture {
              let connection = try SecureConnection(
                wrapping: channel, tls: TLSHandler(context: context, serverHostname: "127.0.0.1"))
              connected.succeed(connection)
            }
          }
          .connect(host: addresses[0].host, port: addresses[0].port).wait()
        // The server's end is secure too once the client has heard from it.
        _ = try connected.futureResult.wait().handshake.wait()
        throw NotToday()
      }
    }
    try await connected.futureResult.get().channel.executeThenClose { inbound, _ in
      do { for try await _ in inbound {} } catch {}
    }
    #expect(log.all.isEmpty)
  }
}
