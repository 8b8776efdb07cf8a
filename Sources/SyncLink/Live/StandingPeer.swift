import OfficeSyncRecords
import OfficeSyncReplication

/// Keeps a store current with one server: live while the link is up, or on a schedule; after an outage it comes back and
/// catches up.
public struct StandingPeer: Sendable {
  public enum Event: Sendable {
    /// All that differed was exchanged with this office, and the session goes on: from now on what changes is exchanged as
    /// it happens.
    case live(Identity)
    /// A collection was exchanged in a session that goes on.
    case exchanged(ChannelOutcome, PeerInfo)
    /// A session has ended.
    case ended(SyncClient.Report)
  }

  private static let backoff = Backoff(first: .seconds(1), max: .seconds(120))
  /// A session that lasted for so long has got on, though it exchanged nothing.
  private static let steadyTime = Duration.seconds(60)
  /// As for ``SyncClient``: more sessions in a row than this, each of which only put names in order, are no healing.
  private static let sessionsMax = 12

  private let request: SyncClient.Request
  private let every: Duration?
  private let feed: ChangeFeed
  private let rechecks: Rechecks
  private let client: @Sendable () throws -> SyncClient
  private let observe: @Sendable (Event) async -> Void

  /// - Parameters:
  ///   - every: from one sync to the next; nil for live.
  ///   - feed: of the store that the client syncs.
  ///   - rechecks: tells when certificates and authorities change; what failed is then tried again at once.
  ///   - client: made anew for each connection, with the certificates of that time.
  ///   - observe: told what happens, one thing after the other.
  public init(
    _ request: SyncClient.Request, every: Duration?, feed: ChangeFeed,
    rechecks: Rechecks = Rechecks(), client: @escaping @Sendable () throws -> SyncClient,
    observe: @escaping @Sendable (Event) async -> Void
  ) {
    self.request = request
    self.every = every
    self.feed = feed
    self.rechecks = rechecks
    self.client = client
    self.observe = observe
  }

  /// Runs until its task is cancelled, or a session failed with what `isFinal` says no other attempt mends.
  ///
  /// - Returns: that failure.
  @discardableResult
  public func run(until isFinal: (LinkError) -> Bool = { _ in false }) async -> LinkError? {
    var backoff = Self.backoff
    var generator = SystemRandomNumberGenerator()
    var healing = 0
    while !Task.isCancelled {
      let report = await session()
      await observe(.ended(report))
      if let failure = report.failure, isFinal(failure) { return failure }
      // Names were put in order: on with the next session.
      healing = report.failure == nil && every == nil ? healing + 1 : 0
      if healing > 0, healing < Self.sessionsMax { continue }
      let gotOn = report.failure == nil || report.duration >= Self.steadyTime || report.broughtOn
      let pause = backoff.pause(gotOn: gotOn, using: &generator)
      if report.failure == nil, let every {
        try? await Task.sleep(for: every)
      } else if await rechecks.wait(pause) {
        backoff = Self.backoff
      }
    }
    return nil
  }

  private func session() async -> SyncClient.Report {
    do {
      let client = try client()
      guard every == nil else { return await client.sync(request) }
      return await client.stay(
        request, feed, onLive: { await observe(.live($0)) },
        onExchange: { outcome, peer in await observe(.exchanged(outcome, peer)) })
    } catch {
      var report = SyncClient.Report()
      report.failure = LinkError(error)
      return report
    }
  }
}

extension SyncClient.Report {
  /// Whether records went over a link that then broke: what came is kept, and where every link soon dies a session goes on
  /// where the last one ended.
  fileprivate var broughtOn: Bool {
    guard case .broken = failure?.kind else { return false }
    return outcomes.contains { $0.received > 0 || $0.sent > 0 }
  }
}
