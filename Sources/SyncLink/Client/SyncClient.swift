import NIOPosix
import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncReplication
import OfficeSyncSecureTransport
import OfficeSyncStorage

/// Syncs a store with a server: one connection, one session.
public struct SyncClient: Sendable {
  public struct Request: Sendable {
    public var host: String
    public var port: Int
    public var directions: Directions
    /// nil for all that the store holds or the server grants.
    public var collections: [CollectionName]?
    /// How long connecting may take, and then the handshake.
    public var connectTime: Duration = .seconds(10)
    /// How long the server may be silent.
    public var idleTime: Duration = .seconds(Limits.idleSecondsMax)

    public init(host: String, port: Int, directions: Directions, collections: [CollectionName]?) {
      self.host = host
      self.port = port
      self.directions = directions
      self.collections = collections
    }
  }

  public struct Report: Sendable {
    /// The server, once it was known.
    public var peer: PeerInfo?
    /// The server's wall clock, once it was known: milliseconds since 1970 UTC.
    public var serverWallMilliseconds: UInt64?
    /// What was found that does not stop the session, for instance a revocation list past its time.
    public var warnings: [String] = []
    /// Whether the last connection took up an earlier TLS session, so that no certificates were shown.
    public var isResumed = false
    /// Collections that were done with, sorted by name; where the session broke off also those under way, as far as they
    /// got.
    public var outcomes: [ChannelOutcome] = []
    /// What was done about names that two stores had written under.
    public var healings: [Healed] = []
    public var traffic = Traffic()
    public var roundTrips = 0
    public var duration: Duration = .zero
    /// Why the session ended before its end. What was done until then is kept.
    public var failure: LinkError?

    public init() {}

    /// A collection that was begun again because names changed.
    public struct Healed: Hashable, Sendable {
      public var collection: CollectionName
      public var healing: Healing
      /// Why the server wanted to begin again.
      public var serverReason: Again.Reason?

      public init(_ outcome: ChannelOutcome) {
        collection = outcome.collection
        healing = outcome.healing
        serverReason = outcome.peerReason
      }
    }
  }

  /// How far a session has got.
  public struct Progress: Hashable, Sendable {
    public var recordsReceived: UInt64
    public var recordsSent: UInt64
    /// About how many the server will send; 0 if unknown.
    public var recordsEstimate: UInt64
  }

  /// Three copies of one store fork twice, and each side may have to rename: more sessions than this are no healing.
  package static let sessionsMax = 12

  let software: String
  let store: any RecordStore
  let dialer: Dialer
  let rechecks: Rechecks?
  let wall: @Sendable () -> UInt64

  /// - Parameters:
  ///   - software: name and version of this program, for the peer's logs.
  ///   - tickets: where to keep what lets the next session begin without certificates; nil for nowhere.
  ///   - rechecks: tells sessions when to look again whether the server is to be trusted.
  public init(
    software: String, store: any RecordStore, context: TLSContext, tickets: TicketFolder? = nil,
    rechecks: Rechecks? = nil,
    wall: @escaping @Sendable () -> UInt64
  ) {
    self.software = software
    self.store = store
    dialer = Dialer(context: context, tickets: tickets)
    self.rechecks = rechecks
    self.wall = wall
  }

  /// Runs one session to its end. Failures are in the report, beside what was done.
  public func sync(
    _ request: Request, progress: @escaping @Sendable (Progress) -> Void = { _ in }
  ) async -> Report {
    let start = ContinuousClock.now
    var report = Report()
    do {
      var request = request
      let shortage = try await shortage(for: request)
      if let shortage, request.directions == .pull {
        // A revocation has to come all the same.
        guard try await concernsOffices(request) else { throw shortage }
        request.collections = [.office]
      }
      // What was written here can still be brought to safety.
      try await runAll(
        request, isShortOfRoom: shortage != nil, into: &report, progress: progress)
      if let shortage { throw shortage }
    } catch {
      report.failure = LinkError(error)
    }
    report.duration = ContinuousClock.now - start
    return report
  }

  /// Why this store takes nothing in now, if its disk is nearly full.
  private func shortage(for request: Request) async throws -> StorageError? {
    guard request.directions.contains(.pull) else { return nil }
    return try await NIOThreadPool.store.runIfActive { [store] in
      do {
        try store.requireRoom()
        return nil
      } catch let error as StorageError {
        guard case .diskNearlyFull = error else { throw error }
        return error
      }
    }
  }

  /// Whether what the offices agree on is among what is asked for: nobody else gets it.
  private func concernsOffices(_ request: Request) async throws -> Bool {
    guard request.collections?.contains(.office) ?? true else { return false }
    return try await NIOThreadPool.store.runIfActive { [store] in
      try store.replica().identity.role == .office
    }
  }

