import OfficeSyncCommandErrors
import OfficeSyncCommandSupport
import OfficeSyncRecords
import OfficeSyncReplication
import OfficeSyncStorage
import OfficeSyncSyncLink

/// What a run of `watch` tells of its link: on standard error, and in the store for `status`. What goes on is told once.
actor LinkLog {
  private let store: SQLiteStore
  private let identity: Identity
  private let server: NetworkAddress
  private let console: Console
  private var lastFailure: String?
  private var lastErrors: [CollectionName: String] = [:]
  private var warnings: Set<String> = []

  /// - Parameter identity: whose store it is.
  init(
    _ store: SQLiteStore, _ identity: Identity, _ server: NetworkAddress, _ console: Console
  ) {
    self.store = store
    self.identity = identity
    self.server = server
    self.console = console
  }

  func note(_ event: StandingPeer.Event) {
    switch event {
    case .live(let identity):
      lastFailure = nil
      noteContact(identity, "ok")
      console.note(WatchTexts.live(identity, server))
    case .exchanged(let outcome, _): exchanged(outcome)
    case .ended(let report):
      for warning in report.warnings where warnings.insert(warning).inserted {
        console.note(ExchangeTexts.warning(warning, server))
      }
      for outcome in report.outcomes { exchanged(outcome) }
      guard let failure = report.failure else { return }
      if case .stopped = failure.kind { return }
      let error = error(failure)
      noteContact(report.peer?.identity, error.name)
      if lastFailure == error.name || failure.isRefusal { return }
      lastFailure = error.name
      console.note(WatchTexts.lost(error))
    }
  }

  func error(_ failure: LinkError) -> CommandError {
    CommandError(
      failure, SessionContext(server: server.description, identity: identity))
  }

  private func exchanged(_ outcome: ChannelOutcome) {
    tell(outcome)
    let healed = OfficeSyncSyncLink.SyncClient.Report.Healed(outcome)
    guard outcome.beginsAgain, let replica = try? store.replica() else { return }
    let lines = try? HealingTexts.lines(
      [healed], server, replica: replica, owner: store.owner)
    for line in lines ?? [] { console.note(line) }
  }

  /// What a person has to know of a collection, and cannot see from its changes.
  private func tell(_ outcome: ChannelOutcome) {
    let name = outcome.collection
    guard let error = outcome.error else {
      lastErrors[name] = nil
      if outcome.deferred + outcome.refused > 0 {
        console.note(
          ExchangeTexts.line(ExchangeOutcome.Collection(outcome: outcome, error: nil)))
      }
      return
    }
    let told = CommandError(
      error,
      SessionContext(
        server: server.description, identity: identity, collection: name))
    if lastErrors.updateValue(told.name, forKey: name) == told.name { return }
    console.note(WatchTexts.notExchanged(told))
  }

  private func noteContact(_ identity: Identity?, _ result: String) {
    // The next contact is noted again; a store that cannot be written will say so where it matters.
    try? store.note(
      Contact(
        server: server.description, identity: identity,
        atMilliseconds: OpenStore.wallMilliseconds, result: result))
  }
}
