import OfficeSyncProtocol
import OfficeSyncRecords

/// The server's side of one connection, without I/O.
///
/// Order of calls: `received(_:)` for each message; for each action, in order, carry it out, and hand answers back
/// (`admitted`, `authorized`, `answered`) before the next message. `drained()` whenever asked for. Any throw ends the
/// session: send ``failure(for:)`` and close. Time is an argument and is read once, at `Hello`.
public struct ServerSession: Sendable {
  private enum Phase {
    case awaitingHello
    case admitting(Hello, wallMilliseconds: UInt64)
    case awaitingRelay
    case admittingRelay
    case open
  }

  private let me: LocalInfo
  private let peerIdentity: Identity
  private let frameBytesMax: Int
  private var phase = Phase.awaitingHello
  private var table = ChannelTable()
  private var comparisons = ComparisonTable()
  private var trust = Incoming.Trust.office
  /// Why the client's writes wait, if its clock is ahead; it may pull.
  private var clockAhead: SessionError?
  /// Why anybody's writes wait, if this store's disk is nearly full; as of the last channel that was opened.
  private var hasNoRoom: SessionError?
  public private(set) var peer: PeerInfo?
  private var lastChannel: Channel = 0
  /// What the client watches, if it does; none for all.
  private var watched: Set<CollectionName>?
  /// What the client may reach, as it was looked up last.
  private var access: [CollectionName: Directions] = [:]
  private var news = News()

  /// - Parameter frameBytesMax: the longest frame that is taken once the client was let in.
  public init(
    me: LocalInfo, peerIdentity: Identity, frameBytesMax: Int = Limits.frameBytesMax
  ) {
    self.me = me
    self.peerIdentity = peerIdentity
    self.frameBytesMax = frameBytesMax
  }

  /// Whether the client was let in.
  public var isAdmitted: Bool { if case .open = phase { true } else { false } }

  /// Whether nothing is under way: the client may close now without leaving anything half done.
  public var isIdle: Bool { table.isIdle && comparisons.isIdle }

  public var unfinished: [ChannelOutcome] { table.unfinished }

  /// Records handed out to a client that compares, by collection; 0 where sums alone were told.
  public var compared: [CollectionName: UInt64] { comparisons.handedOut }

  public func isSaturated(_ channel: Channel) -> Bool { table.isSaturated(channel) }

  /// - Parameter wallMilliseconds: the wall clock now.
  /// - Throws: ``SessionError``
  public mutating func received(
    _ message: Message, wallMilliseconds: UInt64
  ) throws(SessionError) -> [SessionAction] {
    noted(try handle(message, wallMilliseconds: wallMilliseconds))
  }

