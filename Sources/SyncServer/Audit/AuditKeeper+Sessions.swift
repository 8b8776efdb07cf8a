import OfficeSyncCommandSupport
import OfficeSyncRecords
import OfficeSyncReplication
import OfficeSyncSyncLink

extension AuditKeeper {
  /// What a listener tells of those who come.
  ///
  /// - Parameter run: tells this run of the server from others, in the names of sessions.
  func note(_ event: ListenerEvent, run: String) {
    switch event {
    case .refused(let refusal, let address, let identity):
      let name = identity.map { [JSONMember("identity", .string("\($0)"))] } ?? []
      note(
        refusal, who: identity?.description ?? address.host,
        name + [JSONMember("address", .string(address))])
    case .connected(let visitor):
      let entry = AuditEntry(
        .connected, at: wallMilliseconds(),
        visitor.members(run) + [JSONMember("resumed", .boolean(visitor.isResumed))])
      note(.connected("\(visitor.identity)", session: visitor.session(run), entry))
    case .exchanged(let summary): exchanged(summary, run)
    case .ended(let summary):
      exchanged(summary, run)
      note(.ended(session: summary.visitor.session(run), at: wallMilliseconds()))
      if let refusal = summary.failure.flatMap(Refusal.init(endOf:)) {
        note(refusal, who: "\(summary.identity)", summary.visitor.members(run))
      }
    }
  }

  private func exchanged(_ summary: SessionSummary, _ run: String) {
    let session = summary.visitor.session(run)
    let who = summary.visitor.members(run)
    let replica = summary.peer.map { [JSONMember("replica", .string("\($0.replica)"))] } ?? []
    for outcome in summary.outcomes { exchanged(outcome, in: session, who + replica) }
    for (name, records) in summary.compared.sorted(by: { $0.key < $1.key }) {
      note(
        .exchanged(
          ExchangeTally.Key(session: session, collection: name), who: who + replica,
          ExchangeTally.Counts(read: records), at: wallMilliseconds()))
    }
  }

  /// What was carried of a collection, and what of it was refused.
  ///
  /// - Parameter who: the members that say with whom.
  func exchanged(_ outcome: ChannelOutcome, in session: String, _ who: [JSONMember]) {
    note(
      .exchanged(
        ExchangeTally.Key(session: session, collection: outcome.collection), who: who,
        ExchangeTally.Counts(
          read: outcome.sent, wrote: outcome.received, applied: outcome.applied),
        at: wallMilliseconds()))
    if outcome.turnedDown > 0 {
      note(
        Refusal(code: "records", reason: AuditTexts.turnedDown(outcome.turnedDown)),
        who: "\(session) \(outcome.collection)",
        who + [JSONMember("collection", .string(outcome.collection.text))])
    }
    if let refusal = outcome.error.flatMap(Refusal.init) {
      note(
        refusal, who: "\(session) \(outcome.collection)",
        who + [JSONMember("collection", .string(outcome.collection.text))])
    }
  }

  /// - Parameters:
  ///   - who: under which refusals are counted together.
  ///   - isAlwaysTold: whether it is written down one by one, however many there are.
  func note(
    _ refusal: Refusal, who: String, _ members: [JSONMember], isAlwaysTold: Bool = false
  ) {
    let entry = AuditEntry(
      .refused, at: wallMilliseconds(),
      members + [
        JSONMember("code", .string(refusal.code)), JSONMember("reason", .string(refusal.reason)),
      ])
    note(
      isAlwaysTold
        ? .entry(entry) : .refused(RepeatTally.Kind(who: who, code: refusal.code), entry))
  }
}

extension Visitor {
  fileprivate func session(_ run: String) -> String { "\(run)-\(number)" }

  fileprivate func members(_ run: String) -> [JSONMember] {
    [
      JSONMember("identity", .string("\(identity)")), JSONMember("address", .string(address)),
      JSONMember("serial", .string(serial)), JSONMember("session", .string(session(run))),
    ]
  }
}

extension String {
  /// Of an address, without the port, which is another one each time.
  var host: String { lastIndex(of: ":").map { String(self[..<$0]) } ?? self }
}
