import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncStorage
import OfficeSyncTestSupport
import Testing

@testable import OfficeSyncReplication

/// Peers that say in a sync what is not legal: the session ends there, and says why.
@Suite struct HostileSessionTests {
  private static let condition = Condition(fingerprint: .zero, isPartial: false)
  private static let device = ReplicaID(short: "d")
  private static let other = ReplicaID(short: "o")
  private static let token = ReplicaID(short: "t")

  private static func state(
    _ directions: Directions = [.pull, .push], leavesOutClosed: Bool = false,
    leftOut: OriginGroups = []
  ) -> Message {
    .state(
      State(
        channel: 1, directions: directions, knowledge: Knowledge(),
        leavesOutClosed: leavesOutClosed, ended: [], condition: condition, progress: nil,
        leftOut: leftOut))
  }

  private static func begin(resumed: Bool = false) -> Message {
    .begin(Begin(channel: 1, token: token, resumed: resumed, recordsEstimate: 0))
  }

  private static func entry(_ counter: UInt64, clockIndex: UInt64 = 0) throws -> RecordEntry {
    var record = Record()
    record.write(
      [(try FieldPath("n"), .value(.integer(1)))], as: Dot(device, counter),
      info: try WriteInfo(at: 1, by: "field/amina"))
    return RecordEntry(
      clockIndex: clockIndex, id: try RecordID("r\(counter)"),
      record: RecordEncoder.encode(record).bytes)
  }

  private static func records(_ entries: RecordEntry...) -> Message {
    .records(Records(channel: 1, entries: entries))
  }

  private static func piece(remaining: UInt64, _ bytes: [UInt8]) -> Message {
    .part(Part(channel: 1, remaining: remaining, bytes: bytes))
  }

  private static func done(_ count: UInt64) -> Message {
    let standing = LocalView(me: device).standing
    return .done(
      Done(
        channel: 1, knowledge: VersionVector(), digest: standing.digest, condition: condition,
        recordsSent: count))
  }

  private static var result: Message {
    .result(
      Result(
        channel: 1, applied: 0, deferred: 0, newConflicts: 0, refused: 0, refusals: [],
        digest: LocalView(me: device).standing.digest, condition: condition))
  }

  private static func hello(
    _ replica: ReplicaID = device, versions: ClosedRange<UInt64> = 1...1
  ) -> Message {
    .hello(
      Hello(
        versionMin: versions.lowerBound, versionMax: versions.upperBound, software: "",
        replica: replica, replicaName: "", wallMilliseconds: 1_764_000_000_000))
  }

  // MARK: To a server

  /// What a client says to an office, the last of it wrongly.
  enum ClientLie: CaseIterable {
    case newerVersion, theServersOwnReplica, deviceWithoutStore, courierWithoutRelay
    case aWelcome, channelNotOpen, askWithoutCompare, resultTooEarly, recordsTooEarly
    case leftOutUnnamed, groupsLeftOutUnnamed, resumedUnasked, beginTwice, tooFewRecords,
      doneBetweenParts
    case recordsBetweenParts, partsDoNotAddUp, malformedInParts, outOfOrder, noSuchClockEntry
    case malformed, partBeforeBegin

    var identity: String { self == .courierWithoutRelay ? "office/fes" : "field/amina" }

    var code: FailureCode {
      switch self {
      case .newerVersion: .versionUnsupported
      case .theServersOwnReplica: .replicaOwnedByAnother
      case .deviceWithoutStore: .notAllowed
      default: .protocolViolation
      }
    }

    func messages(to server: ReplicaID) throws -> [Message] {
      let open = Message.open(
        Open(
          channel: 1, collection: projects, directions: [.pull, .push],
          digest: LocalView(me: device).standing.digest, condition: condition))
      let opened = [hello(), open]
      let sending = opened + [state()]
      let begun = sending + [begin()]
      return switch self {
      case .newerVersion: [hello(versions: 2...9)]
      case .theServersOwnReplica: [hello(server)]
      case .deviceWithoutStore: [hello(.zero)]
      case .courierWithoutRelay: [hello(.zero), open]
      case .aWelcome:
        opened + [
          .welcome(
            Welcome(
              software: "", replica: other, replicaName: "", wallMilliseconds: 0, collections: []))
        ]
      case .channelNotOpen: [hello(), state()]
      case .askWithoutCompare:
        opened + [
          .ask(Ask(channel: 1, ranges: [Ask.Range(RecordRange(), partRecords: 1)]))
        ]
      case .resultTooEarly: opened + [result]
      case .recordsTooEarly: opened + [records(try entry(1))]
      case .leftOutUnnamed: opened + [state(leavesOutClosed: true)]
      case .groupsLeftOutUnnamed: opened + [state(leftOut: .all)]
      case .resumedUnasked: sending + [begin(resumed: true)]
      case .beginTwice: begun + [begin()]
      case .tooFewRecords: begun + [records(try entry(1)), done(2)]
      case .doneBetweenParts: begun + [piece(remaining: 9, [1]), done(0)]
      case .recordsBetweenParts: begun + [piece(remaining: 9, [1]), records(try entry(1))]
      case .partsDoNotAddUp: begun + [piece(remaining: 9, [1]), piece(remaining: 9, [1])]
      case .malformedInParts: begun + [piece(remaining: 0, [1, 2, 3])]
      case .outOfOrder: begun + [records(try entry(5), try entry(3))]
      case .noSuchClockEntry: begun + [records(try entry(1, clockIndex: 1))]
      case .malformed:
        begun + [records(RecordEntry(clockIndex: 0, id: try RecordID("r"), record: [255]))]
      case .partBeforeBegin: sending + [piece(remaining: 9, [1])]
      }
    }
  }

