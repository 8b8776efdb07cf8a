import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncReplication
import OfficeSyncStorage
import OfficeSyncSyncLink
import OfficeSyncTestSupport

/// One side of a session on a link that exists in memory alone.
struct Endpoint<Session: SyncSession> {
  var session: Session
  var executor: StoreExecutor
  var decoder = FrameDecoder(frameBytesMax: Limits.helloFrameBytesMax)
  var outbox: [Message] = []
  var outcomes: [ChannelOutcome] = []
  var error: SessionError?
  var isClosed = false
  var wantsDrain = false
  var isWatching = false
  var frameBytesSent = 0
  var recordsSent: [RecordID] = []
  let wall: UInt64
  /// Says when a slow store answers the batch that it has; nil for a store that answers at once.
  var lag: SplitMix64?
  private var applying: (request: StoreRequest, channel: Channel)?
  let admission: (SessionAction, inout Session, inout StoreExecutor) throws -> [SessionAction]

  init(
    session: Session, executor: StoreExecutor, wall: UInt64, lag: SplitMix64? = nil,
    admission:
      @escaping (SessionAction, inout Session, inout StoreExecutor) throws ->
      [SessionAction] = { _, _, _ in [] }
  ) {
    self.session = session
    self.executor = executor
    self.wall = wall
    self.lag = lag
    self.admission = admission
  }

  mutating func perform(_ actions: [SessionAction]) throws {
    for action in actions {
      if let peer = session.peer { executor.peer = peer.replica }
      switch action {
      case .send(let message):
        frameBytesSent += message.frame.encoded.count
        if case .records(let records) = message { recordsSent += records.entries.map(\.id) }
        outbox.append(message)
      case .store(let request, let channel):
        if case .apply = request, lag != nil {
          while applying != nil { try answerBatch() }
          applying = (request, channel)
        } else {
          try perform(try ask(request, on: channel))
        }
      case .admit, .authorize: try perform(try admission(action, &session, &executor))
      case .awaitDrain: wantsDrain = true
      case .raiseFrameLimit(let bytes): decoder.frameBytesMax = bytes
      case .compress: break
      case .watch: isWatching = true
      case .review: break
      case .finished(let outcome, let channel):
        outcomes.append(outcome)
        if applying?.channel == channel { try answerBatch() }
        executor.close(channel)
      case .close: isClosed = true
      }
    }
  }

  /// The store is done with the batch that it has, if it has one.
  mutating func answerBatch() throws {
    guard let (request, channel) = applying else { return }
    applying = nil
    try perform(try ask(request, on: channel))
  }

  var awaitsBatch: Bool { applying != nil }

  private mutating func ask(_ request: StoreRequest, on channel: Channel) throws -> [SessionAction]
  {
    do {
      return try session.answered(try executor.perform(request, on: channel), on: channel)
    } catch let error as StorageError {
      guard let interruption = error.interruption else { throw error }
      return session.interrupted(interruption, on: channel)
    }
  }

  /// Takes a message as bytes, so that each passes the codec.
  mutating func take(_ message: Message) throws {
    if isClosed { return }
    decoder.append(message.frame.encoded)
    while let frame = try decoder.next() {
      guard let message = try Message(frame) else { continue }
      while let applying, session.isSaturated(applying.channel) || lag?.oneIn(4) == true {
        try answerBatch()
      }
      do {
        try perform(try session.received(message, wallMilliseconds: wall))
      } catch let found as SessionError {
        error = found
        isClosed = true
        if let failure = found.failure { outbox.append(.fail(failure)) }
      }
    }
  }

  mutating func drain() throws {
    guard wantsDrain else { return }
    wantsDrain = false
    try perform(session.drained())
  }
}

/// What came of a session.
struct SessionResult {
  var client: [ChannelOutcome]
  var server: [ChannelOutcome]
  var roundTrips: Int
  var frameBytes: Int
  var messages: Int
  var clientError: SessionError?
  var serverError: SessionError?
  var sentByClient: [RecordID]
  var sentByServer: [RecordID]

  var only: ChannelOutcome? { client.count == 1 ? client[0] : nil }
  /// Whether names changed, so that the client begins again.
  var beginsAgain: Bool { client.contains(where: \.beginsAgain) }
}

/// A session between two replicas, carried on message by message.
struct VirtualLink {
  private var here: Endpoint<ClientSession>
  private var there: Endpoint<ServerSession>
  private(set) var messages = 0
  private let stores: (client: SQLiteStore, server: SQLiteStore)

