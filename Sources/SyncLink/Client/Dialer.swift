import NIOCore
import NIOPosix
import OfficeSyncRecords
import OfficeSyncSecureTransport
import Synchronization

/// Makes connections to servers.
struct Dialer: Sendable {
  let context: TLSContext
  /// Where tickets are kept; nil to show certificates each time. A store whose key is protected keeps none: for a week they
  /// open what the key opens.
  let tickets: TicketFolder?

  /// Connects, and waits until the server has shown who it is.
  /// - Parameter connectTime: how long connecting may take, and then the handshake.
  func dial(
    host: String, port: Int, connectTime: Duration
  ) async throws -> (SecureConnection, TLSPeer, Identity) {
    let attempts = Attempts()
    let ticket = try await takeTicket(host: host, port: port)
    return try await withTaskCancellationHandler {
      try await greet(try await connect(host, port, connectTime, ticket, attempts))
    } onCancel: {
      attempts.abandon()
    }
  }

  /// Connects to a server that is not verified yet.
  func dialStranger(
    host: String, port: Int, connectTime: Duration
  ) async throws -> SecureConnection {
    let attempts = Attempts()
    return try await withTaskCancellationHandler {
      let connection = try await connect(host, port, connectTime, nil, attempts)
      do {
        _ = try await connection.counterpart.get()
        return connection
      } catch {
        await connection.close()
        try Task.checkCancellation()
        throw error
      }
    } onCancel: {
      attempts.abandon()
    }
  }

  private func takeTicket(host: String, port: Int) async throws -> [UInt8]? {
    if context.isKeyProtected {
      _ = try await blocking { $0.remove(host: host, port: port) }
      return nil
    }
    return try await blocking { $0.load(host: host, port: port) } ?? nil
  }

  /// Keeps what the server gave for the next time, if it gave anything.
  func keepTicket(of connection: SecureConnection, host: String, port: Int) async {
    guard let ticket = connection.tickets.take(), !context.isKeyProtected else { return }
    // Without it certificates are shown.
    _ = try? await blocking { $0.save(ticket, host: host, port: port) }
  }

  private func blocking<T: Sendable>(
    _ body: @escaping @Sendable (TicketFolder) -> T
  ) async throws -> T? {
    guard let tickets else { return nil }
    return try await NIOThreadPool.store.runIfActive { body(tickets) }
  }

  /// Waits until the server has shown who it is.
  private func greet(
    _ connection: SecureConnection
  ) async throws -> (SecureConnection, TLSPeer, Identity) {
    do {
      let peer = try await connection.handshake.get()
      return (connection, peer, try Identity(uri: peer.uri))
    } catch {
      await connection.close()
      try Task.checkCancellation()
      throw error
    }
  }

  private func connect(
    _ host: String, _ port: Int, _ connectTime: Duration, _ ticket: [UInt8]?, _ attempts: Attempts
  ) async throws -> SecureConnection {
    try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
      .connectTimeout(.nanoseconds(connectTime.nanoseconds))
      .channelOption(.tcpOption(.tcp_nodelay), value: 1)
      .channelOption(SendBuffer.option, value: SendBuffer.unsentBytesMax)
      .connect(host: host, port: port) { channel in
        attempts.add(channel)
        return channel.eventLoop.makeCompletedFuture {
          let latest = LatestTicket()
          return try SecureConnection(
            wrapping: channel,
            tls: TLSHandler(
              context: self.context, serverHostname: host, resuming: ticket,
              handshakeTimeout: .nanoseconds(connectTime.nanoseconds),
              onTicket: { latest.put($0) }),
            tickets: latest)
        }
      }
  }
}

/// Connections that are being made, to be given up together: nothing else wakes what waits for them.
private final class Attempts: Sendable {
  private struct State {
    var channels: [any NIOCore.Channel] = []
    var isAbandoned = false
  }

  private let state = Mutex(State())

  func add(_ channel: any NIOCore.Channel) {
    let isLate = state.withLock { state in
      state.channels.append(channel)
      return state.isAbandoned
    }
    if isLate { channel.close(promise: nil) }
  }

  func abandon() {
    let channels = state.withLock { state in
      state.isAbandoned = true
      return state.channels
    }
    for channel in channels { channel.close(promise: nil) }
  }
}
