import Foundation
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
      network, folder: folder, file: StoreConfiguration(readingFrom: folder)
    ).opened(on: console)
    guard let server = settings.server else { throw CommandError.noServer }
    try await RunLock.with(folder.lock, wait: settings.wait) {
      // If it can still be told whose store it is.
      if repairs {
        try folder.record(
          "verify --repair", [JSONMember("server", .string(server.description))])
      }
      let isSalvaged = repairs ? try await mend(store, folder) : false
      let open = try OpenStore(store)
      defer { open.store.close() }
      let context = try Credentials.context(settings, for: open.replica.identity)
      let client = OfficeSyncSyncLink.SyncClient(
        software: "syncclient/\(productVersion)", store: open.store, context: context,
        tickets: TicketFolder(path: open.folder.tickets), wall: { OpenStore.wallMilliseconds })
      if isSalvaged { try await pull(client, server, settings) }
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
    let bar = console.progress(VerifyTexts.comparing(server), unit: .records)
    defer { bar.finish() }
    return await client.verify(request(server, settings), repairs: repairs) { done in
      bar.update(done: Int(clamping: done), total: Int(clamping: max(done, total)))
    }
  }

  private func recordCount(_ open: OpenStore) throws -> UInt64 {
    try (collection.map { [$0] } ?? open.store.collections())
      .reduce(0) { try $0 + open.store.snapshot(of: $1).recordCount }
  }

  /// What the store can mend by itself. Nobody has it open when this returns.
  ///
  /// - Returns: whether it had to be made anew, and may lack what an office has.
  private func mend(_ store: StoreOptions, _ folder: StoreFolder) async throws -> Bool {
    do {
      if try rebuildWhatIsDamaged(OpenStore(store)) { return false }
    } catch StorageError.damaged {
      // Not even that can be walked through.
    }
    let server = try await RunLock.acquire(folder.serverLock)
    defer { withExtendedLifetime(server) {} }
    let salvage = try StoreSalvage(
      ofFolder: folder.path, nowMilliseconds: OpenStore.wallMilliseconds)
    for line in VerifyTexts.salvaged(salvage) { console.note(line) }
    return true
  }

  /// Brings what was lost, as far as the office has it.
  private func pull(
    _ client: OfficeSyncSyncLink.SyncClient, _ server: NetworkAddress, _ settings: NetworkSettings
  ) async throws {
    let bar = console.progress(ExchangeTexts.progress(.pull, server), unit: .records)
    defer { bar.finish() }
    let report = await client.sync(request(server, settings)) { progress in
      bar.update(
        done: Int(clamping: progress.recordsReceived),
        total: Int(clamping: max(progress.recordsEstimate, progress.recordsReceived)))
    }
    if let failure = report.failure { throw CommandError(failure, at: server.description) }
  }

  private func request(
    _ server: NetworkAddress, _ settings: NetworkSettings
  ) -> OfficeSyncSyncLink.SyncClient.Request {
    var request = OfficeSyncSyncLink.SyncClient.Request(
      host: server.host, port: server.port, directions: .pull,
      collections: collection.map { [$0] })
    request.connectTime = min(settings.timeout, Exchange.connectTimeMax)
    request.idleTime = settings.timeout
    return request
  }

  /// Makes indexes and sums anew that do not fit their records.
  ///
  /// - Returns: whether the file can be walked through.
  private func rebuildWhatIsDamaged(_ open: OpenStore) throws -> Bool {
    let audit = try audit(open)
    let kinds: Set<StoreDamage.Kind> = [.file, .index, .totals]
    guard audit.damage.contains(where: { kinds.contains($0.kind) }) else { return true }
    for name in try open.store.collections() { try open.store.rebuild(name) }
    if audit.hasBrokenFile, try self.audit(open).hasBrokenFile { return false }
    console.note(VerifyTexts.rebuilt)
    return true
  }

  private func audit(_ open: OpenStore) throws -> StoreAudit {
    let bar = console.progress(VerifyTexts.checkingStore, unit: .records)
    defer { bar.finish() }
    return try open.store.audit { done, total in
      try Task.checkCancellation()
      bar.update(done: Int(clamping: done), total: Int(clamping: max(done, total)))
    }
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

extension StoreAudit {
  fileprivate var hasBrokenFile: Bool { damage.contains { $0.kind == .file } }
}
