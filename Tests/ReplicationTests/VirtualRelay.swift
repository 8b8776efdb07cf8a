import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncReplication
import OfficeSyncStorage
import OfficeSyncSyncLink
import OfficeSyncTestSupport

/// A courier between two replicas' servers, carried on message by message.
struct VirtualRelay {
  typealias Grants = @Sendable (Open) -> Directions

  private(set) var session: RelaySession
  private var servers: [RelayEnd: Endpoint<ServerSession>] = [:]
  /// What the courier has written to each office and the office has not read yet.
  private var inboxes: [RelayEnd: [Message]] = [.from: [], .to: []]
  private(set) var messages = 0
  private(set) var error: SessionError?

  init(
    _ from: TestReplica, _ to: TestReplica, wanted: Set<RelayEnd> = Set(RelayEnd.allCases),
    collections: [CollectionName: Set<RelayEnd>]? = nil,
    grants: [RelayEnd: Grants] = [:]
  ) throws {
    let replicas = [RelayEnd.from: from, .to: to]
    session = RelaySession(
      software: "courier", identities: replicas.mapValues(\.identity), wanted: wanted,
      collections: collections)
    for (end, replica) in replicas {
      servers[end] = Endpoint(
        session: ServerSession(
          me: try replica.info, peerIdentity: try Identity("office/courier")),
        executor: StoreExecutor(
          store: replica.store, wall: { [replica] in replica.wall }, token: replica.token),
        wall: replica.wall,
        admission: { action, session, executor in
          guard case .authorize(let open) = action, let granted = grants[end]?(open) else {
            return try replica.admit(action, &session, &executor)
          }
          let view = granted.isEmpty ? nil : try executor.open(open.collection, on: open.channel)
          return session.authorized(
            open, directions: granted.intersection(open.directions), view: view)
        })
    }
    perform(session.start(wallMilliseconds: from.wall), with: nil, from: .from)
  }

  var outcomes: [RelayOutcome] { session.outcomes }
  var only: RelayOutcome? { outcomes.count == 1 ? outcomes[0] : nil }
  func peer(_ end: RelayEnd) -> PeerInfo? { servers[end]?.session.peer }

  /// Whether the servers hold nothing half done.
  var isIdle: Bool { servers.values.allSatisfy(\.session.isIdle) }

  private mutating func perform(
    _ actions: [RelaySession.Action], with message: Message?, from end: RelayEnd
  ) {
    for action in actions {
      switch action {
      case .send(let message, let receiver): inboxes[receiver]?.append(message)
      case .compress: break
      case .forward: if let message { inboxes[end.other]?.append(message) }
      }
    }
  }

  /// Delivers one message; `random` chooses which, where there is a choice.
  /// - Returns: false if there is none, nor will be.
  mutating func step(_ random: inout SplitMix64) throws -> Bool {
    if error != nil { return false }
    var choices: [(Bool, RelayEnd)] = []
    for end in RelayEnd.allCases {
      if inboxes[end]?.isEmpty == false { choices.append((true, end)) }
      if servers[end]?.outbox.isEmpty == false { choices.append((false, end)) }
    }
    guard !choices.isEmpty else {
      var drained = false
      for end in RelayEnd.allCases where servers[end]?.wantsDrain == true {
        try servers[end]?.drain()
        drained = true
      }
      return drained
    }
    messages += 1
    let (toServer, end) = choices[Int.random(in: choices.indices, using: &random)]
    try toServer ? deliver(to: end) : deliver(from: end)
    return true
  }

  private mutating func deliver(to end: RelayEnd) throws {
    var inbox = inboxes[end] ?? []
    let message = inbox.removeFirst()
    inboxes[end] = inbox
    try servers[end]?.take(message)
  }

  private mutating func deliver(from end: RelayEnd) throws {
    guard var server = servers[end] else { return }
    let message = server.outbox.removeFirst()
    servers[end] = server
    do {
      perform(try session.received(message, from: end), with: message, from: end)
    } catch {
      self.error = error
    }
  }

  /// - Parameter cut: both links break after so many messages.
  mutating func run(cut: Int? = nil, seed: UInt64 = 0) throws {
    var random = SplitMix64(seed: seed)
    while messages < cut ?? .max, try step(&random) {}
  }
}

/// Carries between two offices until nothing has to be begun again, as a courier does.
func carry(
  _ from: TestReplica, _ to: TestReplica, wanted: Set<RelayEnd> = Set(RelayEnd.allCases),
  cut: Int? = nil, seed: UInt64 = 0
) throws -> [VirtualRelay] {
  var runs: [VirtualRelay] = []
  var collections: [CollectionName: Set<RelayEnd>]?
  repeat {
    var relay = try VirtualRelay(from, to, wanted: wanted, collections: collections)
    try relay.run(cut: cut, seed: seed)
    runs.append(relay)
    collections = Dictionary(
      relay.outcomes.compactMap { outcome in outcome.beginsAgain.map { (outcome.collection, $0) } },
      uniquingKeysWith: { first, _ in first })
  } while collections?.isEmpty == false && runs.count < 12
  return runs
}
