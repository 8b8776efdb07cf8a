import OfficeSyncProtocol
import OfficeSyncRecords

/// The client's side of one connection, without I/O. Calls as for ``ServerSession``; it begins with `start()`.
///
/// What it knows already goes out in the first flight; a collection where nothing changed is done with the answer to
/// that, everything else with the answer to the second flight.
public struct ClientSession: Sendable {
  /// A collection that takes part, with what the store says of it.
  public struct Local: Sendable {
    public var collection: CollectionName
    public var view: LocalView

    public init(collection: CollectionName, view: LocalView) {
      self.collection = collection
      self.view = view
    }
  }

  private enum Phase {
    case idle
    case awaitingWelcome
    case open
    case closed
  }

  private let me: LocalInfo
  private let peerIdentity: Identity
  private let directions: Directions
  private let isShortOfRoom: Bool
  private let locals: [Local]
  /// Whether collections that the server has and this store does not are to be opened too.
  private let takesAll: Bool
  /// Whether the session lasts: what changes on either side is exchanged as it happens.
  private let lasts: Bool
  private let sumsFrom: Int
  private var isWatching = false
  private var news = News()
  /// Names changed: the collections have to be begun again in a new session.
  private var mustBeginAgain = false
  private var phase = Phase.idle
  private var table = ChannelTable()
  private var lastChannel: Channel = 0
  private var opening: [Channel: CollectionName] = [:]
  private var frameBytesMax = Limits.helloFrameBytesMax
  private var writable: Set<CollectionName> = []
  private var wallMilliseconds: UInt64 = 0
  private var flights = Flights()
  public private(set) var peer: PeerInfo?
  public private(set) var welcome: Welcome?
  /// Both clocks, if this device's is so far ahead of the office's that its writes wait.
  public private(set) var clockAhead: SessionError?
  /// How often this side, having sent, had to wait for the peer before it could go on.
  public var roundTrips: Int { flights.roundTrips }

  /// - Parameters:
  ///   - locals: the collections to sync that this store was asked about, sorted; may be empty.
  ///   - takesAll: also those that the server has and grants.
  ///   - isShortOfRoom: whether this store's disk is nearly full: then it takes in what the offices agree on, and nothing else.
  ///   - lasts: whether to stay, and to exchange what changes on either side as it happens. Such a session ends when names
  ///     have to be put in order.
  ///   - sumsFrom: how many open origins a collection has before their sums are named.
  public init(
    me: LocalInfo, peerIdentity: Identity, directions: Directions, locals: [Local], takesAll: Bool,
    isShortOfRoom: Bool = false, lasts: Bool = false, sumsFrom: Int = GroupSums.originsMin
  ) {
    self.isShortOfRoom = isShortOfRoom
    self.me = me
    self.peerIdentity = peerIdentity
    self.directions = directions
    self.locals = locals
    self.takesAll = takesAll
    self.lasts = lasts
    self.sumsFrom = sumsFrom
  }

  var isClosed: Bool { if case .closed = phase { true } else { false } }

  public var unfinished: [ChannelOutcome] { table.unfinished }

  public func isSaturated(_ channel: Channel) -> Bool { table.isSaturated(channel) }

  public var recordsReceived: UInt64 { table.recordsReceived }
  public var recordsSent: UInt64 { table.recordsSent }
  public var recordsEstimate: UInt64 { table.recordsEstimate }

  /// The first flight.
  public mutating func start(wallMilliseconds: UInt64) -> [SessionAction] {
    phase = .awaitingWelcome
    self.wallMilliseconds = wallMilliseconds
    let hello = me.hello(wallMilliseconds: wallMilliseconds)
    var actions: [SessionAction] = [.raiseFrameLimit(Limits.frameBytesMax), .send(.hello(hello))]
    for local in locals {
      lastChannel += 1
      if directions(of: local.collection).isEmpty { continue }
      actions += open(local.collection, on: lastChannel, local.view)
    }
    return noted(actions)
  }

  /// - Throws: ``SessionError``
  public mutating func received(_ message: Message) throws(SessionError) -> [SessionAction] {
    flights.received(on: message.channel)
    return noted(try handle(message))
  }

