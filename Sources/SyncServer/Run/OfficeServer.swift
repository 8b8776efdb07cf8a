import Foundation
import Logging
import OfficeSyncCommandErrors
import OfficeSyncCommandSupport
import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncReplication
import OfficeSyncSecureTransport
import OfficeSyncStorage
import OfficeSyncSyncLink
import UnixSignals

/// One run of an office's server, from its first listener to its end in good order.
struct OfficeServer {
  /// How long what is in flight may take once the server is to stop; sessions are told to end a little earlier.
  private static let stopTime = Duration.milliseconds(9_500)
  private static let sessionGraceTime = Duration.seconds(7)
  /// Changes that come together are obeyed together.
  private static let gatheringTime = Duration.milliseconds(100)
  private static let certificateCheckInterval = Duration.seconds(12 * 3_600)

  private let office: OfficeStore
  private let settings: RunSettings
  private let manager: ServiceManager
  private let logger: Logger
  private let reread: @Sendable () throws -> RunSettings
  private let listener: SyncListener
  private let desk: StoreFrontDesk
  private let feed: ChangeFeed
  private let rechecks = Rechecks()
  private let sessions = TLSSessionCache()
  private let descriptors: Int
  private let tally: SessionTally
  private let audit: AuditKeeper
  /// An element for each figure that was counted.
  private let counted: AsyncStream<Void>
  /// Where the revocation list lies, whenever the settings were read.
  private let listPaths: AsyncStream<String>
  private let settled: AsyncStream<String>.Continuation
  /// The certificate of the authority that enrolled devices at the start; nil without one.
  private let enrolmentCertificate: [UInt8]?

  /// - Parameter reread: reads the settings anew.
  /// - Throws: `CommandError` `identity-differs` (64); `LinkError`
  init(
    _ office: OfficeStore, _ settings: RunSettings, manager: ServiceManager, logger: Logger,
    reread: @escaping @Sendable () throws -> RunSettings
  ) throws {
    self.office = office
    self.settings = settings
    self.manager = manager
    self.logger = logger
    self.reread = reread
    enrolmentCertificate = Self.enrolmentCertificate(of: office)
    let credentials = try Self.credentials(settings, of: office, sessions: sessions)
    let check = CertificateCheck(credentials: credentials, path: settings.network.certificate)
    try check.requireIdentity(office.replica.identity)
    Self.warn(check, logger)
    descriptors = DescriptorLimit.raise(forSessions: settings.limit(.connections))
    let refusals = RefusalLog(logger)
    feed = ChangeFeed(store: office.store)
    let (counted, counting) = AsyncStream.makeStream(
      of: Void.self, bufferingPolicy: .bufferingNewest(1))
    self.counted = counted
    (listPaths, settled) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    settled.yield(settings.network.revocationList)
    let tally = SessionTally { counting.yield() }
    self.tally = tally
    let audit = AuditKeeper(office.audit, logger: logger)
    self.audit = audit
    var generator = SystemRandomNumberGenerator()
    let run = String(UInt32.random(in: .min ... .max, using: &generator), radix: 16)
    desk = StoreFrontDesk(
      store: office.store, logger: logger, refusals: refusals,
      replicasPerDay: settings.limit(.deviceReplicas), wall: wallMilliseconds)
    listener = SyncListener(
      software: "syncserver/\(productVersion)", store: office.store, desk: desk, feed: feed,
      enrolment: OfficeEnrolment(
        office, logger: logger, refusals: refusals, audit: audit, settings: reread),
      rechecks: rechecks, context: credentials.context,
      settings: Self.limits(settings, descriptors), logger: logger,
      refusals: refusals, wall: wallMilliseconds,
      observe: { event in
        tally.note(event)
        audit.note(event, run: run)
      })
  }

