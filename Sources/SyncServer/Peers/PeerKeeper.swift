import Logging
import OfficeSyncCommandErrors
import OfficeSyncCommandSupport
import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncReplication
import OfficeSyncSecureTransport
import OfficeSyncStorage
import OfficeSyncSyncLink

/// Keeps the office current with the servers of its list, as long as it runs, and obeys changes of the list.
struct PeerKeeper {
  /// The list is read again after this time when the store was written to.
  private static let gatheringTime = Duration.milliseconds(100)
  private static let hintlessTime = Duration.seconds(60)

  let office: OfficeStore
  let feed: ChangeFeed
  let tally: SessionTally
  let audit: AuditKeeper
  let rechecks: Rechecks
  let logger: Logger
  /// The settings of the moment: certificates are read anew for each connection.
  let settings: @Sendable () throws -> RunSettings

  /// Runs until its task is cancelled.
  ///
  /// - Parameter hints: an element whenever something may have changed in the store.
  func run(on hints: AsyncStream<Void>) async {
    var running: [StandingPeerEntry: Task<Void, Never>] = [:]
    obey(&running)
    for await _ in hints {
      guard (try? await Task.sleep(for: Self.gatheringTime)) != nil else { break }
      obey(&running)
    }
    // Where the system gives no hints.
    while (try? await Task.sleep(for: Self.hintlessTime)) != nil { obey(&running) }
    for task in running.values { task.cancel() }
    for task in running.values { await task.value }
  }

  private func obey(_ running: inout [StandingPeerEntry: Task<Void, Never>]) {
    let wanted: Set<StandingPeerEntry>
    do { wanted = Set(try office.store.standingPeers()) } catch {
      logger.error("\(PeerTexts.notRead)", metadata: ["error": "\(error)"])
      return
    }
    for (entry, task) in running where !wanted.contains(entry) {
      task.cancel()
      running[entry] = nil
    }
    for entry in wanted where running[entry] == nil {
      running[entry] = Task { await keep(entry) }
    }
  }

  private func keep(_ entry: StandingPeerEntry) async {
    guard let address = try? NetworkAddress(parsing: entry.server, from: "the list of peers")
    else { return }
    var request = SyncClient.Request(
      host: address.host, port: address.port, directions: [.pull, .push], collections: nil)
    if let timeout = try? settings().network.timeout { request.idleTime = timeout }
    let log = PeerLog(
      office: office, server: entry.server, tally: tally, audit: audit, logger: logger)
    let peer = StandingPeer(
      request, every: entry.everySeconds.map { .seconds($0) }, feed: feed, rechecks: rechecks,
      client: { [office, rechecks, settings] in
        SyncClient(
          software: "syncserver/\(productVersion)", store: office.store,
          context: try TLSContext(dialling: settings().files),
          tickets: TicketFolder(path: office.folder.tickets), rechecks: rechecks,
          wall: wallMilliseconds)
      },
      observe: { await log.note($0) })
    await peer.run()
  }
}

/// What comes of syncing with one peer: in the store, for `status`, and in the log. A failure that goes on is logged once.
private actor PeerLog {
  private let office: OfficeStore
  private let server: String
  private let tally: SessionTally
  private let audit: AuditKeeper
  private let logger: Logger
  private var lastFailure: String?
  private var isConnected = false

  init(
    office: OfficeStore, server: String, tally: SessionTally, audit: AuditKeeper, logger: Logger
  ) {
    self.office = office
    self.server = server
    self.tally = tally
    self.audit = audit
    self.logger = logger
  }

  func note(_ event: StandingPeer.Event) {
    switch event {
    case .live(let identity):
      if !isConnected {
        noteContact(identity, "ok")
        connected(to: identity)
      }
      isConnected = true
      lastFailure = nil
    case .exchanged(let outcome, let peer):
      exchanged([outcome], peer)
    case .ended(let report):
      if !isConnected, let peer = report.peer { connected(to: peer.identity) }
      isConnected = false
      tally.ended(
        report.outcomes, report.traffic, isFailure: report.failure != nil, with: .peer)
      exchanged(report.outcomes, report.peer)
      audit.note(.ended(session: session, at: wallMilliseconds()))
      guard let failure = report.failure else {
        lastFailure = nil
        return noteContact(report.peer?.identity, "ok")
      }
      if case .stopped = failure.kind { return }
      let error = CommandError(
        failure, SessionContext(server: server, identity: office.replica.identity))
      noteContact(report.peer?.identity, error.name)
      if lastFailure == error.name { return }
      lastFailure = error.name
      logger.warning(
        "\(PeerTexts.lost)", metadata: ["server": "\(server)", "reason": "\(error.message)"])
    }
  }

  private func exchanged(_ outcomes: [ChannelOutcome], _ peer: PeerInfo?) {
    for outcome in outcomes {
      if let peer, let knowledge = outcome.peerKnowledge {
        try? office.store.bind(
          replica: peer.replica, to: peer.identity, name: peer.replicaName,
          wallMilliseconds: wallMilliseconds())
        try? office.store.notePeer(
          peer.replica, atMilliseconds: wallMilliseconds(), knowledge: knowledge,
          in: outcome.collection)
      }
      // Here the other office's server is known by its address; who it is, once it has said so.
      audit.exchanged(
        outcome, in: session,
        (peer.map { [JSONMember("identity", .string("\($0.identity)"))] } ?? [])
          + [JSONMember("server", .string(server))])
      let moved = outcome.sent + outcome.received > 0
      logger.log(
        level: moved ? .info : .debug, "\(PeerTexts.exchanged)",
        metadata: [
          "server": "\(server)", "collection": "\(outcome.collection)",
          "sent": .stringConvertible(outcome.sent),
          "received": .stringConvertible(outcome.received),
          "inSync": "\(outcome.inSync.map { "\($0)" } ?? "unknown")",
        ])
    }
  }

  /// In the audit log: with one server there is one at a time.
  private var session: String { "to \(server)" }

  private func connected(to identity: Identity) {
    audit.note(
      .connected,
      [JSONMember("identity", .string("\(identity)")), JSONMember("server", .string(server))])
  }

  private func noteContact(_ identity: Identity?, _ result: String) {
    try? office.store.note(
      Contact(
        server: server, identity: identity, atMilliseconds: wallMilliseconds(), result: result))
  }
}
