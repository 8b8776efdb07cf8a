import OfficeSyncProtocol
import OfficeSyncRecords

/// The client's side of a connection that compares collections with an office, and may make good what is damaged here.
/// Without I/O; calls as for ``ServerSession``; it begins with `start()`.
public struct VerifySession: Sendable {
  /// A collection that takes part, with what the store says of it.
  public struct Local: Sendable {
    public var collection: CollectionName
    public var view: LocalView
    public var recordCount: UInt64

    public init(collection: CollectionName, view: LocalView, recordCount: UInt64) {
      self.collection = collection
      self.view = view
      self.recordCount = recordCount
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
  private var phase = Phase.idle
  /// On the channels 1, 2, …
  private var machines: [ComparisonMachine]
  private var flights = Flights()
  public private(set) var peer: PeerInfo?
  public private(set) var serverWallMilliseconds: UInt64?

  /// - Parameters:
  ///   - locals: the collections to compare, in the order of their channels.
  ///   - repairs: whether what is damaged or missing here is fetched.
  public init(me: LocalInfo, peerIdentity: Identity, locals: [Local], repairs: Bool) {
    self.me = me
    self.peerIdentity = peerIdentity
    machines = locals.enumerated().map { index, local in
      ComparisonMachine(
        channel: Channel(index + 1), collection: local.collection, view: local.view,
        recordCount: local.recordCount, repairs: repairs)
    }
  }

  /// What was found, by collection; of those that are under way, as far as it goes.
  public var comparisons: [ComparisonOutcome] { machines.map(\.outcome) }
  public var roundTrips: Int { flights.roundTrips }
  public var recordsCompared: UInt64 { machines.reduce(0) { $0 + $1.outcome.records } }

  /// The first flight.
  public mutating func start(wallMilliseconds: UInt64) -> [SessionAction] {
    phase = .awaitingWelcome
    let hello = me.hello(wallMilliseconds: wallMilliseconds)
    return noted(
      [.raiseFrameLimit(Limits.frameBytesMax), .send(.hello(hello))]
        + machines.indices.flatMap { actions(machines[$0].open(), $0) })
  }

  /// - Throws: ``SessionError``
  public mutating func received(_ message: Message) throws(SessionError) -> [SessionAction] {
    flights.received(on: message.channel)
    switch (phase, message) {
    case (.awaitingWelcome, .welcome(let welcome)): return try take(welcome)
    case (_, .fail(let fail)): throw SessionError(fail.code, fail.message, side: .peer)
    case (.idle, _), (.awaitingWelcome, _), (.closed, _):
      throw .unexpected(message.kind, expecting: [.welcome])
    case (.open, .same(let same)):
      return try run(same.channel) { (m) throws(SessionError) in try m.same(same) }
    case (.open, .refused(let refused)):
      return try run(refused.channel) { (m) throws(SessionError) in m.refused(refused) }
    case (.open, .sums(let sums)):
      return try run(sums.channel) { (m) throws(SessionError) in try m.sums(sums) }
    case (.open, .records(let records)): return try receive(message, on: records.channel)
    case (.open, .part(let part)): return try receive(message, on: part.channel)
    case (.open, _):
      throw .unexpected(message.kind, expecting: [.same, .refused, .sums, .records, .part])
    }
  }

  private mutating func take(_ welcome: Welcome) throws(SessionError) -> [SessionAction] {
    try welcome.requireOffered(me.compressions)
    phase = .open
    serverWallMilliseconds = welcome.wallMilliseconds
    peer = PeerInfo(welcome, identity: peerIdentity)
    return (welcome.compression == nil ? [] : [.compress]) + closing()
  }

  private mutating func receive(
    _ message: Message, on channel: Channel
  ) throws(SessionError) -> [SessionAction] {
    try run(channel) { (m) throws(SessionError) in try m.receive(message) }
  }

  private mutating func run(
    _ channel: Channel,
    _ input: (inout ComparisonMachine) throws(SessionError) -> [ComparisonMachine.Step]
  ) throws(SessionError) -> [SessionAction] {
    guard let index = Int(exactly: channel - 1), machines.indices.contains(index) else {
      throw SessionError(.protocolViolation, "a message came on channel \(channel), not open")
    }
    if machines[index].isFinished { return [] }
    return noted(actions(try input(&machines[index]), index) + closing())
  }

  private func actions(_ steps: [ComparisonMachine.Step], _ index: Int) -> [SessionAction] {
    let channel = Channel(index + 1)
    return steps.compactMap { step in
      switch step {
      case .send(let message): .send(message)
      case .store(let request): .store(request, channel)
      // What came of it is read from `comparisons`.
      case .finished: nil
      }
    }
  }

  private mutating func closing() -> [SessionAction] {
    guard case .open = phase, machines.allSatisfy(\.isFinished) else { return [] }
    phase = .closed
    return [.close]
  }

  private mutating func noted(_ actions: [SessionAction]) -> [SessionAction] {
    for case .send(let message) in actions { flights.sent(message) }
    return actions
  }
}

extension VerifySession: SyncSession {
  public var isIdle: Bool { if case .closed = phase { true } else { false } }
  /// Nothing is exchanged.
  public var unfinished: [ChannelOutcome] { [] }
  public func isSaturated(_ channel: Channel) -> Bool { false }

  public mutating func received(
    _ message: Message, wallMilliseconds: UInt64
  ) throws(SessionError) -> [SessionAction] {
    try received(message)
  }

  public mutating func answered(
    _ answer: StoreAnswer, on channel: Channel
  ) throws(SessionError) -> [SessionAction] {
    try run(channel) { (machine) throws(SessionError) in
      switch answer {
      case .digests(let digests): machine.digests(digests)
      case .repaired: machine.repaired()
      case .opened, .settled, .remembered, .newestEntries, .read, .adopted, .healed, .parted,
        .renewed, .applied, .completed, .confirmed, .record, .released:
        []
      }
    }
  }

  public mutating func failed(_ error: SessionError, on channel: Channel) -> [SessionAction] {
    let actions = try? run(channel) { (m) throws(SessionError) in m.fail(error) }
    return actions ?? []
  }

  /// Another session renamed writes: what is compared goes by old names.
  public mutating func interrupted(
    _ interruption: Interruption, on channel: Channel
  ) -> [SessionAction] {
    failed(SessionError(.knowledgeDiffers, "names of writes changed meanwhile"), on: channel)
  }

  /// It never has to wait for the network to take what it sends.
  public mutating func drained() -> [SessionAction] { [] }
}