  @Test(arguments: ClientLie.allCases) func aServerIsNotLiedTo(lie: ClientLie) throws {
    let office = try TestReplica("office/rabat")
    try office.put("p", ["title": .text("of the office")])
    var server = try serving(office, to: lie.identity)
    let messages = try lie.messages(to: try office.store.replica().id)
    for message in messages.dropLast() { try server.take(message) }
    #expect(server.error == nil)
    try server.take(try #require(messages.last))
    #expect(server.error?.code == lie.code)
    #expect(server.error?.side == .here)
    // The peer is told before the connection ends.
    guard case .fail(let fail)? = server.outbox.last else {
      Issue.record("nothing was said of it")
      return
    }
    #expect(fail.code == lie.code)
  }

  private func serving(
    _ office: TestReplica, to identity: String
  ) throws -> Endpoint<ServerSession> {
    try VerifyLink.server(office, to: try Identity(identity))
  }

  /// The store's own trouble with one collection is told, and the session goes on.
  @Test func whatTheServersStoreCannotDoIsToldOfThatCollection() throws {
    let office = try TestReplica("office/rabat")
    try office.put("p", ["title": .text("of the office")])
    var server = try serving(office, to: "field/amina")
    for message in try ClientLie.leftOutUnnamed.messages(to: .zero).dropLast() {
      try server.take(message)
    }
    let full = SessionError(.storage, "no room")
    try server.perform(server.session.failed(full, on: 1))
    #expect(server.outcomes.map(\.error) == [full])
    #expect(
      server.outbox.last
        == .refused(Refused(channel: 1, code: .storage, message: "no room")))
    #expect(server.session.isIdle)
    #expect(server.error == nil)
    // Nobody waits for an answer any more.
    #expect(server.session.failed(full, on: 1) == [])
  }

  /// Each channel holds a snapshot. An office may have as many as the protocol knows.
  @Test(arguments: ["field/amina", "office/fes"])
  func aDeviceOpensSoManyChannelsAtOnce(identity: String) throws {
    let office = try TestReplica("office/rabat")
    var server = try serving(office, to: identity)
    try server.take(Self.hello())
    let count = Channel(Limits.deviceChannelsMax)
    for channel in 1...(count + 1) {
      try server.take(
        .open(
          Open(
            channel: channel, collection: try CollectionName("c\(channel)"), directions: .pull,
            digest: .zero, condition: Self.condition)))
    }
    try server.take(
      .compare(
        Compare(
          channel: count + 2, collection: projects,
          digest: try office.view().knowledge.digest, condition: Self.condition)))
    let refused = server.outbox.compactMap { message -> Refused? in
      if case .refused(let refused) = message { refused } else { nil }
    }
    #expect(refused.map(\.channel) == (identity == "office/fes" ? [] : [count + 1, count + 2]))
    #expect(refused.allSatisfy { $0.code == .busy })
    #expect(server.error == nil)
  }

  // MARK: To a client

  private struct Client {
    var session: ClientSession
    var store: ScriptedStore
    var outcomes: [ChannelOutcome] = []
    var isClosed = false

    init() throws {
      store = ScriptedStore(
        replica: HostileSessionTests.device, collection: projects, id: try RecordID("p"),
        token: HostileSessionTests.token)
      session = ClientSession(
        me: LocalInfo(
          identity: try Identity("field/amina"), replica: store.replica, replicaName: "",
          software: ""),
        peerIdentity: try Identity("office/rabat"), directions: .pull,
        locals: [ClientSession.Local(collection: projects, view: store.view)], takesAll: false)
      try perform(session.start(wallMilliseconds: 0))
    }

    mutating func take(_ message: Message) throws { try perform(session.received(message)) }

