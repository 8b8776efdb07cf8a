import OfficeSyncCommandErrors
import OfficeSyncCommandSupport
import OfficeSyncRecords
import OfficeSyncReplication
import OfficeSyncSecureTransport
import OfficeSyncSyncLink

/// One run of `replicate`: under a lock of its own, over two connections, and again if they break.
struct CourierRun {
  static let retriesMax = 100

  let from: NetworkAddress
  let to: NetworkAddress
  /// The offices that records are to come from.
  let wanted: Set<RelayEnd>
  /// nil for all that both offices give.
  let collections: [CollectionName]?
  let retries: Int
  let console: Console

  func run(
    _ certificates: CertificateOptions, _ patience: WaitOptions, _ store: StoreOptions
  ) async throws {
    if from == to { throw CommandError.sameOffice(from) }
    let folder = store.folder(of: .client)
    let settings = try NetworkSettings(
      certificates: certificates, patience: patience, folder: folder,
      file: StoreConfiguration(readingFrom: folder)
    ).opened(on: console)
    let (context, identity) = try Credentials.officeContext(settings)
    try await RunLock.with(lockPath(), wait: settings.wait) {
      try folder.record(
        "replicate",
        [
          JSONMember("from", .string(from.description)), JSONMember("to", .string(to.description)),
          JSONMember("identity", .string(identity.description)),
        ])
      let courier = Courier(
        software: "syncclient/\(productVersion)", context: context,
        tickets: TicketFolder(path: StoreFolder.ofCourier().tickets),
        wall: { OpenStore.wallMilliseconds })
      var outcome = await attempt(courier, settings, identity)
      var gotOn = outcome.hasCarried
      var backoff = Backoff(first: .seconds(1), max: .seconds(120))
      var generator = SystemRandomNumberGenerator()
      for _ in 0..<retries {
        guard let failure = outcome.failure, failure.status == .unreachable else { break }
        let pause = backoff.pause(gotOn: gotOn, using: &generator)
        console.note(CourierTexts.retrying(failure, in: pause))
        try await Task.sleep(for: pause)
        let next = await attempt(courier, settings, identity)
        gotOn = next.hasCarried
        outcome = next.following(outcome)
      }
      if outcome.report.failure == nil {
        let now = Int64(OpenStore.wallMilliseconds / 1_000)
        for text in Renewal.officeWarnings(of: context.certificate, identity, at: now) {
          console.note(text)
        }
      }
      try tell(outcome)
    }
  }

  private func attempt(
    _ courier: Courier, _ settings: NetworkSettings, _ identity: Identity
  ) async -> CourierOutcome {
    var request = Courier.Request(
      from: Courier.Request.Server(host: from.host, port: from.port),
      to: Courier.Request.Server(host: to.host, port: to.port), wanted: wanted,
      collections: collections)
    request.connectTime = min(settings.timeout, Exchange.connectTimeMax)
    request.idleTime = settings.timeout
    let bar = console.progress(CourierTexts.progress(from, to), unit: .records)
    defer { bar.finish() }
    let report = await courier.replicate(request) { bar.update(done: Int(clamping: $0)) }
    return CourierOutcome(report, of: self, identity: identity)
  }

  /// One a user and pair of servers, whichever is named first.
  private func lockPath() throws -> String {
    let folder = StoreFolder.ofCourier()
    try SecureFile.createFolder(folder.path)
    let servers = [from, to].map(\.description).sorted().joined(separator: "--")
    return "\(folder.path)/\(servers).lock"
  }

  private func tell(_ outcome: CourierOutcome) throws {
    for warning in outcome.warnings { console.note(warning) }
    if var failure = outcome.failure {
      failure.done = outcome.members
      if !Task.isCancelled { try printed(outcome) }
      throw failure
    }
    try console.document(.object([JSONMember("ok", .boolean(true))] + outcome.members))
    try printed(outcome)
    console.next([CourierTexts.next(after: outcome)])
  }

  private func printed(_ outcome: CourierOutcome) throws {
    for collection in outcome.collections { try console.print(CourierTexts.line(collection)) }
    for name in outcome.leftOut { console.note(CourierTexts.leftOut(name)) }
    if outcome.report.failure == nil { try console.print(CourierTexts.summary(outcome)) }
  }
}