  private mutating func handle(
    _ message: Message, wallMilliseconds: UInt64
  ) throws(SessionError) -> [SessionAction] {
    switch (phase, message) {
    case (.awaitingHello, .hello(let hello)):
      return try take(hello, wallMilliseconds: wallMilliseconds)
    case (.awaitingRelay, .relay(let relay)): return relays(relay)
    case (.awaitingHello, _), (.admitting, _):
      throw .unexpected(message.kind, expecting: [.hello])
    case (_, .fail(let fail)): throw SessionError(fail.code, fail.message, side: .peer)
    case (.awaitingRelay, _), (.admittingRelay, _):
      throw .unexpected(message.kind, expecting: [.relay])
    case (.open, .open(let open)):
      try take(open.channel)
      return hasRoomForChannel ? [.authorize(open)] : refuse(open)
    case (.open, .compare(let compare)):
      try take(compare.channel)
      let hasRoom = hasRoomForChannel
      let open = comparisons.expect(compare)
      return hasRoom ? [.authorize(open)] : refuse(open)
    case (.open, .ask(let ask)):
      return try comparisons.run(ask.channel) { (r) throws(SessionError) in try r.ask(ask) }
    case (.open, .fetch(let fetch)):
      return try comparisons.run(fetch.channel) { (r) throws(SessionError) in try r.fetch(fetch) }
    case (.open, .state(let state)):
      let peer = channelPeer
      return try route(state.channel, message) { (m) throws(SessionError) in
        try m.state(state, peer: peer)
      }
    case (.open, .fork(let fork)):
      let peer = channelPeer
      return try route(fork.channel, message) { (m) throws(SessionError) in
        try m.fork(fork, peer: peer)
      }
    case (.open, .again(let again)):
      let peer = channelPeer
      return try route(again.channel, message) { (m) throws(SessionError) in
        try m.again(again, peer: peer)
      }
    case (.open, .result(let result)):
      return try route(result.channel, message) { (m) throws(SessionError) in try m.result(result) }
    case (.open, .stamps(let stamps)): return try receive(message, on: stamps.channel)
    case (.open, .begin(let begin)): return try receive(message, on: begin.channel)
    case (.open, .records(let records)): return try receive(message, on: records.channel)
    case (.open, .part(let part)): return try receive(message, on: part.channel)
    case (.open, .done(let done)): return try receive(message, on: done.channel)
    case (.open, .watch(let watch)): return self.watch(watch)
    case (.open, .alive): return []
    case (.open, .hello), (.open, .welcome), (.open, .same), (.open, .refused), (.open, .sums),
      (.open, .relay), (.open, .changed):
      throw .unexpected(
        message.kind,
        expecting: [
          .open, .state, .stamps, .begin, .records, .part, .done, .result, .fork, .again, .compare,
          .ask, .fetch, .watch, .alive,
        ])
    }
  }

  /// - Throws: ``SessionError``, for a number that is not above all before, or too many channels at once.
  private mutating func take(_ channel: Channel) throws(SessionError) {
    guard channel > lastChannel,
      table.machines.count + comparisons.count < Limits.channelsMax
    else { throw SessionError(.protocolViolation, "channel \(channel) cannot be opened") }
    lastChannel = channel
  }

  /// A device could hold a snapshot on every channel, and say nothing more.
  private var hasRoomForChannel: Bool {
    peerIdentity.role == .office
      || table.machines.count + comparisons.count < Limits.deviceChannelsMax
  }

  private mutating func refuse(_ open: Open) -> [SessionAction] {
    let error = SessionError(.busy, "too many collections are under way in this session")
    if comparisons.contains(open.channel) {
      return comparisons.authorized(open, view: nil, orElse: error)
    }
    table.add(machine(for: open, directions: open.directions))
    return table.run(open.channel) { $0.fail(error) }
  }

  private mutating func watch(_ watch: Watch) -> [SessionAction] {
    let isFirst = watched == nil
    watched = Set(watch.collections)
    return isFirst ? [.watch] : []
  }

  /// The answer to `.admit`: which collections the client may reach.
  /// - Parameter isRecovering: whether this office's store was put back from a copy, and takes whatever clients hold.
  public mutating func admitted(
    _ access: [Welcome.Access], isRecovering: Bool
  ) -> [SessionAction] {
    if case .admittingRelay = phase { phase = .open }
    guard case .admitting(let hello, let wallMilliseconds) = phase else { return [] }
    phase = hello.replica == .zero ? .awaitingRelay : .open
    self.access = Dictionary(
      access.map { ($0.collection, $0.directions) }, uniquingKeysWith: { $1 })
    switch peerIdentity.role {
    case .office: trust = .office
    case .field where isRecovering: trust = .recovery
    case .field:
      // Not all the replicas of the identity: a second laptop's writes may be seen here and not be at this office yet.
      let replicas = Set(hello.formerReplicas + [hello.replica])
      trust = .device(
        replicas: replicas, author: peerIdentity,
        timeMax: HybridClock.timeMax(wallMilliseconds: wallMilliseconds))
      clockAhead = .clockAhead(
        device: hello.wallMilliseconds, office: wallMilliseconds, side: .here)
    }
    let welcome = Welcome(
      software: me.software, replica: me.replica, replicaName: me.replicaName,
      wallMilliseconds: wallMilliseconds, frameBytesMax: frameBytesMax,
      isRecovering: isRecovering, collections: access,
      compression: me.compressions.first(where: hello.compressions.contains))
    return [.raiseFrameLimit(frameBytesMax), .send(.welcome(welcome))]
      + (welcome.compression == nil ? [] : [.compress])
  }

