import OfficeSyncCommandErrors
import OfficeSyncCommandSupport
import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncReplication
import OfficeSyncStorage
import OfficeSyncSyncLink

/// One run of `verify` with a server: under the lock, over one connection.
struct Verification {
  /// nil for all that the store holds.
  let collection: CollectionName?
  let repairs: Bool
  let console: Console

  /// - Throws: `ExitStatus.no` if something differs.
  func run(_ network: NetworkOptions, _ store: StoreOptions) async throws {
    let folder = try OpenStore.folder(store)
    let settings = try NetworkSettings(
      network, folder: folder, file: StoreConfiguration(readingFrom: folder))
    guard let server = settings.server else { throw CommandError.noServer }
    try await RunLock.with(folder.lock, wait: settings.wait) {
      let open = try OpenStore(store)
      let context = try Credentials.context(settings, for: open.replica.identity)
      if repairs { try rebuildWhatIsDamaged(open) }
      let client = OfficeSyncSyncLink.SyncClient(
        software: "syncclient/\(productVersion)", store: open.store, context: context,
        tickets: TicketFolder(path: open.folder.tickets), wall: { OpenStore.wallMilliseconds })
      let report = await verify(client, server, settings, total: try recordCount(open))
      var discarded: [CollectionName: [RecordID]] = [:]
      for comparison in report.comparisons where comparison.repaired > 0 {
        discarded[comparison.collection] = try open.store.rebuild(comparison.collection)
      }
      let outcome = VerifyOutcome(
        report, discarded: discarded, server: server, identity: open.replica.identity)
      try tell(outcome, open.next(server: network.server.server))
    }
  }

  private func verify(
    _ client: OfficeSyncSyncLink.SyncClient, _ server: NetworkAddress, _ settings: NetworkSettings,
    total: UInt64
  ) async -> OfficeSyncSyncLink.SyncClient.VerifyReport {
    var request = OfficeSyncSyncLink.SyncClient.Request(
      host: server.host, port: server.port, directions: .pull,
      collections: collection.map { [$0] })
    request.connectTime = min(settings.timeout, Exchange.connectTimeMax)
    request.idleTime = settings.timeout
    let bar = console.progress(VerifyTexts.comparing(server), unit: .records)
    defer { bar.finish() }
    return await client.verify(request, repairs: repairs) { done in
      bar.update(done: Int(clamping: done), total: Int(clamping: max(done, total)))
    }
  }

  private func recordCount(_ open: OpenStore) throws -> UInt64 {
    try (collection.map { [$0] } ?? open.store.collections())
      .reduce(0) { try $0 + open.store.snapshot(of: $1).recordCount }
  }

  /// What the store can mend by itself: indexes and sums that do not fit its records.
  private func rebuildWhatIsDamaged(_ open: OpenStore) throws {
    let bar = console.progress(VerifyTexts.checkingStore, unit: .records)
    let audit: StoreAudit
    do {
      defer { bar.finish() }
      audit = try open.store.audit { done, total in
        try Task.checkCancellation()
        bar.update(done: Int(clamping: done), total: Int(clamping: max(done, total)))
      }
    }
    let kinds: Set<StoreDamage.Kind> = [.file, .index, .totals]
    guard audit.damage.contains(where: { kinds.contains($0.kind) }) else { return }
    for name in try open.store.collections() { try open.store.rebuild(name) }
    console.note(VerifyTexts.rebuilt)
  }

  private func tell(_ outcome: VerifyOutcome, _ next: NextSteps) throws {
    for warning in outcome.report.warnings {
      console.note(ExchangeTexts.warning(warning, outcome.server))
    }
    if var failure = outcome.failure {
      failure.done = outcome.members
      if !Task.isCancelled { try printed(outcome) }
      throw failure
    }
    try console.document(
      .object([JSONMember("ok", .boolean(outcome.isGood))] + outcome.members))
    try printed(outcome)
    if outcome.isGood { return }
    if outcome.comparisons.contains(where: { $0.obstacle != nil }) {
      console.next([next.syncFirst])
    } else if !repairs, outcome.isRepairable {
      console.next([next.repair])
    }
    throw ExitStatus.no
  }

  private func printed(_ outcome: VerifyOutcome) throws {
    for comparison in outcome.comparisons {
      for difference in comparison.differences {
        try console.print(
          VerifyTexts.line(
            difference, comparison.collection,
            isRepaired: outcome.isRepaired(difference, in: comparison)))
      }
      try console.print(VerifyTexts.line(comparison, outcome.error(of: comparison)))
    }
    if outcome.comparisons.isEmpty { try console.print(Texts.noCollections) }
  }
}
