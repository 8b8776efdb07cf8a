import OfficeSyncProtocol
import OfficeSyncRecords

/// One collection's part of a session, for either side: compare, exchange states, then a stream each way that was asked for.
///
/// Inputs: the peer's messages of this channel, the store's answers, and `drained()`. Outputs: ``Step``s, in order. The
/// driver carries out each `.store` before the next message is handed in, but for `.apply`, which may be answered later.
struct ChannelMachine {
  /// Who the peer is, as far as it matters here.
  struct Peer: Hashable, Sendable {
    var trust: Incoming.Trust
    /// The longest frame that it takes.
    var frameBytesMax: Int
    /// It has lost writes, and takes all that this side holds of them.
    var isRecovering = false
    /// Why the client's writes wait, if that is for another reason than grants.
    var waits: SessionError?
    /// At a client, the collections that the server said this identity may write.
    var writable: Set<CollectionName> = []
  }

  enum Side { case client, server }

  enum Phase {
    /// The server waits for the store to open the collection; the client begins with it open.
    case opening
    /// Client: `Open` went out. Server: `State` went out.
    case awaitingState
    case settling(theirs: State)
    /// The peer's endings are being kept; if they changed nothing here, records flow.
    case keepingEndings(Settlement, theirs: State)
    case streaming
    /// Names are forked: no records flow, and the channel ends once both sides have said so.
    case mending
    case finished
  }

  let channel: Channel
  let side: Side
  /// A field device's client.
  let sendsOwnAlone: Bool
  /// Whose grants decide.
  let client: Identity
  /// What the client asked for and no grant allows.
  private(set) var denied: Directions
  var phase: Phase
  private(set) var view: LocalView
  private var outgoing: Outgoing?
  private var incoming: Incoming?
  private var runs: [StampRun] = []
  private var resultDue = false
  private var stateSent = false
  /// Of the origins that are closed here so many, those closed first, are left out of both sides' states.
  var leftOut = 0
  /// The groups of open origins that either state may leave out; of a client's `Open` all or none.
  var leftOutGroups: OriginGroups = []
  /// A client that knows so many open origins names their sums.
  let sumsFrom: Int
  /// What `State` told the peer: a stream may go on from there and from nowhere else.
  private var progressSent: Progress?
  var mending = Mending()
  var outcome: ChannelOutcome
  /// The peer's last word on how it stands.
  private var peerStanding: Standing?
  private var peerIsOffice = true

  /// - Parameters:
  ///   - me: the store's replica ID, as far as `view` does not say it.
  ///   - directions: what is to be done: at a client what it asks for, at a server what of that is allowed.
  ///   - denied: at a server, the rest.
  init(
    channel: Channel, side: Side, me: ReplicaID, sendsOwnAlone: Bool, client: Identity,
    collection: CollectionName, directions: Directions, denied: Directions = [],
    sumsFrom: Int = GroupSums.originsMin, view: LocalView?
  ) {
    self.channel = channel
    self.side = side
    self.sendsOwnAlone = sendsOwnAlone
    self.client = client
    self.denied = denied
    self.sumsFrom = sumsFrom
    phase = view == nil ? .opening : .awaitingState
    self.view = view ?? LocalView(me: me)
    outcome = ChannelOutcome(collection: collection, directions: directions)
    outcome.standing = view?.standing
  }

  var isFinished: Bool { if case .finished = phase { true } else { false } }
  /// Whether the client may leave now: nothing is half done.
  var isIdle: Bool {
    if case .awaitingState = phase { return side == .server }
    return isFinished
  }
  /// Whether the store must catch up before more messages are handed in.
  var isSaturated: Bool { incoming?.isSaturated ?? false }
  var recordsEstimate: UInt64 { incoming?.recordsEstimate ?? 0 }
  var recordsReceived: UInt64 { incoming?.totals.received ?? 0 }
  var recordsSent: UInt64 { outgoing?.recordsSent ?? 0 }

