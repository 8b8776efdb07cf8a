import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncReplication
import OfficeSyncSecureTransport

/// Carries between two offices what either lacks, without a store of its own: what the one sends is passed on to the other
/// as it comes, and no faster than that takes it.
///
/// Couriers may be at work between the same offices from several machines at once: to the offices they are sessions like
/// any other.
public struct Courier: Sendable {
  public struct Request: Sendable {
    public struct Server: Sendable {
      public var host: String
      public var port: Int

      public init(host: String, port: Int) {
        self.host = host
        self.port = port
      }
    }

    public var servers: [RelayEnd: Server]
    /// The offices that records are to come from.
    public var wanted: Set<RelayEnd>
    /// nil for all that both offices let this identity reach.
    public var collections: [CollectionName]?
    /// How long connecting may take, and then the handshake.
    public var connectTime: Duration = .seconds(10)
    /// How long both offices together may be silent.
    public var idleTime: Duration = .seconds(Limits.idleSecondsMax)

    public init(
      from: Server, to: Server, wanted: Set<RelayEnd>, collections: [CollectionName]?
    ) {
      servers = [.from: from, .to: to]
      self.wanted = wanted
      self.collections = collections
    }
  }

  public struct Report: Sendable {
    /// The offices, once they had said who they are.
    public var offices: [RelayEnd: PeerInfo] = [:]
    /// What was found that does not stop the session.
    public var warnings: [RelayEnd: [String]] = [:]
    /// With which offices the last connection took up an earlier TLS session, so that no certificates were shown.
    public var resumed: Set<RelayEnd> = []
    /// By collection; where the session broke off, as far as it got.
    public var outcomes: [RelayOutcome] = []
    /// Collections that were begun again because two stores had written under one name.
    public var healed: [CollectionName] = []
    public var traffic: [RelayEnd: Traffic] = [:]
    public var duration: Duration = .zero
    /// Why it ended before its end, and at which office. What was done until then is kept.
    public var failure: (end: RelayEnd, error: LinkError)?

    public init() {}
  }

  /// As for ``SyncClient``: more sessions than this are no healing.
  private static let sessionsMax = 12

  private let software: String
  private let dialer: Dialer
  private let wall: @Sendable () -> UInt64

  /// - Parameters:
  ///   - software: name and version of this program, for the offices' logs.
  ///   - tickets: where to keep what lets the next run begin without certificates; nil for nowhere.
  ///   - wall: the wall clock, in milliseconds since 1970 UTC.
  public init(
    software: String, context: TLSContext, tickets: TicketFolder? = nil,
    wall: @escaping @Sendable () -> UInt64
  ) {
    self.software = software
    dialer = Dialer(context: context, tickets: tickets)
    self.wall = wall
  }

  /// Runs to its end. Failures are in the report, beside what was done.
  ///
  /// - Parameter progress: called with the number of records carried so far.
  public func replicate(
    _ request: Request, progress: @escaping @Sendable (UInt64) -> Void = { _ in }
  ) async -> Report {
    let start = ContinuousClock.now
    var report = Report()
    do {
      try await runAll(request, into: &report, progress)
    } catch let error as RelayLinkError {
      report.failure = (error.end, LinkError(error.error))
    } catch {
      report.failure = (.from, LinkError(error))
    }
    report.duration = ContinuousClock.now - start
    return report
  }

  /// Sessions until none has to be begun again.
  private func runAll(
    _ request: Request, into report: inout Report, _ progress: @escaping @Sendable (UInt64) -> Void
  ) async throws {
    var collections = request.collections.map { names in
      Dictionary(names.map { ($0, request.wanted) }, uniquingKeysWith: { first, _ in first })
    }
    var denied: [CollectionName: [RelayEnd: RelayFailure]] = [:]
    for _ in 0..<Self.sessionsMax {
      try await run(request, collections, into: &report, progress)
      for index in report.outcomes.indices {
        let name = report.outcomes[index].collection
        denied[name, default: [:]].merge(report.outcomes[index].denied) { first, _ in first }
        report.outcomes[index].denied = denied[name] ?? [:]
      }
      let again = report.outcomes.filter { $0.beginsAgain != nil }
      if again.isEmpty { return }
      report.healed += again.filter { !$0.reasons.isEmpty }.map(\.collection)
      report.outcomes.removeAll { $0.beginsAgain != nil }
      collections = Dictionary(
        again.map { ($0.collection, $0.beginsAgain ?? []) }, uniquingKeysWith: { first, _ in first }
      )
    }
    throw RelayLinkError(.from, SessionError(.forked, "names were forked again and again"))
  }

  private func run(
    _ request: Request, _ collections: [CollectionName: Set<RelayEnd>]?, into report: inout Report,
    _ progress: @escaping @Sendable (UInt64) -> Void
  ) async throws {
    async let dialingFrom = dial(.from, request)
    async let dialingTo = dial(.to, request)
    let dialled = await [RelayEnd.from: dialingFrom, .to: dialingTo]
    var connections: [RelayEnd: SecureConnection] = [:]
    var identities: [RelayEnd: Identity] = [:]
    var failure: RelayLinkError?
    for end in RelayEnd.allCases {
      switch dialled[end] {
      case .success(let (connection, peer, identity)):
        connections[end] = connection
        identities[end] = identity
        report.warnings[end] = peer.warnings.map(\.text).sorted()
        if peer.isResumed { report.resumed.insert(end) } else { report.resumed.remove(end) }
      case .failure(let error): failure = failure ?? error
      case nil: break
      }
    }
    guard failure == nil, let from = connections[.from], let to = connections[.to] else {
      for connection in connections.values { await connection.close() }
      throw failure ?? RelayLinkError(.from, CancellationError())
    }
    let link = RelayLink(
      RelaySession(
        software: software, compressions: Compression.allCases, identities: identities,
        wanted: request.wanted,
        collections: collections),
      idleTime: request.idleTime, progress: progress)
    let result = await link.run(from: from, to: to, wallMilliseconds: wall())
    for end in RelayEnd.allCases {
      if let connection = connections[end], let server = request.servers[end] {
        await dialer.keepTicket(of: connection, host: server.host, port: server.port)
      }
      report.offices[end] = link.office(end) ?? report.offices[end]
      report.traffic[end, default: Traffic()].add(
        await link.traffic(of: end, connections[end]))
    }
    report.outcomes += link.outcomes
    report.outcomes.sort { $0.collection < $1.collection }
    try result.get()
  }

  private func dial(
    _ end: RelayEnd, _ request: Request
  ) async -> Swift.Result<(SecureConnection, TLSPeer, Identity), RelayLinkError> {
    guard let server = request.servers[end] else {
      return .failure(RelayLinkError(end, CancellationError()))
    }
    do {
      return .success(
        try await dialer.dial(
          host: server.host, port: server.port, connectTime: request.connectTime))
    } catch {
      return .failure(RelayLinkError(end, error))
    }
  }
}
