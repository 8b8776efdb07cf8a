import NIOCore
import OfficeSyncProtocol
import OfficeSyncReplication
import Synchronization

/// An error, and at which office it came up.
struct RelayLinkError: Error {
  let end: RelayEnd
  let error: any Error

  init(_ end: RelayEnd, _ error: any Error) {
    self.end = end
    self.error = error
  }
}

/// Runs one relay session over two connections. A task for each office reads what it sends, and reads on only when what
/// follows from that has been taken by the office that it goes to.
final class RelayLink: Sendable {
  private typealias Outbound = NIOAsyncChannelOutboundWriter<ByteBuffer>
  private typealias Inbound = NIOAsyncChannelInboundStream<ByteBuffer>

  /// How long the reading side of a connection that cannot be written to has to say why.
  private static let reasonTime = Duration.seconds(2)

  private struct Shared {
    var session: RelaySession
    /// Messages whose consequences are being written.
    var underWay = 0
  }

  private let shared: Mutex<Shared>
  private let traffic = Mutex<[RelayEnd: Traffic]>([:])
  private let activity: [RelayEnd: Activity] = [.from: Activity(), .to: Activity()]
  private let idleTime: Duration
  private let progress: @Sendable (UInt64) -> Void

  init(
    _ session: RelaySession, idleTime: Duration, progress: @escaping @Sendable (UInt64) -> Void
  ) {
    shared = Mutex(Shared(session: session))
    self.idleTime = idleTime
    self.progress = progress
  }

  var outcomes: [RelayOutcome] { shared.withLock { $0.session.outcomes } }

  func office(_ end: RelayEnd) -> PeerInfo? { shared.withLock { $0.session.office(end) } }

  /// - Parameter connection: the office's, which is closed by now.
  func traffic(of end: RelayEnd, _ connection: SecureConnection?) async -> Traffic {
    var sum = traffic.withLock { $0[end] } ?? Traffic()
    if let bytes = await connection?.socketBytes() {
      (sum.bytesSent, sum.bytesReceived) = (bytes.sent, bytes.received)
    }
    return sum
  }

  /// Runs until the session is over, and closes both connections.
  func run(
    from: SecureConnection, to: SecureConnection, wallMilliseconds: UInt64
  ) async -> Swift.Result<Void, any Error> {
    do {
      try await from.channel.executeThenClose { fromInbound, fromOutbound in
        try await to.channel.executeThenClose { toInbound, toOutbound in
          let outbound: [RelayEnd: Outbound] = [.from: fromOutbound, .to: toOutbound]
          do {
            try await self.relay(
              [.from: fromInbound, .to: toInbound], outbound, wallMilliseconds)
          } catch {
            await self.sayFarewell(to: (error as? RelayLinkError)?.error ?? error, outbound)
            throw error
          }
        }
      }
      return .success(())
    } catch {
      return .failure(error)
    }
  }

  private func relay(
    _ inbound: [RelayEnd: Inbound], _ outbound: [RelayEnd: Outbound], _ wallMilliseconds: UInt64
  ) async throws {
    let opening = shared.withLock { $0.session.start(wallMilliseconds: wallMilliseconds) }
    for case .send(let message, let end) in opening {
      try await write(message.frame, to: end, outbound)
    }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for (end, bytes) in inbound {
        group.addTask {
          do { try await self.pump(bytes, from: end, outbound) } catch let error as RelayLinkError {
            throw error
          } catch {
            throw RelayLinkError(end, error)
          }
        }
      }
      group.addTask { try await self.watch() }
      // Whoever ends first, well or not, ends it for all.
      try await group.next()
      group.cancelAll()
    }
  }

  private func pump(
    _ inbound: Inbound, from end: RelayEnd, _ outbound: [RelayEnd: Outbound]
  ) async throws {
    var decoder = FrameDecoder(frameBytesMax: Limits.frameBytesMax)
    for try await buffer in inbound {
      activity[end]?.note()
      traffic.withLock { $0[end, default: Traffic()].frameBytesReceived += buffer.readableBytes }
      decoder.append(buffer.readableBytesView)
      while let (frame, message) = try decoder.nextMessage() {
        let actions = try shared.withLock { shared throws(SessionError) in
          shared.underWay += 1
          return try shared.session.received(message, from: end)
        }
        for action in actions {
          switch action {
          case .send(let message, let receiver):
            try await write(message.frame, to: receiver, outbound)
          case .forward: try await write(frame, to: end.other, outbound)
          }
        }
        let isOver = shared.withLock { shared in
          shared.underWay -= 1
          return shared.underWay == 0 && shared.session.isClosed
        }
        if isOver { return }
      }
      progress(shared.withLock { $0.session.recordsCarried })
    }
    try Task.checkCancellation()
    throw ConversationError.peerLeft
  }

  private func write(
    _ frame: Frame, to end: RelayEnd, _ outbound: [RelayEnd: Outbound]
  ) async throws {
    do {
      try await outbound[end]?.write(ByteBuffer(bytes: frame.encoded))
    } catch {
      // Reading fails too, and knows better why: a refusal comes in that way.
      try await Task.sleep(for: Self.reasonTime)
      throw RelayLinkError(end, error)
    }
    activity[end]?.note()
    traffic.withLock {
      $0[end, default: Traffic()].frameBytesSent += Frame.headerBytes + 1 + frame.body.count
    }
  }

  /// One office may be silent for long, while the other takes what it was sent; not both.
  private func watch() async throws {
    while true {
      let quiet = activity.mapValues(\.quietTime)
      guard let longest = quiet.max(by: { $0.value < $1.value }),
        let shortest = quiet.values.min()
      else { return }
      if shortest >= idleTime {
        throw RelayLinkError(
          longest.key, ConversationError.silent(seconds: idleTime.components.seconds))
      }
      try await Task.sleep(for: max(idleTime - shortest, .milliseconds(10)))
    }
  }

  private func sayFarewell(to error: any Error, _ outbound: [RelayEnd: Outbound]) async {
    guard let reason = Fail(farewellTo: error) else { return }
    for writer in outbound.values {
      try? await writer.write(ByteBuffer(bytes: Message.fail(reason).frame.encoded))
    }
  }
}