  /// What has been done so far.
  var interim: ChannelOutcome {
    var interim = outcome
    interim.isFinished = isFinished
    if !isFinished { interim.standing = nil }
    interim.sent = recordsSent
    if let incoming {
      interim.received = incoming.totals.received
      interim.applied = incoming.totals.outcome.applied
      interim.newConflicts = incoming.totals.outcome.newConflicts
      interim.withheld = incoming.totals.outcome.deferred
      interim.turnedDown = incoming.totals.refused
      interim.resumed = incoming.resumed
    }
    return interim
  }

  // MARK: Opening

  /// The server's answer to `Open`.
  mutating func answer(_ open: Open, view: LocalView) -> [Step] {
    self.view = view
    outcome.standing = view.standing
    let theirs = open.standing
    // Without a stamp a write has no name yet, and equal digests would prove nothing.
    if theirs.digest == view.standing.digest && view.knowledge.isStamped
      && !theirs.mayHideNews(from: view.standing)
    {
      let same = Same(channel: channel, condition: view.condition)
      return [.send(.same(same))] + agreed(theirs.condition, withOffice: client.role == .office)
    }
    phase = .awaitingState
    leftOut = open.closed.flatMap(view.knowledge.closed.count) ?? 0
    leftOutGroups = open.sums?.same(as: GroupSums(of: view.knowledge)) ?? []
    return sendState(progress: receives ? view.progress : nil)
  }

  mutating func same(_ message: Same) throws(SessionError) -> [Step] {
    guard case .awaitingState = phase, side == .client else {
      throw .unexpected(.same, expecting: expected)
    }
    return agreed(message.condition, withOffice: true)
  }

  /// Both sides know the same. An office then has this side's own writes, also if its word on them was lost on the way.
  private mutating func agreed(_ theirs: Condition, withOffice: Bool) -> [Step] {
    peerStanding = Standing(digest: view.standing.digest, condition: theirs)
    outcome.peerKnowledge = view.knowledge.open
    let own = view.knowledge.vector.of(view.own)
    let end = finish()
    guard withOffice, outcome.error == nil, !own.isCovered(by: view.confirmed) else { return end }
    return [.store(.confirm(own, refusals: []))] + end
  }

  mutating func refused(_ message: Refused) -> [Step] {
    outcome.error = SessionError(message.code, message.message, side: .peer)
    return (incoming?.breakOff().map(Step.init) ?? []) + finish()
  }

  /// This side cannot go on with the collection.
  mutating func fail(_ error: SessionError) -> [Step] {
    if isFinished { return [] }
    outcome.error = error
    let refusal = Refused(channel: channel, code: error.code, message: error.message)
    return (side == .server ? [.send(.refused(refusal))] : []) + finish()
  }

  // MARK: States

  mutating func state(
    _ theirs: State, peer: Peer
  ) throws(SessionError) -> [Step] {
    if case .mending = phase { return [] }
    guard case .awaitingState = phase else { throw .unexpected(.state, expecting: expected) }
    if side == .client {
      guard theirs.directions.isSubset(of: outcome.directions) else {
        throw SessionError(
          .protocolViolation, "the server wants more directions than were asked for")
      }
      denied = outcome.directions.subtracting(theirs.directions)
      outcome.directions = theirs.directions
    }
    let theirs = try complete(theirs)
    outcome.peerKnowledge = VersionVector(
      theirs.knowledge.vector.entries.filter { !view.knowledge.closed.contains($0.replica) })
    peerStanding = theirs.standing
    let comparison = StampComparison(mine: view.knowledge, theirs: theirs.knowledge, me: view.me)
    phase = .settling(theirs: theirs)
    let query = SettleQuery(
      own: comparison.own, checks: comparison.checks, endings: told(theirs, peer.trust),
      suffixes: sends ? comparison.suffixes : [],
      peerToken: sends ? theirs.progress?.token : nil, peerKnowledge: theirs.knowledge.vector)
    return [.store(.settle(query))]
  }

