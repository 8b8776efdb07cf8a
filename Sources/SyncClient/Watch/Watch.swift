import Dispatch
import OfficeSyncCommandErrors
import OfficeSyncCommandSupport
import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncSecureTransport
import OfficeSyncStorage
import OfficeSyncSyncLink
import Synchronization

/// One run of `watch`: prints what changes in the store, whoever changes it, and keeps it live with an office.
struct Watch {
  /// The office to keep live with.
  struct Link {
    let server: NetworkAddress
    let timeout: Duration
    /// The file that holds it.
    let revocationList: String
    /// The folder for them.
    let tickets: String
    let renewal: Renewal
    /// Reads the certificates anew.
    let context: @Sendable () throws -> TLSContext
  }

  /// nil for all.
  let collections: [CollectionName]?
  let console: Console

  /// Runs until its task is cancelled.
  /// - Throws: `CommandError` with which the office refuses this store; what reading and printing throw.
  func run(on open: OpenStore, link: Link?) async throws {
    let hints = try open.store.changes()
    let feed = ChangeFeed(store: open.store)
    let printer = try ChangePrinter(open.store, collections: collections, console: console)
    let changes = try await feed.subscribe()
    console.note(WatchTexts.watching)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await feed.run(on: hints) }
      group.addTask {
        for await _ in changes { try await printer.printNews() }
      }
      if let link {
        let rechecks = Rechecks()
        let (store, identity) = (open.store, open.replica.identity)
        group.addTask { try await keepLive(store, identity, link, feed, rechecks) }
        group.addTask { try await follow(link, rechecks) }
        group.addTask { await keepCertificate(link) }
      }
      while try await group.next() != nil {}
    }
    try Task.checkCancellation()
  }

  private func keepLive(
    _ store: SQLiteStore, _ identity: Identity, _ link: Link, _ feed: ChangeFeed,
    _ rechecks: Rechecks
  ) async throws {
    var request = OfficeSyncSyncLink.SyncClient.Request(
      host: link.server.host, port: link.server.port, directions: [.pull, .push],
      collections: collections)
    request.connectTime = min(link.timeout, Exchange.connectTimeMax)
    request.idleTime = link.timeout
    let log = LinkLog(store, identity, link.server, console)
    // Of the certificate that was shown last.
    let shown = Mutex<String?>(nil)
    let peer = StandingPeer(
      request, every: nil, feed: feed,
      client: {
        let context = try link.context()
        shown.withLock { $0 = context.certificate.fingerprint }
        return OfficeSyncSyncLink.SyncClient(
          software: "syncclient/\(productVersion)", store: store, context: context,
          tickets: TicketFolder(path: link.tickets),
          rechecks: rechecks, wall: { OpenStore.wallMilliseconds })
      },
      observe: { await log.note($0) })
    let refusal = await peer.run { failure in
      // One that was renewed meanwhile has not been refused yet.
      let now = (try? link.context())?.certificate.fingerprint
      return failure.isRefusal && (now == nil || now == shown.withLock { $0 })
    }
    if let refusal { throw await log.error(refusal) }
  }
}

extension Watch {
  /// A certificate is looked at so often in its life, and at least once an hour: clocks are set, and machines sleep.
  private static let looksInALife: Int64 = 12
  private static let lookSecondsMax: Int64 = 3_600

  /// Has the certificate renewed in time, as every sync does. What goes on is told once.
  private func keepCertificate(_ link: Link) async {
    var told: [Prose] = []
    while !Task.isCancelled {
      var seconds = Self.lookSecondsMax
      // One that cannot be read is told of when the next connection is made.
      if let certificate = try? link.context().certificate {
        let life = certificate.notAfterSeconds - certificate.notBeforeSeconds
        seconds = min(max(life / Self.looksInALife, 1), seconds)
        let texts = await link.renewal.runIfDue(certificate)
        for text in texts where !told.contains(text) { console.note(text) }
        told = texts
      }
      try? await Task.sleep(for: .seconds(seconds))
    }
  }

  /// A server that a new revocation list names is left at once.
  private func follow(_ link: Link, _ rechecks: Rechecks) async throws {
    for await _ in try FileWatch.replacements(of: link.revocationList) {
      // A list that cannot be read is told of when the next connection is made.
      if let context = try? link.context() { rechecks.trustChanged(context) }
    }
  }
}

/// Prints changes, on a thread that may wait for whoever reads them: the link is kept meanwhile.
private final class ChangePrinter: @unchecked Sendable {
  // Unchecked: the reader is touched on the queue alone.
  private var reader: ChangeReader
  private let console: Console
  private let queue = DispatchQueue(label: "officesync.watch")

  init(_ store: any RecordStore, collections: [CollectionName]?, console: Console) throws {
    reader = try ChangeReader(store, collections: collections)
    self.console = console
  }

  func printNews() async throws {
    try await withCheckedThrowingContinuation { (done: CheckedContinuation<Void, any Error>) in
      queue.async { done.resume(with: Swift.Result(catching: self.print)) }
    }
  }

  private func print() throws {
    try reader.forEachChange { change in
      try console.line(change.json)
      for line in WatchTexts.lines(change) { try console.print(line) }
    }
    try console.flush()
  }
}