    mutating func perform(_ actions: [SessionAction]) throws {
      for action in actions {
        switch action {
        case .store(let request, let channel):
          try perform(session.answered(store.answer(request), on: channel))
        case .finished(let outcome, _): outcomes.append(outcome)
        case .close: isClosed = true
        default: break
        }
      }
    }
  }

  private static func welcome(
    _ replica: ReplicaID = other, version: UInt64 = 1, compression: Compression? = nil
  ) -> Message {
    .welcome(
      Welcome(
        version: version, software: "", replica: replica, replicaName: "",
        wallMilliseconds: 0, collections: [], compression: compression))
  }

  private static func same(_ fingerprint: Fingerprint = .zero) -> Message {
    .same(Same(channel: 1, condition: Condition(fingerprint: fingerprint, isPartial: false)))
  }

  /// What a server says to a client that wants to pull, the last of it wrongly.
  enum ServerLie: CaseIterable {
    case otherVersion, compressionNotOffered, theClientsOwnReplica, stateBeforeWelcome
    case welcomeTwice, channelNotOpen, moreThanAskedFor, sameWhileStreaming, resultUnasked
    case changedUnwatched

    var code: FailureCode {
      switch self {
      case .otherVersion: .versionUnsupported
      case .theClientsOwnReplica: .replicaOwnedByAnother
      default: .protocolViolation
      }
    }

    var messages: [Message] {
      switch self {
      case .otherVersion: [welcome(version: 2)]
      case .compressionNotOffered: [welcome(compression: .zstd)]
      case .theClientsOwnReplica: [welcome(device)]
      case .stateBeforeWelcome: [state(.pull)]
      case .welcomeTwice: [welcome(), welcome()]
      case .channelNotOpen: [welcome(), .same(Same(channel: 2, condition: condition))]
      case .moreThanAskedFor: [welcome(), state([.pull, .push])]
      case .sameWhileStreaming: [welcome(), state(.pull), same()]
      case .resultUnasked: [welcome(), state(.pull), result]
      case .changedUnwatched: [welcome(), .changed(Changed(collections: [projects]))]
      }
    }
  }

  @Test(arguments: ServerLie.allCases) func aClientIsNotLiedTo(lie: ServerLie) throws {
    var client = try Client()
    for message in lie.messages.dropLast() { try client.take(message) }
    #expect(!client.isClosed)
    let last = try #require(lie.messages.last)
    let error = #expect(throws: SessionError.self) { try client.take(last) }
    #expect(error?.code == lie.code)
    #expect(error?.side == .here)
    #expect(client.outcomes == [])
    #expect(!client.session.isIdle)
  }

  @Test func equalKnowledgeWithOtherContentsIsDamage() throws {
    let fingerprint = Fingerprint(
      collection: projects, id: try RecordID("p"), record: RecordEncoder.encode(Record()))
    var client = try Client()
    try client.take(Self.welcome())
    try client.take(Self.same(fingerprint))
    #expect(client.outcomes.map(\.error?.code) == [.damaged])
    #expect(client.outcomes.first?.error?.message.contains("\(fingerprint)") == true)
    #expect(client.isClosed)
    #expect(client.session.isIdle)
  }

  @Test func whatTheClientsStoreCannotDoEndsThatCollection() throws {
    var client = try Client()
    try client.take(Self.welcome())
    let full = SessionError(.storage, "no room")
    try client.perform(client.session.failed(full, on: 1))
    #expect(client.outcomes.map(\.error) == [full])
    #expect(client.isClosed)
  }

  // MARK: A channel

  @Test func aChannelThatIsNotOpenYetTakesNothing() throws {
    var machine = ChannelMachine(
      channel: 1, side: .server, me: Self.other, sendsOwnAlone: false,
      client: try Identity("office/fes"), collection: projects, directions: .pull, view: nil)
    let peer = ChannelMachine.Peer(trust: .office, frameBytesMax: Limits.frameBytesMax)
    guard case .state(let state) = Self.state() else { return }
    let error = #expect(throws: SessionError.self) { try machine.state(state, peer: peer) }
    #expect(error?.code == .protocolViolation)
    // The network may be ready when nothing waits for it.
    #expect(machine.drained() == [])
    #expect(!machine.isFinished)
  }

  /// A list of stamps comes in many messages; there is an end to what is gathered.
  @Test func stampsOfAForkAreLimited() throws {
    var mending = Mending()
    let stamps = (1...Limits.stampsPerFrameMax).map {
      Stamp(counter: UInt64($0), token: Self.token)
    }
    let fork = Fork(
      channel: 1, continues: true, lists: [StampList(origin: Self.device, stamps: stamps)])
    for _ in 0..<(Limits.forkStampsMax / stamps.count) {
      #expect(try mending.hear(fork) == nil)
    }
    let error = #expect(throws: SessionError.self) { try mending.hear(fork) }
    #expect(error?.code == .overLimit)
  }
}