  mutating func settled(_ settlement: Settlement, peer: Peer) -> [Step] {
    guard case .settling(let theirs) = phase else { return [] }
    if settlement.isOwnNameInUse { return renew(peer.trust) }
    // A device may know of an ending and go on beyond it: by an office that did not know of it then.
    let (heard, overrun) = (Set(view.ended), Set(settlement.overrun))
    let endings = told(theirs, peer.trust).filter { !heard.contains($0) || overrun.contains($0) }
    if !endings.isEmpty {
      phase = .keepingEndings(settlement, theirs: theirs)
      return [.store(.heal(endings))]
    }
    return stream(settlement, theirs, peer: peer)
  }

  mutating func stream(_ settlement: Settlement, _ theirs: State, peer: Peer) -> [Step] {
    if !settlement.forked.isEmpty { return tell(settlement.forked) }
    phase = .streaming
    peerIsOffice = peer.trust == .office
    noteDenied(theirs, peer)
    runs = settlement.runs
    var steps: [Step] = []
    if !stateSent { steps += sendState(progress: receives ? settlement.progress : nil) }
    if receives {
      incoming = Incoming(
        channel: channel, collection: outcome.collection, own: view.own, trust: peer.trust,
        room: side == .client ? .client : .server,
        senderKnowledge: theirs.knowledge.vector, earlier: progressSent)
    }
    if sends {
      // A record that was refused is held back by its place, so the stream must pass that place: it starts anew.
      let mayResume = settlement.remembersPeerToken && view.refusedIDs.isEmpty
      let resumed = mayResume ? theirs.progress?.vector : nil
      let begin = Begin(
        channel: channel, token: settlement.token, resumed: resumed != nil,
        recordsEstimate: settlement.recordsEstimate)
      outgoing = Outgoing(
        channel: channel, view: view,
        difference: Difference(
          collection: outcome.collection, known: known(to: theirs.knowledge),
          resumed: resumed ?? VersionVector(),
          ownReplicas: sendsOwnAlone && !peer.isRecovering ? view.own : nil),
        begin: begin, leftOut: leftOutGroups, frameBytesMax: peer.frameBytesMax)
      resultDue = true
      steps.append(.readyToSend)
    } else {
      steps.append(.store(.release))
    }
    return steps + finishIfDone()
  }

  // MARK: Sending

  /// The session gives this channel its turn.
  mutating func startSending() -> [Step] {
    guard case .streaming = phase else { return [] }
    return outgoing?.start(runs).map(Step.init) ?? []
  }

  mutating func drained() -> [Step] {
    guard case .streaming = phase else { return [] }
    return outgoing?.drained().map(Step.init) ?? []
  }

  /// Whether the stream went out in full.
  var hasSent: Bool { outgoing?.knowledgeSent != nil }

  mutating func result(_ message: Result) throws(SessionError) -> [Step] {
    if case .mending = phase { return [] }
    guard case .streaming = phase, resultDue, let sent = outgoing?.knowledgeSent else {
      throw .unexpected(.result, expecting: expected)
    }
    resultDue = false
    outcome.deferred = message.deferred
    outcome.refused = message.refused
    peerStanding = message.standing
    let whole = message.deferred == 0 && message.refused == 0
    if whole { outcome.peerKnowledge?.join(sent) }
    // A device's word confirms nothing, and an office never holds back what somebody refused.
    guard peerIsOffice else { return finishIfDone() }
    return [
      .store(
        .confirm(
          whole ? sent.of(view.own) : VersionVector(),
          refusals: sendsOwnAlone ? message.refusals : []))
    ]
  }

  // MARK: Receiving

