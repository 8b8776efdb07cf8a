import OfficeSyncCommandErrors
import OfficeSyncCommandSupport
import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncReplication
import OfficeSyncSecureTransport
import OfficeSyncStorage
import OfficeSyncSyncLink

/// One run of `pull`, `push` or `sync`: under the lock, over one connection, told as it goes.
struct Exchange {
  /// A server that takes longer to answer the first packet is not there.
  static let connectTimeMax = Duration.seconds(10)

  let directions: Directions
  /// nil for all.
  let collections: [CollectionName]?
  let console: Console

  func run(_ options: ExchangeOptions) async throws {
    let folder = try OpenStore.folder(options.store)
    let settings = try NetworkSettings(
      options.network, folder: folder, file: StoreConfiguration(readingFrom: folder)
    ).opened(on: console)
    guard let server = settings.server else { throw CommandError.noServer }
    try await RunLock.with(folder.lock, wait: settings.wait) {
      // Certificates take as long to read as a store to open.
      async let reading = Credentials.context(settings)
      let open = try OpenStore(options.store)
      defer { open.store.close() }
      let context = try await reading
      try Credentials.require(context, settings, toName: open.replica.identity)
      if let moved = open.store.healing.flatMap({ HealingTexts.moved($0, open.replica) }) {
        console.note(moved)
      }
      let report = await sync(open, server, settings, context)
      let outcome = try ExchangeOutcome(
        report, server: server, request: self, identity: open.replica.identity
      ) { name in
        try open.store.snapshot(of: name).unsentCount
      }
      try note(outcome, in: open.store)
      if let audit = open.audit {
        ExchangeAudit(outcome: outcome, now: OpenStore.wallMilliseconds).write(to: audit, console)
      }
      let healed = try HealingTexts.lines(
        report.healings, server, replica: open.store.replica(), owner: open.store.owner)
      for line in healed { console.note(line) }
      if report.failure == nil {
        let renewal = Renewal(
          settings: settings, server: server, identity: open.replica.identity)
        for text in await renewal.runIfDue(context.certificate) { console.note(text) }
      }
      try tell(outcome, open)
      try console.next([
        nextStep(after: outcome, open, open.next(server: options.network.server.server))
      ])
    }
  }

  private func sync(
    _ open: OpenStore, _ server: NetworkAddress, _ settings: NetworkSettings,
    _ context: TLSContext
  ) async -> OfficeSyncSyncLink.SyncClient.Report {
    let client = OfficeSyncSyncLink.SyncClient(
      software: "syncclient/\(productVersion)", store: open.store, context: context,
      tickets: TicketFolder(path: open.folder.tickets),
      wall: { OpenStore.wallMilliseconds })
    var request = OfficeSyncSyncLink.SyncClient.Request(
      host: server.host, port: server.port, directions: directions, collections: collections)
    request.connectTime = min(settings.timeout, Self.connectTimeMax)
    request.idleTime = settings.timeout
    let bar = console.progress(ExchangeTexts.progress(directions, server), unit: .records)
    defer { bar.finish() }
    return await client.sync(request) { progress in
      let done = Int(clamping: progress.recordsReceived + progress.recordsSent)
      let expected = Int(clamping: progress.recordsEstimate + progress.recordsSent)
      bar.update(done: done, total: progress.recordsEstimate == 0 ? nil : max(done, expected))
    }
  }

  /// Of writes that the office made wait: whether it is for their times, which came from a clock that ran ahead.
  private func noteTimesToCome(
    _ outcome: ChannelOutcome, _ report: OfficeSyncSyncLink.SyncClient.Report, _ open: OpenStore
  ) throws {
    guard outcome.deferred > 0, let wall = report.serverWallMilliseconds,
      let time = try open.store.snapshot(of: outcome.collection)
        .unsentTime(aheadOf: wall)
    else { return }
    console.note(
      ExchangeTexts.timesToCome(outcome.collection, time, HybridTime(milliseconds: wall)))
  }

  /// For `status`: when this server was last there, and how it ended.
  private func note(_ outcome: ExchangeOutcome, in store: SQLiteStore) throws {
    try store.note(
      Contact(
        server: outcome.server.description, identity: outcome.peer?.identity,
        atMilliseconds: OpenStore.wallMilliseconds, result: outcome.failure?.name ?? "ok"))
  }

  private func tell(_ outcome: ExchangeOutcome, _ open: OpenStore) throws {
    for warning in outcome.report.warnings {
      console.note(ExchangeTexts.warning(warning, outcome.server))
    }
    if var failure = outcome.failure {
      failure.done = outcome.members
      // A cancelled run prints no results; what it did is in the error then.
      if !Task.isCancelled { try printed(outcome, open) }
      throw failure
    }
    try console.document(.object([JSONMember("ok", .boolean(true))] + outcome.members))
    try printed(outcome, open)
  }

  private func nextStep(
    after outcome: ExchangeOutcome, _ open: OpenStore, _ next: NextSteps
  ) throws -> NextStep {
    let snapshots = try outcome.collections.map {
      try open.store.snapshot(of: $0.outcome.collection)
    }
    return outcome.nextStep(
      next, identity: open.replica.identity,
      hasConflicts: snapshots.contains { $0.openConflictCount > 0 },
      hasUnsent: try snapshots.contains { try $0.unsentCount > 0 })
  }

  private func printed(_ outcome: ExchangeOutcome, _ open: OpenStore) throws {
    for collection in outcome.collections {
      try console.print(ExchangeTexts.line(collection))
      try noteTimesToCome(collection.outcome, outcome.report, open)
    }
    for name in outcome.leftOut { console.note(ExchangeTexts.leftOut(name, outcome.server)) }
    if outcome.report.failure == nil { try console.print(ExchangeTexts.summary(outcome)) }
  }
}
