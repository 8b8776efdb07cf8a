import AsyncAlgorithms
import NIOCore
import OfficeSyncSecureTransport

/// Watches whether the peer of a conversation may stay: until the first of its certificates ends, and whenever what it was
/// let in by changes.
struct PeerVigil {
  /// Clocks are set, and machines sleep: the end is looked for again after this time.
  private static let lookTime = Duration.seconds(3_600)

  private let rechecks: Rechecks?
  private let number: Int?
  private let alarm: Alarm?

  /// - Parameter wall: the wall clock, in milliseconds since 1970 UTC.
  init(
    over connection: SecureConnection, _ rechecks: Rechecks?,
    reportingTo events: AsyncChannel<ConversationEvent>, wall: @escaping @Sendable () -> UInt64
  ) async {
    self.rechecks = rechecks
    number = rechecks?.add { occasion in
      switch occasion {
      case .trust(let context): await Self.look(at: connection, by: context, events)
      case .access: await events.send(.accessChanged)
      }
    }
    guard let peer = try? await connection.handshake.get() else {
      alarm = nil
      return
    }
    let pause: @Sendable () -> Duration = {
      let left = peer.validUntilSeconds * 1_000 - Int64(clamping: wall())
      // A certificate holds through its last second.
      return min(.milliseconds(max(left, 0) + 1_000), Self.lookTime)
    }
    alarm = Alarm(on: connection.channel.channel.eventLoop, in: pause()) {
      await Self.look(at: connection, by: nil, events) ? pause() : nil
    }
  }

  func end() {
    alarm?.cancel()
    if let number { rechecks?.remove(number) }
  }

  /// - Returns: whether the peer may stay.
  @discardableResult
  private static func look(
    at connection: SecureConnection, by context: TLSContext?,
    _ events: AsyncChannel<ConversationEvent>
  ) async -> Bool {
    do {
      try await connection.verifyPeerAgain(by: context)
      return true
    } catch let error as TLSError {
      await events.send(.distrusted(error))
      return false
    } catch {
      // The connection is gone.
      return false
    }
  }
}