  mutating func receive(_ message: Message) throws(SessionError) -> [Step] {
    if case .mending = phase { return [] }
    guard case .streaming = phase, incoming != nil else {
      throw .unexpected(message.kind, expecting: expected)
    }
    let steps: [Incoming.Step]
    switch message {
    case .stamps(let message): steps = try incoming?.stamps(message) ?? []
    case .begin(let message): steps = try incoming?.begin(message) ?? []
    case .records(let message): steps = try incoming?.records(message) ?? []
    case .part(let message): steps = try incoming?.part(message) ?? []
    case .done(let message):
      steps = try incoming?.done(message) ?? []
      if !sends { peerStanding = incoming?.senderStanding }
    case .hello, .welcome, .open, .same, .state, .result, .refused, .fail, .fork, .again, .compare,
      .ask, .sums, .fetch, .relay, .watch, .changed, .alive:
      throw .unexpected(message.kind, expecting: expected)
    }
    return steps.map(Step.init)
  }

  // MARK: The store's answers

  mutating func answered(_ answer: StoreAnswer, peer: Peer) -> [Step] {
    switch answer {
    case .opened, .released, .adopted, .digests, .repaired: return []
    case .settled(let settlement): return settled(settlement, peer: peer)
    case .remembered: return outgoing?.remembered().map(Step.init) ?? []
    case .record(_, let schema): return outgoing?.looked(for: schema).map(Step.init) ?? []
    case .newestEntries(let newest): return outgoing?.listed(newest).map(Step.init) ?? []
    case .read(let parts):
      do { return try outgoing?.read(parts).map(Step.init) ?? [] } catch {
        return fail(.damaged(error, in: outcome.collection))
      }
    case .healed(let healing): return healed(healing, peer: peer)
    case .parted(let healing, let endings): return parted(healing, endings)
    case .renewed(let healing): return mended(healing, .renewed)
    case .applied(let batch):
      // The channel may have been given up meanwhile, or have to begin again.
      guard case .streaming = phase else { return [] }
      return incoming?.applied(batch).map(Step.init) ?? []
    case .completed(let view):
      outcome.standing = view.standing
      let steps = incoming?.completed(view.standing).map(Step.init) ?? []
      return steps + finishIfDone()
    case .confirmed: return finishIfDone()
    }
  }

  // MARK: Parts

  private var sends: Bool {
    outcome.directions.contains(side == .client ? .push : .pull)
  }

  private var receives: Bool {
    outcome.directions.contains(side == .client ? .pull : .push)
  }

  mutating func sendState(progress: Progress?) -> [Step] {
    stateSent = true
    progressSent = progress
    let state = State(
      channel: channel, directions: outcome.directions,
      knowledge: view.knowledge.leavingOut(leftOutGroups).leavingOut(leftOut),
      leavesOutClosed: leftOut > 0,
      ended: view.ended, condition: view.condition, progress: progress, leftOut: leftOutGroups)
    return [.send(.state(state))]
  }

  private mutating func finishIfDone() -> [Step] {
    guard case .streaming = phase, isExchanged else { return [] }
    return finish()
  }

  /// Whether neither side has anything more to say of its records.
  var isExchanged: Bool { !resultDue && incoming?.isDone ?? true }

  mutating func finish() -> [Step] {
    phase = .finished
    outcome = interim
    guard outcome.error == nil, !outcome.beginsAgain, let mine = outcome.standing,
      let theirs = peerStanding
    else { return [.finished] }
    outcome.inSync = mine.inSync(with: theirs, bothWays: outcome.directions == [.pull, .push])
    if mine.contradicts(theirs) {
      outcome.error = SessionError(
        .damaged,
        "equal knowledge but unequal contents: here \(mine.condition.fingerprint), "
          + "there \(theirs.condition.fingerprint)")
    }
    return [.finished]
  }

  var expected: [Message.Kind] {
    switch phase {
    case .opening, .settling, .keepingEndings, .mending, .finished: []
    case .awaitingState: side == .client ? [.same, .state, .refused] : [.state]
    case .streaming:
      (receives ? [.stamps, .begin, .records, .part, .done] : []) + (resultDue ? [.result] : [])
    }
  }
}
