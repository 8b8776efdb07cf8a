import NIOCore
import NIOPosix
import OfficeSyncRecords
import OfficeSyncSecureTransport
import Synchronization

/// Makes connections to servers.
struct Dialer: Sendable {
  let context: TLSContext

  /// Connects, and waits until the server has shown who it is.
  /// - Parameter connectTime: how long connecting may take, and then the handshake.
  func dial(
    host: String, port: Int, connectTime: Duration
  ) async throws -> (SecureConnection, TLSPeer, Identity) {
    let attempts = Attempts()
    return try await withTaskCancellationHandler {
      try await greet(try await connect(host, port, connectTime, attempts))
    } onCancel: {
      attempts.abandon()
    }
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
    _ host: String, _ port: Int, _ connectTime: Duration, _ attempts: Attempts
  ) async throws -> SecureConnection {
    try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
      .connectTimeout(.nanoseconds(connectTime.nanoseconds))
      .channelOption(.tcpOption(.tcp_nodelay), value: 1)
      .connect(host: host, port: port) { channel in
        attempts.add(channel)
        return channel.eventLoop.makeCompletedFuture {
          try SecureConnection(
            wrapping: channel,
            tls: TLSHandler(
              context: self.context, serverHostname: host,
              handshakeTimeout: .nanoseconds(connectTime.nanoseconds)))
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