  /// Runs one session that lasts: what changes on either side is exchanged as it happens. It ends when the link breaks, when
  /// the task is cancelled, or, without a failure, when it has to be begun again because names changed. While this side's
  /// disk is nearly full it does not last, and only sends, and takes what the offices agree on; while the server's is, it ends when something was to be sent.
  ///
  /// - Parameters:
  ///   - feed: of this store.
  ///   - onLive: called with the server's identity when the first exchange is done, and from then on lasts.
  ///   - onExchange: called for each collection that was exchanged; these are not in the report.
  public func stay(
    _ request: Request, _ feed: ChangeFeed,
    onLive: @escaping @Sendable (Identity) async -> Void,
    onExchange: @escaping @Sendable (ChannelOutcome, PeerInfo) async -> Void
  ) async -> Report {
    let start = ContinuousClock.now
    var report = Report()
    do {
      if try await shortage(for: request) != nil { return await sync(request) }
      try await run(
        request, into: &report, Lasting(feed: feed, onLive: onLive, onExchange: onExchange),
        progress: { _ in })
    } catch {
      report.failure = LinkError(error)
    }
    report.duration = ContinuousClock.now - start
    return report
  }

  /// What a session that lasts goes by.
  private struct Lasting {
    let feed: ChangeFeed
    let onLive: @Sendable (Identity) async -> Void
    let onExchange: @Sendable (ChannelOutcome, PeerInfo) async -> Void
  }

  /// Sessions until none has to be begun again because names changed.
  private func runAll(
    _ request: Request, isShortOfRoom: Bool, into report: inout Report,
    progress: @escaping @Sendable (Progress) -> Void
  ) async throws {
    var request = request
    for _ in 0..<Self.sessionsMax {
      try await run(request, isShortOfRoom: isShortOfRoom, into: &report, progress: progress)
      let again = report.outcomes.filter(\.beginsAgain)
      if again.isEmpty { return }
      report.healings += again.map { Report.Healed($0) }
      report.outcomes.removeAll(where: \.beginsAgain)
      request.collections = again.map(\.collection)
    }
    throw SessionError(.forked, "names were forked again and again")
  }

  private func run(
    _ request: Request, isShortOfRoom: Bool = false, into report: inout Report,
    _ lasting: Lasting? = nil, progress: @escaping @Sendable (Progress) -> Void
  ) async throws {
    let (connection, peer, identity) = try await dial(request)
    report.warnings = peer.warnings.map(\.text).sorted()
    report.isResumed = peer.isResumed
    // Only now: that the certificates are valid shows that this clock is not years behind, and opening the store goes by
    // the clock.
    let worker = worker(for: request)
    let me: LocalInfo
    let locals: [ClientSession.Local]
    do {
      // Anew for each session: a store that finds itself copied takes a new ID.
      me = LocalInfo(
        try await worker.run { [store] in try store.replica() }, software: software,
        compressions: Compression.allCases)
      locals = try await self.locals(for: request, worker)
    } catch {
      await connection.close()
      throw error
    }
    var session = ClientSession(
      me: me, peerIdentity: identity, directions: request.directions, locals: locals,
      takesAll: request.collections == nil, isShortOfRoom: isShortOfRoom, lasts: lasting != nil)
    let opening = session.start(wallMilliseconds: wall())
    var conversation = Conversation(
      session: session, worker: worker, idleTime: request.idleTime, wall: wall,
      rechecks: rechecks,
      observe: { session in
        progress(
          Progress(
            recordsReceived: session.recordsReceived, recordsSent: session.recordsSent,
            recordsEstimate: session.recordsEstimate))
      },
      changes: { [dialer] tell in
        await dialer.keepTicket(of: connection, host: request.host, port: request.port)
        await lasting?.onLive(identity)
        return try await lasting?.feed.subscribe(tell)
      },
      report: { outcome, session in
        if let peer = session.peer { await lasting?.onExchange(outcome, peer) }
      })
    defer {
      report.peer = conversation.session.peer
      report.serverWallMilliseconds = conversation.session.welcome?.wallMilliseconds
      report.outcomes = (report.outcomes + conversation.outcomes)
        .sorted { $0.collection < $1.collection }
      if let clockAhead = conversation.session.clockAhead,
        !report.outcomes.contains(where: { $0.error == clockAhead })
      {
        report.warnings.append(clockAhead.message)
      }
      report.traffic.add(conversation.traffic)
      report.roundTrips += conversation.session.roundTrips
    }
    do {
      try await conversation.run(on: connection, opening: opening)
    } catch {
      await dialer.keepTicket(of: connection, host: request.host, port: request.port)
      throw error
    }
    await dialer.keepTicket(of: connection, host: request.host, port: request.port)
  }

  func dial(_ request: Request) async throws -> (SecureConnection, TLSPeer, Identity) {
    try await dialer.dial(
      host: request.host, port: request.port, connectTime: request.connectTime)
  }

  func worker(for request: Request) -> StoreWorker {
    StoreWorker(
      store: store, address: addressText(host: request.host, port: request.port), wall: wall)
  }

  /// What the store knows of the collections asked for, each open on its channel: the session counts them from 1.
  func locals(
    for request: Request, _ worker: StoreWorker
  ) async throws -> [ClientSession.Local] {
    let names: [CollectionName]
    if let collections = request.collections {
      names = Array(Set(collections)).sorted()
    } else {
      names = try await worker.run { [store] in try store.collections() }
    }
    var locals: [ClientSession.Local] = []
    for (index, name) in names.enumerated() {
      let view = try await worker.open(name, on: OfficeSyncProtocol.Channel(index + 1))
      locals.append(ClientSession.Local(collection: name, view: view))
    }
    return locals
  }
}