  /// Serves until SIGTERM or SIGINT.
  ///
  /// - Parameter onListening: called once, with the addresses bound.
  /// - Throws: `CommandError` `port-in-use`, `cannot-listen` (74)
  func run(
    until signals: UnixSignalsSequence,
    onListening: @Sendable @escaping ([NetworkAddress]) throws -> Void
  ) async throws {
    let auditor = Task { await audit.run() }
    let watcher = Task { await obey(signals) }
    let checker = Task { await keepChecking() }
    let (feedHints, peerHints, officeHints) = (changes(), changes(), changes())
    let feeder = Task { await feed.run(on: feedHints) }
    let peers = PeerKeeper(
      office: office, feed: feed, tally: tally, audit: audit, rechecks: rechecks,
      logger: logger, settings: reread)
    let keeper = Task { await peers.run(on: peerHints) }
    let follower = Task { await followOffices(on: officeHints) }
    let lister = Task { await followRevocationLists() }
    let enroller = Task { await followEnrolment() }
    let writer = Task { await writeMetrics() }
    let heart = Task { await manager.keepAlive() }
    let tasks = [watcher, checker, feeder, keeper, follower, lister, enroller, writer, heart]
    defer {
      for task in tasks { task.cancel() }
    }
    do {
      try await listener.run(on: settings.listen.map { ($0.host, $0.port) }) { bound in
        if let former = office.store.healing?.formerReplica {
          logger.notice("\(RunTexts.moved)", metadata: ["replica": "\(former)"])
        }
        if try office.store.isRecovering { logger.warning("\(RunTexts.recovering)") }
        let limits = Self.limits(settings, descriptors)
        logger.info(
          "\(RunTexts.serving)", metadata: metadata.merging(Self.metadata(settings, limits)) { $1 })
        audit.note(.started, [JSONMember("version", .string(productVersion)), process])
        if limits.capacity.connectionsMax < settings.limit(.connections) {
          logger.warning("\(RunTexts.fewDescriptors)")
        }
        try onListening(bound.map { NetworkAddress(host: $0.host, port: $0.port) })
      }
    } catch let error as ListenError {
      throw CommandError.cannotListen(error)
    }
    keeper.cancel()
    await keeper.value
    writer.cancel()
    await writer.value
    audit.note(.stopped, [process])
    audit.finish()
    await auditor.value
    logger.info("\(RunTexts.stopped)")
  }

  /// - Throws: `LinkError` `.security`
  private static func credentials(
    _ settings: RunSettings, of office: OfficeStore, sessions: TLSSessionCache
  ) throws(LinkError) -> ServerCredentials {
    try ServerCredentials(
      settings.files, sessions: sessions,
      enrols: AuthorityFolder(path: office.folder.enrolment).exists)
  }

  private func writeMetrics() async {
    guard let path = settings.metrics else { return }
    let file = MetricsFile(path: path) { [office, tally, listener, reread] in
      try OfficeFigures(
        of: office, reread(), tally, connections: listener.connectionCount
      ).exposition
    } complain: { [logger] error in
      let reason = (error as? CommandError)?.message ?? "\(error)"
      logger.error("\(RunTexts.noMetrics)", metadata: ["reason": "\(reason)"])
    }
    await file.run(on: [changes(), counted])
  }

  /// A system without watches to give still has a server that syncs, only not by itself at once.
  private func changes() -> AsyncStream<Void> {
    do { return try office.store.changes() } catch {
      logger.warning("\(PeerTexts.notFollowed)", metadata: ["error": "\(error)"])
      return AsyncStream { $0.finish() }
    }
  }

  // MARK: What may change while sessions are open

  /// What the offices agree on holds at once: open sessions obey grants, and the newest revocation list takes its place.
  private func followOffices(on hints: AsyncStream<Void>) async {
    let store = office.store
    var last = (register: try? store.registerFingerprint(), grants: try? store.grants())
    if revocations.exchange() { reload() }
    for await _ in hints {
      guard (try? await Task.sleep(for: Self.gatheringTime)) != nil else { return }
      // Nearly every write is to something else. A store that cannot be read now is looked at again with the next hint.
      guard let register = try? store.registerFingerprint(), register != last.register,
        let grants = try? store.grants()
      else { continue }
      if grants != last.grants { rechecks.accessChanged() }
      last = (register, grants)
      if revocations.exchange() { reload() }
    }
  }

  /// The settings may name another file when they are read anew.
  private func followRevocationLists() async {
    var followed: (path: String, task: Task<Void, Never>)?
    for await path in listPaths where path != followed?.path {
      followed?.task.cancel()
      followed = (path, Task { await followRevocationList(at: path) })
    }
    followed?.task.cancel()
  }

  /// A new revocation list is obeyed as soon as it is there, whoever put it there.
  private func followRevocationList(at path: String) async {
    do {
      await obey(try FileWatch.replacements(of: path))
    } catch {
      logger.warning("\(RunTexts.listNotFollowed)", metadata: ["error": "\(error)"])
    }
  }

  /// An authority that enrols devices is used as soon as it is there, its list is obeyed, and so is another authority in its
  /// place.
  private func followEnrolment() async {
    let authority = AuthorityFolder(path: office.folder.enrolment)
    var last = enrolmentCertificate
    var followers: [Task<Void, Never>] = []
    func follow() async {
      for follower in followers { follower.cancel() }
      // Before it is there, there is nothing to follow in it. What comes after this is told, and what came before is seen.
      let changes = [authority.certificatePath, authority.revocationListPath].compactMap {
        try? FileWatch.replacements(of: $0)
      }
      followers = changes.map { changes in Task { await obey(changes) } }
      let now = Self.enrolmentCertificate(of: office)
      if now != last { await obey() }
      last = now
    }
    do {
      let appearances = try FileWatch.appearances(of: authority.path)
      await follow()
      for await _ in appearances { await follow() }
    } catch {
      logger.warning("\(RunTexts.enrolmentNotFollowed)", metadata: ["error": "\(error)"])
    }
    for follower in followers { follower.cancel() }
  }

