import AsyncAlgorithms
import NIOCore
import OfficeSyncCompression
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
  private typealias Outlet = NIOAsyncChannelOutboundWriter<ByteBuffer>
  private typealias Inbound = NIOAsyncChannelInboundStream<ByteBuffer>

  /// How long the reading side of a connection that cannot be written to has to say why.
  private static let reasonTime = Duration.seconds(2)

  /// What one of the tasks beside each other has come to.
  private enum Ended {
    case reading
    case writing
  }

  private struct Shared {
    var session: RelaySession
    /// Messages whose consequences are being written.
    var underWay = 0
  }

  private let shared: Mutex<Shared>
  private let traffic = Mutex<[RelayEnd: Traffic]>([:])
  private let activity: [RelayEnd: Activity]
  /// What goes out to each office, in order. Whoever puts something in waits until it is its turn to be written.
  private let outlets: [RelayEnd: AsyncChannel<Outbound>] = [
    .from: AsyncChannel(), .to: AsyncChannel(),
  ]
  private let progress: @Sendable (UInt64) -> Void

  init(
    _ session: RelaySession, idleTime: Duration, progress: @escaping @Sendable (UInt64) -> Void
  ) {
    shared = Mutex(Shared(session: session))
    activity = [.from: Activity(patience: idleTime), .to: Activity(patience: idleTime)]
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
          let outbound: [RelayEnd: Outlet] = [.from: fromOutbound, .to: toOutbound]
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
    _ inbound: [RelayEnd: Inbound], _ outbound: [RelayEnd: Outlet], _ wallMilliseconds: UInt64
  ) async throws {
    let opening = shared.withLock { $0.session.start(wallMilliseconds: wallMilliseconds) }
    try await withThrowingTaskGroup(of: Ended.self) { group in
      for (end, writer) in outbound { group.addTask { try await self.write(to: end, writer) } }
      for case .send(let message, let end) in opening { await send(message.frame, to: end) }
      for (end, bytes) in inbound {
        group.addTask {
          do { return try await self.pump(bytes, from: end) } catch let error as RelayLinkError {
            throw error
          } catch {
            throw RelayLinkError(end, error)
          }
        }
      }
      group.addTask { try await self.watch() }
      // Whoever of those that read ends first ends it for all, and what is to be said yet is written.
      var writing = outbound.count
      while writing > 0, let ended = try await group.next() {
        switch ended {
        case .reading: for outlet in outlets.values { outlet.finish() }
        case .writing: writing -= 1
        }
      }
      group.cancelAll()
    }
  }

  private func pump(_ inbound: Inbound, from end: RelayEnd) async throws -> Ended {
    var reader = FrameReader(frameBytesMax: Limits.frameBytesMax)
    for try await buffer in inbound {
      activity[end]?.note()
      reader.append(buffer.readableBytesView)
      defer {
        traffic.withLock { $0[end, default: Traffic()].frameBytesReceived = reader.frameBytes }
      }
      while let (frame, message) = try reader.nextMessage() {
        let actions = try shared.withLock { shared throws(SessionError) in
          shared.underWay += 1
          return try shared.session.received(message, from: end)
        }
        for action in actions {
          switch action {
          case .send(let message, let receiver):
            await send(message.frame, to: receiver)
          case .forward: await send(frame, to: end.other)
          case .compress(let office):
            reader.takesCompressed = true
            await outlets[office]?.send(.compress)
          }
        }
        let isOver = shared.withLock { shared in
          shared.underWay -= 1
          return shared.underWay == 0 && shared.session.isClosed
        }
        if isOver { return .reading }
      }
      progress(shared.withLock { $0.session.recordsCarried })
    }
    try Task.checkCancellation()
    throw ConversationError.peerLeft
  }

  private func send(_ frame: Frame, to end: RelayEnd) async {
    traffic.withLock { $0[end, default: Traffic()].frameBytesSent += frame.encodedBytes }
    await outlets[end]?.send(.frame(frame))
  }

  private func write(to end: RelayEnd, _ outbound: Outlet) async throws -> Ended {
    var writer = FrameWriter()
    for await item in outlets[end] ?? AsyncChannel() {
      switch item {
      case .frame(let frame):
        do {
          try await outbound.write(
            contentsOf: writer.encode([frame], at: .now).map { ByteBuffer(bytes: $0) })
        } catch {
          // Reading fails too, and knows better why: a refusal comes in that way.
          try await Task.sleep(for: Self.reasonTime)
          throw RelayLinkError(end, error)
        }
        activity[end]?.note()
      case .compress: writer.agree()
      case .reportDrained, .settle: break
      }
    }
    return .writing
  }

  /// One office may be silent for long, while the other takes what it was sent; not both.
  private func watch() async throws -> Ended {
    while true {
      let left = activity.mapValues { $0.patience - $0.quietTime }
      guard let first = left.min(by: { $0.value < $1.value }), let last = left.values.max()
      else { return .reading }
      if last <= .zero {
        let patience = activity[first.key]?.patience ?? .zero
        throw RelayLinkError(
          first.key, ConversationError.silent(seconds: patience.components.seconds))
      }
      try await Task.sleep(for: max(last, .milliseconds(10)))
    }
  }

  private func sayFarewell(to error: any Error, _ outbound: [RelayEnd: Outlet]) async {
    guard let reason = Fail(farewellTo: error) else { return }
    for writer in outbound.values {
      try? await writer.write(ByteBuffer(bytes: Message.fail(reason).frame.encoded))
    }
  }
}
