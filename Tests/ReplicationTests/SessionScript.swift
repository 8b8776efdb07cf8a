import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncReplication

/// As much of a store as a session with one collection of one record asks for. Nothing in it is random: tokens are handed in.
struct ScriptedStore {
  let replica: ReplicaID
  let collection: CollectionName
  let id: RecordID
  /// The token of the next stream that this store begins.
  let token: ReplicaID
  var record = Record()
  var knowledge = VersionVector()
  var stamps: [ReplicaID: [Stamp]] = [:]

  var encoded: EncodedRecord { RecordEncoder.encode(record) }

  var view: LocalView {
    let fingerprint =
      record.clock.isEmpty
      ? Fingerprint.zero : Fingerprint(collection: collection, id: id, record: encoded)
    return LocalView(
      me: replica,
      knowledge: Knowledge(vector: knowledge, newestStamps: stamps.compactMapValues(\.last)),
      condition: Condition(fingerprint: fingerprint, isPartial: false))
  }

  /// One write of this replica's, with the stamp that the next session would give it.
  mutating func write(
    _ changes: [(path: FieldPath, content: Sibling.Content)], by info: WriteInfo, stamp: ReplicaID
  ) throws {
    let dot = try knowledge.nextDot(of: replica)
    record.write(changes, as: dot, info: info)
    knowledge.insert(dot)
    stamps[replica, default: []].append(Stamp(counter: dot.counter, token: stamp))
  }

  mutating func answer(_ request: StoreRequest) throws -> StoreAnswer {
    switch request {
    case .open: return .opened(view)
    case .settle(let query): return .settled(settle(query))
    case .remember: return .remembered
    case .newestEntries: return .newestEntries(record.clock)
    case .read(let ranges, _):
      return .read(
        ranges.map { range in
          let place = EntryCursor(counter: record.clock[range.origin], row: 1)
          let row = StoredEntry(cursor: place, id: id, of: collection, encoded)
          return OriginEntries(
            origin: range.origin, rows: place.counter > range.after.counter ? [row] : [],
            isWhole: true)
        })
    case .adopt(let runs):
      for run in runs { stamps[run.origin, default: []] += run.stamps }
      return .adopted
    case .apply(let records, let rule, _):
      var outcome = BatchOutcome()
      for incoming in records {
        switch rule.judge(try incoming.checked.record, id: incoming.id, held: record) {
        case .changed(let merged):
          record = merged
          outcome.applied += 1
        case .unchanged: break
        case .deferred: outcome.deferred += 1
        case .refused(let refusal): outcome.refused.append(.init(id: incoming.id, refusal: refusal))
        }
      }
      return .applied(outcome)
    case .complete(let theirs, _):
      knowledge.join(theirs)
      return .completed(view)
    case .confirm: return .confirmed
    case .heal, .part, .renew: return .healed(Healing())
    // A sync does not compare.
    case .digests: return .digests([])
    case .record(let id): return .record(id, nil)
    case .repair: return .repaired
    case .release: return .released
    }
  }

  private func settle(_ query: SettleQuery) -> Settlement {
    let runs = query.suffixes.compactMap { suffix -> StampRun? in
      let rest = (stamps[suffix.origin] ?? []).filter { $0.counter > suffix.after?.counter ?? 0 }
      return rest.isEmpty
        ? nil : StampRun(origin: suffix.origin, after: suffix.after, stamps: rest)
    }
    let forked = query.checks.filter { !(stamps[$0.origin] ?? []).contains($0.stamp) }
    return Settlement(
      isOwnNameInUse: false,
      forked: forked.map { StampList(origin: $0.origin, stamps: []) }, overrun: [], runs: runs,
      remembersPeerToken: false, progress: nil,
      token: token, recordsEstimate: query.peerKnowledge == knowledge ? 0 : 1)
  }
}

/// Both sides of one session, joined back to back, and what they said.
struct SessionScript {
  enum Side: String { case client, server }

  struct Line: Hashable {
    var from: Side
    var message: Message
  }

  private var client: ClientSession
  private var server: ServerSession
  private(set) var clientStore: ScriptedStore
  private(set) var serverStore: ScriptedStore
  private let access: [Welcome.Access]
  private let wallMilliseconds: UInt64
  private var inFlight: [Line] = []
  private(set) var transcript: [Line] = []
  private(set) var outcomes: [ChannelOutcome] = []
  private(set) var clientClosed = false

  /// - Parameters:
  ///   - directions: what the client asks for.
  ///   - opensFirst: whether the client opens its collection in the first flight.
  init(
    client: (info: LocalInfo, store: ScriptedStore),
    server: (info: LocalInfo, store: ScriptedStore),
    directions: Directions, opensFirst: Bool, wallMilliseconds: UInt64
  ) {
    let collection = client.store.collection
    let local = ClientSession.Local(collection: collection, view: client.store.view)
    self.client = ClientSession(
      me: client.info, peerIdentity: server.info.identity, directions: directions,
      locals: opensFirst ? [local] : [], takesAll: !opensFirst)
    self.server = ServerSession(me: server.info, peerIdentity: client.info.identity)
    clientStore = client.store
    serverStore = server.store
    access = [Welcome.Access(collection: collection, read: true, write: true, isHeld: true)]
    self.wallMilliseconds = wallMilliseconds
  }

  mutating func run() throws {
    try carryOut(client.start(wallMilliseconds: wallMilliseconds), at: .client)
    while !inFlight.isEmpty {
      let line = inFlight.removeFirst()
      switch line.from {
      case .client:
        let actions = try server.received(line.message, wallMilliseconds: wallMilliseconds)
        try carryOut(actions, at: .server)
      case .server: try carryOut(try client.received(line.message), at: .client)
      }
    }
  }

  private mutating func carryOut(_ actions: [SessionAction], at side: Side) throws {
    for action in actions {
      switch action {
      case .send(let message):
        transcript.append(Line(from: side, message: message))
        inFlight.append(Line(from: side, message: message))
      case .store(let request, let channel):
        let answer =
          side == .client ? try clientStore.answer(request) : try serverStore.answer(request)
        try carryOut(
          side == .client
            ? client.answered(answer, on: channel) : try server.answered(answer, on: channel),
          at: side)
      case .admit:
        try carryOut(
          server.admitted(access, isRecovering: false), at: side)
      case .authorize(let open):
        let view = serverStore.view
        try carryOut(
          server.authorized(open, directions: open.directions, view: view), at: side)
      case .awaitDrain:
        try carryOut(side == .client ? client.drained() : server.drained(), at: side)
      case .finished(let outcome, _): outcomes.append(outcome)
      case .raiseFrameLimit, .compress, .watch, .review: break
      case .close: clientClosed = true
      }
    }
  }
}