  public mutating func answered(_ answer: StoreAnswer, on channel: Channel) -> [SessionAction] {
    if case .opened(let view) = answer, let collection = opening.removeValue(forKey: channel) {
      return noted(open(collection, on: channel, view, eagerly: view.knowledge.vector.isEmpty))
    }
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

  public mutating func drained() -> [SessionAction] { noted(table.drained()) }

  private mutating func handle(_ message: Message) throws(SessionError) -> [SessionAction] {
    switch (phase, message) {
    case (.awaitingWelcome, .welcome(let welcome)): return try take(welcome)
    case (_, .fail(let fail)): throw SessionError(fail.code, fail.message, side: .peer)
    case (.idle, _), (.awaitingWelcome, _), (.closed, _):
      throw .unexpected(message.kind, expecting: [.welcome])
    case (.open, .same(let same)):
      return try route(same.channel) { (m) throws(SessionError) in try m.same(same) }
    case (.open, .state(let state)):
      let peer = channelPeer
      return try route(state.channel) { (m) throws(SessionError) in
        try m.state(state, peer: peer)
      }
    case (.open, .fork(let fork)):
      let peer = channelPeer
      return try route(fork.channel) { (m) throws(SessionError) in try m.fork(fork, peer: peer) }
    case (.open, .again(let again)):
      let peer = channelPeer
      return try route(again.channel) { (m) throws(SessionError) in try m.again(again, peer: peer) }
    case (.open, .refused(let refused)):
      return try route(refused.channel) { (m) throws(SessionError) in m.refused(refused) }
    case (.open, .result(let result)):
      return try route(result.channel) { (m) throws(SessionError) in try m.result(result) }
    case (.open, .stamps(let stamps)): return try receive(message, on: stamps.channel)
    case (.open, .begin(let begin)): return try receive(message, on: begin.channel)
    case (.open, .records(let records)): return try receive(message, on: records.channel)
    case (.open, .part(let part)): return try receive(message, on: part.channel)
    case (.open, .done(let done)): return try receive(message, on: done.channel)
    case (.open, .changed(let changed)) where isWatching: return heard(changed)
    case (.open, .alive): return []
    case (.open, .hello), (.open, .welcome), (.open, .open), (.open, .compare), (.open, .ask),
      (.open, .sums), (.open, .fetch), (.open, .relay), (.open, .watch),
      (.open, .changed):
      throw .unexpected(
        message.kind,
        expecting: [
          .same, .state, .refused, .stamps, .begin, .records, .part, .done, .result, .fork, .again,
          .alive,
        ] + (isWatching ? [.changed] : []))
    }
  }

  private mutating func take(_ welcome: Welcome) throws(SessionError) -> [SessionAction] {
    try welcome.requireOffered(me.compressions)
    guard welcome.replica != me.replica || peerIdentity == me.identity else {
      throw SessionError(
        .replicaOwnedByAnother, "the server presents this store's own replica ID \(me.replica)")
    }
    self.welcome = welcome
    if me.identity.role == .field {
      clockAhead = .clockAhead(
        device: wallMilliseconds, office: welcome.wallMilliseconds, side: .peer)
    }
    phase = .open
    writable = Set(welcome.collections.filter(\.write).map(\.collection))
    frameBytesMax = min(welcome.frameBytesMax, Limits.frameBytesMax)
    peer = PeerInfo(welcome, identity: peerIdentity)
    var actions: [SessionAction] = welcome.compression == nil ? [] : [.compress]
    if takesAll {
      let known = Set(locals.map(\.collection))
      for access in welcome.collections
      where access.read && !known.contains(access.collection)
        && directions(of: access.collection).contains(.pull)
      {
        actions.append(access.isHeld ? begin(access.collection) : nothing(of: access.collection))
      }
    }
    return actions
  }

  /// Neither side holds anything of the collection: to open it would cost a round trip that tells nothing.
  private mutating func nothing(of collection: CollectionName) -> SessionAction {
    lastChannel += 1
    var outcome = ChannelOutcome(collection: collection, directions: directions)
    outcome.isFinished = true
    outcome.inSync = true
    outcome.peerKnowledge = VersionVector()
    outcome.standing = LocalView(me: me.replica).standing
    return .finished(outcome, lastChannel)
  }

  private mutating func open(
    _ collection: CollectionName, on channel: Channel, _ view: LocalView, eagerly: Bool = false
  ) -> [SessionAction] {
    guard view.me == me.replica else {
      // The store took another ID after this session had said who it is: its writes would pass for somebody else's.
      var outcome = ChannelOutcome(collection: collection, directions: directions(of: collection))
      outcome.beginsAgain = true
      return [.finished(outcome, channel)]
    }
    table.add(machine(channel, collection, view: view))
    return table.run(channel) { eagerly ? $0.openEagerly() : [$0.open()] }
  }

  private func machine(
    _ channel: Channel, _ collection: CollectionName, view: LocalView
  ) -> ChannelMachine {
    ChannelMachine(
      channel: channel, side: .client, me: me.replica, sendsOwnAlone: me.identity.role == .field,
      client: me.identity, collection: collection, directions: directions(of: collection),
      sumsFrom: sumsFrom, view: view)
  }

  private func directions(of collection: CollectionName) -> Directions {
    isShortOfRoom && collection != .office ? directions.subtracting(.pull) : directions
  }

  private mutating func receive(
    _ message: Message, on channel: Channel
  ) throws(SessionError) -> [SessionAction] {
    try route(channel) { (m) throws(SessionError) in try m.receive(message) }
  }

  private mutating func route(
    _ channel: Channel,
    _ input: (inout ChannelMachine) throws(SessionError) -> [ChannelMachine.Step]
  ) throws(SessionError) -> [SessionAction] {
    guard channel <= lastChannel, opening[channel] == nil else {
      throw SessionError(
        .protocolViolation, "a message came on channel \(channel), which is not open")
    }
    // Of one that is finished, or that this side gave up, nothing is done.
    return try table.run(channel, input)
  }

  private var channelPeer: ChannelMachine.Peer {
    // To a client every server is an office: anything else was refused at the handshake.
    ChannelMachine.Peer(
      trust: .office, frameBytesMax: frameBytesMax,
      isRecovering: welcome?.isRecovering ?? false, waits: clockAhead, writable: writable)
  }

  private mutating func closing() -> [SessionAction] {
    guard case .open = phase, table.isIdle, opening.isEmpty else { return [] }
    if lasts, !mustBeginAgain {
      if isWatching { return [] }
      isWatching = true
      let names = takesAll ? [] : locals.map(\.collection)
      return [.send(.watch(Watch(collections: names))), .watch]
    }
    phase = .closed
    return [.close]
  }

  private mutating func noted(_ actions: [SessionAction]) -> [SessionAction] {
    var again: [SessionAction] = []
    for action in actions {
      switch action {
      case .send(let message): flights.sent(message)
      case .finished(let outcome, let channel):
        flights.ended(channel)
        if outcome.beginsAgain { mustBeginAgain = true }
        if news.finished(outcome), isWatching { again.append(begin(outcome.collection)) }
      default: break
      }
    }
    return actions + again + closing()
  }

  // MARK: A session that lasts

  /// What changed in the store is shown to the server.
  public mutating func changed(_ digests: [CollectionName: KnowledgeDigest]) -> [SessionAction] {
    guard isWatching, directions.contains(.push), !mustBeginAgain else { return [] }
    let mine = digests.filter { isMine($0.key) }
    return noted(news.changed(mine, underWay: underWay).map { begin($0) })
  }

  private mutating func heard(_ changed: Changed) -> [SessionAction] {
    guard directions.contains(.pull), !mustBeginAgain else { return [] }
    var actions: [SessionAction] = []
    let underWay = underWay
    for name in changed.collections where isMine(name) {
      if underWay.contains(name) { news.heard(name) } else { actions.append(begin(name)) }
    }
    return actions
  }

  private func isMine(_ name: CollectionName) -> Bool {
    takesAll || locals.contains { $0.collection == name }
  }

  private var underWay: Set<CollectionName> { table.collections.union(opening.values) }

  private mutating func begin(_ name: CollectionName) -> SessionAction {
    lastChannel += 1
    opening[lastChannel] = name
    return .store(.open(name), lastChannel)
  }
}