  init(
    _ client: TestReplica, with server: TestReplica, _ directions: Directions,
    collections: [CollectionName]? = nil, lasts: Bool = false, lag: UInt64? = nil,
    sumsFrom: Int = GroupSums.originsMin,
    meanwhile: () throws -> Void = {}
  ) throws {
    stores = (client.store, server.store)
    var clientExecutor = StoreExecutor(
      store: client.store, wall: { [client] in client.wall }, token: client.token)
    let names = try collections ?? client.store.collections()
    let locals = try names.enumerated().map { index, name in
      ClientSession.Local(
        collection: name, view: try clientExecutor.open(name, on: Channel(index + 1)))
    }
    try meanwhile()
    here = Endpoint(
      session: ClientSession(
        me: try client.info, peerIdentity: server.identity, directions: directions, locals: locals,
        takesAll: collections == nil, lasts: lasts, sumsFrom: sumsFrom),
      executor: clientExecutor, wall: client.wall, lag: lag.map { SplitMix64(seed: $0) })
    there = Endpoint(
      session: ServerSession(me: try server.info, peerIdentity: client.identity),
      executor: StoreExecutor(
        store: server.store, wall: { [server] in server.wall }, token: server.token),
      wall: server.wall, lag: lag.map { SplitMix64(seed: ~$0) }, admission: server.admit)
    try here.perform(here.session.start(wallMilliseconds: here.wall))
  }

  /// Delivers one message.
  /// - Returns: false if there is none, nor will be.
  mutating func step() throws -> Bool {
    if !here.outbox.isEmpty {
      messages += 1
      try there.take(here.outbox.removeFirst())
    } else if !there.outbox.isEmpty {
      messages += 1
      try here.take(there.outbox.removeFirst())
    } else if here.wantsDrain || there.wantsDrain {
      try here.drain()
      try there.drain()
    } else if here.awaitsBatch || there.awaitsBatch {
      try here.answerBatch()
      try there.answerBatch()
    } else {
      return false
    }
    return true
  }

  /// Whether both sides know that the session lasts.
  var lasts: Bool { here.isWatching && there.isWatching }

  /// Both sides see what their stores know now, and the session goes on until there is nothing to do.
  /// - Parameter meanwhile: happens when the first message is on its way, and is seen at once.
  mutating func changed(meanwhile: (() throws -> Void)? = nil) throws {
    try begin()
    if let meanwhile {
      _ = try step()
      try meanwhile()
      return try changed()
    }
    while try step() {}
  }

  /// Both sides see what their stores know now; what follows is for ``step()``.
  mutating func begin() throws {
    if here.isWatching { try here.perform(here.session.changed(Self.digests(stores.client))) }
    if there.isWatching { try there.perform(there.session.changed(Self.digests(stores.server))) }
  }

  /// Whether the server is sending records.
  var isSending: Bool {
    there.outbox.contains { if case .records = $0 { true } else { false } }
  }

  /// The server's grants are other ones now: of the client's collections it may do this with these, and nothing with others.
  mutating func grantsChanged(to access: [CollectionName: Directions]) throws {
    let actions = there.session.accessChanged()
    guard case .review? = actions.first, actions.count == 1 else { return }
    try there.perform(try there.session.reviewed(access))
    while try step() {}
  }

  var channelsUnderWay: Int { here.session.unfinished.count + there.session.unfinished.count }

  private static func digests(_ store: SQLiteStore) throws -> [CollectionName: KnowledgeDigest] {
    var digests: [CollectionName: KnowledgeDigest] = [:]
    for name in try store.collections() {
      digests[name] = try store.snapshot(of: name).knowledge.digest
    }
    return digests
  }

  var isClosed: Bool { here.isClosed || there.isClosed }

  /// The link breaks. What came before is kept, unless the program was killed: then some of it is lost.
  mutating func breakOff() throws {
    while here.awaitsBatch, here.lag?.oneIn(4) == false { try here.answerBatch() }
    while there.awaitsBatch, there.lag?.oneIn(4) == false { try there.answerBatch() }
  }

  var result: SessionResult {
    SessionResult(
      client: here.outcomes, server: there.outcomes, roundTrips: here.session.roundTrips,
      frameBytes: here.frameBytesSent + there.frameBytesSent, messages: messages,
      clientError: here.error, serverError: there.error, sentByClient: here.recordsSent,
      sentByServer: there.recordsSent)
  }
}

/// Runs a session between two replicas.
/// - Parameters:
///   - cut: the link breaks after so many messages; nil for a link that holds.
///   - lag: seeds stores that answer late; nil for stores that answer at once.
///   - meanwhile: what happens after the client has opened its store, and before the first message.
func converse(
  _ client: TestReplica, with server: TestReplica, _ directions: Directions,
  collections: [CollectionName]? = nil, cut: Int? = nil, lag: UInt64? = nil,
  sumsFrom: Int = GroupSums.originsMin, meanwhile: () throws -> Void = {}
) throws -> SessionResult {
  var link = try VirtualLink(
    client, with: server, directions, collections: collections, lag: lag, sumsFrom: sumsFrom,
    meanwhile: meanwhile)
  while link.messages < cut ?? .max, try link.step() {}
  try link.breakOff()
  return link.result
}

/// Runs sessions until none is to be begun again, as a client does.
/// - Returns: all of them; the last one is the one that counts.
func settle(
  _ client: TestReplica, with server: TestReplica, _ directions: Directions,
  collections: [CollectionName]? = nil
) throws -> [SessionResult] {
  var results: [SessionResult] = []
  repeat {
    results.append(try converse(client, with: server, directions, collections: collections))
  } while results.last?.beginsAgain == true && results.count < 12
  return results
}