  /// The answer to `.authorize`: what is allowed of what was asked for, and the collection as it stands; nil for nothing
  /// allowed, which is not told apart from a collection that does not exist.
  /// - Parameter hasRoom: whether the store takes records now.
  public mutating func authorized(
    _ open: Open, directions: Directions, view: LocalView?, hasRoom: Bool = true
  ) -> [SessionAction] {
    if comparisons.contains(open.channel) {
      let isAllowed = directions.contains(.pull)
      return comparisons.authorized(
        open, view: isAllowed ? view : nil,
        orElse: .notGranted(.pull, of: open.collection, to: peerIdentity))
    }
    let granted = view == nil ? [] : directions
    hasNoRoom = hasRoom ? nil : .hasNoRoom(side: .here)
    let served = waits == nil ? granted : granted.subtracting(.push)
    guard let view, !served.isEmpty else {
      table.add(machine(for: open, directions: open.directions))
      let waits = granted.isEmpty ? nil : waits
      let error =
        waits ?? .notGranted(open.directions, of: open.collection, to: peerIdentity)
      return noted(table.run(open.channel) { $0.fail(error) })
    }
    table.add(machine(for: open, directions: served))
    return noted(table.run(open.channel) { $0.answer(open, view: view) })
  }

  /// - Throws: ``SessionError`` `.storage` when a client that compares asked for a record that is damaged.
  public mutating func answered(
    _ answer: StoreAnswer, on channel: Channel
  ) throws(SessionError) -> [SessionAction] {
    if comparisons.contains(channel) { return try comparisons.answered(answer, on: channel) }
    let peer = channelPeer
    return noted(table.run(channel) { $0.answered(answer, peer: peer) })
  }

  /// The store could not do what this channel asked, but the session may go on.
  public mutating func failed(_ error: SessionError, on channel: Channel) -> [SessionAction] {
    noted(table.run(channel) { $0.fail(error) })
  }

  /// The store found that names changed, or have to.
  public mutating func interrupted(
    _ interruption: Interruption, on channel: Channel
  ) -> [SessionAction] {
    let peer = channelPeer
    return noted(table.run(channel) { $0.interrupted(interruption, peer: peer) })
  }

  public mutating func drained() -> [SessionAction] {
    noted(table.drained()) + comparisons.drained()
  }

  private var channelPeer: ChannelMachine.Peer {
    ChannelMachine.Peer(
      trust: trust, frameBytesMax: Limits.frameBytesMax, waits: waits)
  }

  private var waits: SessionError? { clockAhead ?? hasNoRoom }

  private func machine(for open: Open, directions: Directions) -> ChannelMachine {
    ChannelMachine(
      channel: open.channel, side: .server, me: me.replica, sendsOwnAlone: false,
      client: peerIdentity, collection: open.collection, directions: directions,
      denied: open.directions.subtracting(directions), view: nil)
  }

  private mutating func take(
    _ hello: Hello, wallMilliseconds: UInt64
  ) throws(SessionError) -> [SessionAction] {
    guard (hello.versionMin...hello.versionMax).contains(Hello.version) else {
      throw SessionError(
        .versionUnsupported,
        "this server speaks version \(Hello.version), the client \(hello.versionMin) to \(hello.versionMax)"
      )
    }
    // An office's clone is told apart by its stamps, and takes a new ID.
    if hello.replica == me.replica, peerIdentity != me.identity {
      throw SessionError(
        .replicaOwnedByAnother, "the client presents this server's own replica ID \(me.replica)")
    }
    if hello.replica == .zero, peerIdentity.role != .office {
      throw SessionError(.notAllowed, "only offices' programs come without a store")
    }
    peer = PeerInfo(
      identity: peerIdentity, replica: hello.replica, replicaName: hello.replicaName,
      software: hello.software, formerReplicas: hello.formerReplicas)
    phase = .admitting(hello, wallMilliseconds: wallMilliseconds)
    return [.admit]
  }

