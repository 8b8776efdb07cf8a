import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncReplication
import OfficeSyncSecureTransport
import OfficeSyncStorage

extension SyncClient {
  public struct VerifyReport: Sendable {
    /// The server, once it was known.
    public var peer: PeerInfo?
    public var warnings: [String] = []
    /// By collection; where the session broke off, as far as it got.
    public var comparisons: [ComparisonOutcome] = []
    public var traffic = Traffic()
    public var roundTrips = 0
    public var duration: Duration = .zero
    /// Why the session ended before its end.
    public var failure: LinkError?

    public init() {}
  }

  /// Compares collections with a server: those asked for, or all that this store holds.
  ///
  /// - Parameters:
  ///   - request: its directions are not looked at.
  ///   - repairs: whether what is damaged or missing here is fetched; afterwards ``RecordStore/rebuild(_:)`` is due.
  ///   - progress: called with the number of records that this side added up so far.
  public func verify(
    _ request: Request, repairs: Bool, progress: @escaping @Sendable (UInt64) -> Void = { _ in }
  ) async -> VerifyReport {
    let start = ContinuousClock.now
    var report = VerifyReport()
    do {
      try await compare(request, repairs: repairs, into: &report, progress: progress)
    } catch {
      report.failure = LinkError(error)
    }
    report.duration = ContinuousClock.now - start
    return report
  }

  private func compare(
    _ request: Request, repairs: Bool, into report: inout VerifyReport,
    progress: @escaping @Sendable (UInt64) -> Void
  ) async throws {
    let (connection, peer, identity) = try await dial(request)
    report.warnings = peer.warnings.map(\.text).sorted()
    let worker = worker(for: request)
    let me: LocalInfo
    let locals: [VerifySession.Local]
    do {
      me = LocalInfo(
        try await worker.run { [store] in try store.replica() }, software: software,
        compressions: Compression.allCases)
      let views = try await self.locals(for: request, worker)
      locals = try await worker.run { [store] in
        try views.map { local in
          VerifySession.Local(
            collection: local.collection, view: local.view,
            recordCount: try store.snapshot(of: local.collection).recordCount)
        }
      }
    } catch {
      await connection.close()
      throw error
    }
    var session = VerifySession(
      me: me, peerIdentity: identity, locals: locals, repairs: repairs)
    let opening = session.start(wallMilliseconds: wall())
    var conversation = Conversation(
      session: session, worker: worker, idleTime: request.idleTime, wall: wall,
      rechecks: rechecks,
      observe: { progress($0.recordsCompared) })
    defer {
      report.peer = conversation.session.peer
      report.comparisons = conversation.session.comparisons
      report.traffic = conversation.traffic
      report.roundTrips = conversation.session.roundTrips
    }
    try await conversation.run(on: connection, opening: opening)
    await dialer.keepTicket(of: connection, host: request.host, port: request.port)
  }
}
