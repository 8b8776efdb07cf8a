import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncTestSupport
import Testing

@testable import OfficeSyncReplication

/// A courier between offices that say what is not legal, or begin again before it has brought them together.
@Suite struct HostileRelayTests {
  private func session() throws -> RelaySession {
    RelaySession(
      software: "", identities: [.from: try Identity("office/a"), .to: try Identity("office/b")],
      wanted: Set(RelayEnd.allCases), collections: [projects: Set(RelayEnd.allCases)])
  }

  private func welcome(_ name: String, frameBytesMax: Int = Limits.frameBytesMax) -> Message {
    .welcome(
      Welcome(
        software: "", replica: ReplicaID(short: name), replicaName: "", wallMilliseconds: 0,
        frameBytesMax: frameBytesMax, collections: []))
  }

  private var state: Message {
    .state(
      State(
        channel: 1, directions: [.pull, .push], knowledge: Knowledge(), ended: [],
        condition: Condition(fingerprint: .zero, isPartial: false), progress: nil))
  }

  private var same: Message {
    .same(Same(channel: 1, condition: Condition(fingerprint: .zero, isPartial: false)))
  }

  private func again(_ channel: Channel = 1) -> Message {
    .again(Again(channel: channel, reason: .renewed, endings: []))
  }

  private func begun() throws -> RelaySession {
    var session = try session()
    _ = try session.received(welcome("a"), from: .from)
    _ = try session.received(welcome("b"), from: .to)
    return session
  }

  private func expectRefused(
    _ code: FailureCode, _ message: Message, from end: RelayEnd, by session: RelaySession,
    _ location: SourceLocation = #_sourceLocation
  ) {
    var session = session
    let error = #expect(throws: SessionError.self, sourceLocation: location) {
      try session.received(message, from: end)
    }
    #expect(error?.code == code, sourceLocation: location)
    #expect(error?.side == .here, sourceLocation: location)
  }

  @Test func officesThatCannotBeBroughtTogether() throws {
    var session = try session()
    expectRefused(.protocolViolation, state, from: .from, by: session)
    expectRefused(
      .versionUnsupported, welcome("a", frameBytesMax: 1_000), from: .from, by: session)
    _ = try session.received(welcome("a"), from: .from)
    expectRefused(.replicaOwnedByAnother, welcome("a"), from: .to, by: session)
    expectRefused(.protocolViolation, welcome("a"), from: .from, by: session)
  }

  @Test func whatIsNotLegalEndsIt() throws {
    var session = try begun()
    expectRefused(.protocolViolation, again(2), from: .from, by: session)
    // Nobody but the first office has been asked.
    for (message, end) in [(same, RelayEnd.from), (state, .to)] {
      expectRefused(.protocolViolation, message, from: end, by: session)
    }
    _ = try session.received(state, from: .from)
    for (message, end) in [(state, RelayEnd.from), (same, .from)] {
      expectRefused(.protocolViolation, message, from: end, by: session)
    }
    let begin = Message.begin(
      Begin(channel: 1, token: .zero, resumed: false, recordsEstimate: 0))
    expectRefused(.protocolViolation, begin, from: .to, by: session)
    _ = try session.received(state, from: .to)
    expectRefused(.protocolViolation, same, from: .to, by: session)
    #expect(try session.received(begin, from: .to) == [.forward])
    #expect(!session.isClosed)
  }

  @Test func whatIsDoneTakesNothing() throws {
    var channel = RelayChannel(
      channel: 1, collection: projects, wanted: [.from], writable: [])
    _ = try channel.received(
      .refused(Refused(channel: 1, code: .notAllowed, message: "no")), from: .from)
    #expect(channel.isFinished)
    let error = #expect(throws: SessionError.self) { try channel.received(state, from: .from) }
    #expect(error?.code == .protocolViolation)
    // The session does not ask it any more.
    var session = try begun()
    _ = try session.received(again(), from: .from)
    #expect(try session.received(state, from: .from) == [])
  }

  /// The names of one office changed before the other had heard of it: nothing is lost by a new beginning.
  @Test(arguments: [false, true]) func namesThatChangeFirst(isOffered: Bool) throws {
    var session = try begun()
    if isOffered { _ = try session.received(state, from: .from) }
    #expect(try session.received(again(), from: isOffered ? .to : .from) == [])
    let outcome = try #require(session.outcomes.first)
    #expect(outcome.reasons == [.changed])
    #expect(outcome.beginsAgain == Set(RelayEnd.allCases))
    #expect(outcome.inSync == nil)
    #expect(outcome.failure == nil)
    #expect(session.isClosed)
  }

  @Test func runsOfOneErrandAreAddedUp() throws {
    var (first, second) = (RelayOutcome(collection: projects), RelayOutcome(collection: projects))
    first.flows = [.from: RelayOutcome.Flow(carried: 3), .to: RelayOutcome.Flow(carried: 1)]
    second.flows = [.from: RelayOutcome.Flow(carried: 4)]
    second.inSync = true
    second.follow(first)
    #expect(second.flows.mapValues(\.carried) == [.from: 7, .to: 1])
    #expect(second.inSync == true)
  }
}