  private mutating func relays(_ relay: Relay) -> [SessionAction] {
    peer?.owner = relay.owner
    peer?.replica = relay.replica
    peer?.replicaName = relay.replicaName
    phase = .admittingRelay
    return [.admit]
  }

  private mutating func receive(
    _ message: Message, on channel: Channel
  ) throws(SessionError) -> [SessionAction] {
    try route(channel, message) { (m) throws(SessionError) in try m.receive(message) }
  }

  private mutating func route(
    _ channel: Channel, _ message: Message,
    _ input: (inout ChannelMachine) throws(SessionError) -> [ChannelMachine.Step]
  ) throws(SessionError) -> [SessionAction] {
    guard channel <= lastChannel else {
      throw SessionError(
        .protocolViolation, "\(message.kind) on channel \(channel), which is not open")
    }
    // Of one that is finished nothing is done: a client may have sent its state, and records behind it, before it learnt
    // that there was nothing to do or that it was refused.
    return try table.run(channel, input)
  }

  /// What changed in the store is told to a client that watches.
  public mutating func changed(_ digests: [CollectionName: KnowledgeDigest]) -> [SessionAction] {
    guard let watched else { return [] }
    let digests = watched.isEmpty ? digests : digests.filter { watched.contains($0.key) }
    return told(news.changed(digests, underWay: table.collections))
  }

  // MARK: Grants that change

  public mutating func accessChanged() -> [SessionAction] {
    guard isAdmitted else { return [] }
    let underWay = table.collections.union(comparisons.collections)
    return [.review(underWay.union(access.keys).sorted())]
  }

  /// The answer to `.review`. What is not allowed any more ends, and a client that watches is told where something is
  /// different: it opens the collection again and gets it, or hears that it may not.
  ///
  /// - Throws: ``SessionError`` `.notAllowed` when what is compared may not be read any more.
  public mutating func reviewed(
    _ access: [CollectionName: Directions]
  ) throws(SessionError) -> [SessionAction] {
    let former = self.access
    self.access = access.filter { !$0.value.isEmpty }
    let lost = comparisons.collections.filter { access[$0]?.contains(.pull) != true }
    if let lost = lost.min() { throw .notGranted(.pull, of: lost, to: peerIdentity) }
    var actions: [SessionAction] = []
    var ended: Set<CollectionName> = []
    for (channel, machine) in table.machines.sorted(by: { $0.key < $1.key }) {
      let name = machine.outcome.collection
      let missing = machine.outcome.directions.subtracting(access[name] ?? [])
      if missing.isEmpty { continue }
      ended.insert(name)
      let error = SessionError.notGranted(missing, of: name, to: peerIdentity)
      actions += noted(table.run(channel) { $0.fail(error) })
    }
    guard let watched else { return actions }
    let changed = Set(former.keys).union(self.access.keys).filter {
      former[$0] != self.access[$0] && !ended.contains($0)
        && (watched.isEmpty || watched.contains($0))
    }
    return actions + told(changed.sorted())
  }

  private mutating func noted(_ actions: [SessionAction]) -> [SessionAction] {
    var again: [CollectionName] = []
    for case .finished(let outcome, _) in actions where news.finished(outcome) {
      again.append(outcome.collection)
    }
    return watched == nil ? actions : actions + told(again)
  }

  private func told(_ names: [CollectionName]) -> [SessionAction] {
    stride(from: 0, to: names.count, by: Limits.collectionsMax).map { start in
      let part = names[start...].prefix(Limits.collectionsMax)
      return .send(.changed(Changed(collections: Array(part))))
    }
  }
}

extension SessionError {
  /// What the peer is told of an error that was found here; nil for what it said itself.
  public var failure: Fail? {
    side == .here ? Fail(code: code, message: String(message.prefix(512))) : nil
  }
}