  private static func enrolmentCertificate(of office: OfficeStore) -> [UInt8]? {
    let path = AuthorityFolder(path: office.folder.enrolment).certificatePath
    return (try? SecureFile.readIfPresent(path)).flatMap { $0 }
  }

  private func obey(_ changes: AsyncStream<Void>) async {
    for await _ in changes { await obey() }
  }

  /// Takes in force what is in the files now.
  private func obey() async {
    // Of several files that are copied together this may be the first.
    guard (try? await Task.sleep(for: Self.gatheringTime)) != nil else { return }
    _ = revocations.exchange()
    reload()
  }

  private var revocations: RevocationKeeper {
    RevocationKeeper(office: office, logger: logger, settings: reread)
  }

  private var metadata: Logger.Metadata {
    [
      "identity": "\(office.replica.identity)", "replica": "\(office.replica.id)",
      "data": "\(office.folder.path)", "process": .stringConvertible(getpid()),
      "descriptors": .stringConvertible(descriptors),
    ]
  }

  /// The limits in force.
  private static func metadata(
    _ settings: RunSettings, _ limits: SyncListener.Settings
  ) -> Logger.Metadata {
    var metadata: Logger.Metadata = [:]
    for limit in LimitSetting.allCases {
      metadata[limit.rawValue] = .stringConvertible(settings.limit(limit))
    }
    // As far as there are descriptors for them.
    let capacity = limits.capacity
    metadata[LimitSetting.connections.rawValue] = .stringConvertible(capacity.connectionsMax)
    metadata[LimitSetting.handshakes.rawValue] = .stringConvertible(capacity.handshakesMax)
    return metadata
  }

  private static func limits(
    _ settings: RunSettings, _ descriptors: Int
  ) -> SyncListener.Settings {
    var limits = settings.listener(descriptors: descriptors)
    limits.graceTime = sessionGraceTime
    return limits
  }

  private var process: JSONMember { JSONMember("process", .number("\(getpid())")) }

  // MARK: Signals

  private func obey(_ signals: UnixSignalsSequence) async {
    var isStopping = false
    for await signal in signals {
      if signal == .sighup {
        manager.tell(.reloading)
        _ = revocations.exchange()
        reload()
        manager.tell(.ready)
        continue
      }
      // Whoever asks twice will not wait.
      if isStopping { _exit(128 + signal.rawValue) }
      isStopping = true
      manager.tell(.stopping)
      logger.info("\(RunTexts.stopping)")
      Task {
        try? await Task.sleep(for: Self.stopTime)
        logger.warning("\(RunTexts.tooSlow)")
        exit(ExitStatus.done.rawValue)
      }
      Task { await listener.stop() }
    }
  }

  private func reload() {
    do {
      let new = try reread()
      let credentials = try Self.credentials(new, of: office, sessions: sessions)
      let check = CertificateCheck(credentials: credentials, path: new.network.certificate)
      try check.requireIdentity(office.replica.identity)
      try office.store.keepHistory(new.history)
      office.store.keepReserve(new.reserve)
      let limits = Self.limits(
        new, DescriptorLimit.raise(forSessions: new.limit(.connections)))
      listener.reload(credentials.context, limits)
      desk.take(replicasPerDay: new.limit(.deviceReplicas))
      rechecks.trustChanged(credentials.context)
      settled.yield(new.network.revocationList)
      logger.notice("\(RunTexts.reloaded)", metadata: Self.metadata(new, limits))
      audit.note(.reloaded, [process])
      if new.listen != settings.listen || new.metrics != settings.metrics {
        logger.warning("\(RunTexts.needsRestart)")
      }
      Self.warn(check, logger)
    } catch {
      let reason = (error as? CommandError) ?? CommandError.translating(error)
      logger.error(
        "\(RunTexts.notReloaded)", metadata: ["reason": "\(reason?.message ?? "\(error)")"])
    }
  }

  // MARK: Certificates that run out

  private func keepChecking() async {
    while true {
      do { try await Task.sleep(for: Self.certificateCheckInterval) } catch { return }
      guard let now = try? reread(), let credentials = try? ServerCredentials(now.files) else {
        continue
      }
      Self.warn(CertificateCheck(credentials: credentials, path: now.network.certificate), logger)
    }
  }

  private static func warn(_ check: CertificateCheck, _ logger: Logger) {
    let seconds = Int64(Date().timeIntervalSince1970)
    for warning in check.warnings(at: seconds) { logger.warning("\(warning)") }
  }
}
