import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncTestSupport
import Testing

@testable import OfficeSyncReplication

/// Comparing with a peer that says what it likes: there is an error, or an end, and little is kept of what it says.
@Suite struct HostileComparisonTests {
  private static let condition = Condition(fingerprint: .zero, isPartial: false)
  private static let same = Message.same(Same(channel: 1, condition: condition))

  private static func id(_ number: Int) -> RecordID {
    (try? RecordID("p\(1_000_000 + number)")) ?? .schema
  }

  private static func record(_ number: Int) throws -> [UInt8] {
    var record = Record()
    record.write(
      [(try FieldPath("n"), .value(.integer(Int64(number))))],
      as: Dot(ReplicaID(high: 1, low: 1), UInt64(number + 1)),
      info: WriteInfo(time: .zero, author: try Identity("office/rabat"), note: ""))
    return RecordEncoder.encode(record).bytes
  }

  private static func part(_ last: Int, _ records: UInt64) -> Sums.Item {
    .part(Sums.Part(last: id(last), records: records, isDamaged: false, fingerprint: .zero))
  }

  private static func sums(_ items: [Sums.Item]) -> Message {
    .sums(Sums(channel: 1, items: items))
  }

  private static func entry(_ id: Int, _ content: Int) throws -> RecordEntry {
    RecordEntry(clockIndex: 0, id: Self.id(id), record: try record(content))
  }

  private static func records(_ entries: RecordEntry...) -> Message {
    .records(Records(channel: 1, entries: entries))
  }

  // MARK: The client

  /// A client with one collection and a store without any record.
  private struct Client {
    var session: VerifySession
    var sent: [Message] = []
    var repaired: [RecordID] = []
    var isClosed = false

    init(recordCount: UInt64 = 3, collections: Int = 1) throws {
      let me = ReplicaID(high: 1, low: 1)
      session = VerifySession(
        me: LocalInfo(
          identity: try Identity("field/amina"), replica: me, replicaName: "", software: ""),
        peerIdentity: try Identity("office/rabat"),
        locals: try (0..<collections).map { number in
          VerifySession.Local(
            collection: try CollectionName("c\(number)"), view: LocalView(me: me),
            recordCount: recordCount)
        }, repairs: true)
      try perform(session.start(wallMilliseconds: 0))
    }

    /// Takes messages, each as bytes.
    mutating func take(_ messages: Message...) throws {
      for message in messages {
        let message = try #require(try Message(message.frame))
        try perform(session.received(message, wallMilliseconds: 0))
      }
    }

    private mutating func perform(_ actions: [SessionAction]) throws {
      for action in actions {
        switch action {
        case .send(let message): sent.append(message)
        case .store(let request, let channel):
          let answer: StoreAnswer
          switch request {
          case .digests: answer = .digests([])
          case .repair(let records):
            repaired += records.map(\.id)
            answer = .repaired
          default: answer = .released
          }
          try perform(session.answered(answer, on: channel))
        case .close: isClosed = true
        default: break
        }
      }
    }

    var fetched: [RecordID] {
      sent.flatMap { message -> [RecordID] in
        if case .fetch(let fetch) = message { fetch.ids } else { [] }
      }
    }
  }

  private static let welcome = Message.welcome(
    Welcome(
      software: "", replica: ReplicaID(high: 2, low: 2), replicaName: "", wallMilliseconds: 0,
      isRecovering: false, collections: []))

  /// What a peer says in some state of a session, and what it does wrong with the last word.
  enum Lie: CaseIterable {
    case sumsBeforeWelcome, welcomeTwice, channelNotOpen, aState, sumsBeforeSame, recordsBeforeSame
    case sameTwice, recordsWhileComparing, sumsWhileFetching
    case notAskedFor, outOfOrder, oneTooMany, malformed
    case partsDoNotAddUp, recordsBetweenParts, malformedInParts, notAskedForInParts

    var messages: [Message] {
      get throws {
        // A client that holds nothing asks for whatever it hears of.
        let compared = sums([part(0, 1), part(1, 1), .end])
        let fetching = [welcome, same, compared]
        let part = HostileComparisonTests.part
        return switch self {
        case .sumsBeforeWelcome: [sums([.end])]
        case .welcomeTwice: [welcome, welcome]
        case .channelNotOpen: [welcome, .same(Same(channel: 2, condition: condition))]
        case .aState: [welcome, .alive]
        case .sumsBeforeSame: [welcome, sums([part(0, 1)])]
        case .recordsBeforeSame: [welcome, records(try entry(0, 0))]
        case .sameTwice: [welcome, same, same]
        case .recordsWhileComparing: [welcome, same, records(try entry(0, 0))]
        case .sumsWhileFetching: fetching + [sums([.end])]
        case .notAskedFor: fetching + [records(try entry(7, 0))]
        case .outOfOrder: fetching + [records(try entry(1, 1), try entry(0, 0))]
        case .oneTooMany:
          fetching + [records(try entry(0, 0), try entry(1, 1), try entry(2, 2))]
        case .malformed:
          fetching + [records(RecordEntry(clockIndex: 0, id: id(0), record: [255, 255]))]
        case .partsDoNotAddUp:
          fetching + [piece(remaining: 10, [1, 2]), piece(remaining: 9, [3, 4])]
        case .recordsBetweenParts:
          fetching + [piece(remaining: 10, [1, 2]), records(try entry(0, 0))]
        case .malformedInParts: fetching + [piece(remaining: 0, [1, 2, 3])]
        case .notAskedForInParts: fetching + [piece(remaining: 0, try entry(7, 0).encoded)]
        }
      }
    }
  }

  private static func piece(remaining: UInt64, _ bytes: [UInt8]) -> Message {
    .part(Part(channel: 1, remaining: remaining, bytes: bytes))
  }

  @Test(arguments: Lie.allCases) func whatIsNotLegalEndsTheSession(lie: Lie) throws {
    var client = try Client()
    let messages = try lie.messages
    for message in messages.dropLast() { try client.take(message) }
    #expect(!client.isClosed)
    let last = try #require(messages.last)
    let error = #expect(throws: SessionError.self) { try client.take(last) }
    #expect(error?.code == .protocolViolation)
    #expect(error?.side == .here)
    #expect(client.repaired == [])
  }

  @Test func whatIsLegalIsTaken() throws {
    var client = try Client()
    try client.take(Self.welcome, Self.same, Self.sums([Self.part(0, 1), Self.part(1, 1), .end]))
    #expect(client.fetched == [Self.id(0), Self.id(1)])
    // One in parts, one whole.
    let bytes = try Self.entry(0, 0).encoded
    let rest = UInt64(bytes.count - 3)
    try client.take(
      Self.piece(remaining: rest, Array(bytes[..<3])),
      Self.piece(remaining: 0, Array(bytes[3...])))
    #expect(!client.isClosed)
    try client.take(Self.records(try Self.entry(1, 1)))
    #expect(client.repaired == [Self.id(0), Self.id(1)])
    #expect(client.isClosed)
    // Behind the end nothing is legal.
    let error = #expect(throws: SessionError.self) { try client.take(Self.sums([.end])) }
    #expect(error?.code == .protocolViolation)
  }

  /// What a session that lasts, or stores records, is asked means nothing to one that compares.
  @Test func nothingIsExchanged() throws {
    var client = try Client()
    try client.take(Self.welcome, Self.same)
    #expect(client.session.unfinished == [])
    #expect(!client.session.isSaturated(1))
    #expect(client.session.drained() == [])
    #expect(client.session.changed([:]) == [])
    #expect(client.session.accessChanged() == [])
    #expect(try client.session.answered(.released, on: 1) == [])
    #expect(client.session.comparisons.map(\.isFinished) == [false])
  }

  /// Of a range that is asked for finer.
  @Test func aSumBeyondItsRange() throws {
    var client = try Client(recordCount: 100)
    try client.take(Self.welcome, Self.same, Self.sums([Self.part(5, 7), .end]))
    let error = #expect(throws: SessionError.self) {
      try client.take(Self.sums([Self.part(6, 1)]))
    }
    #expect(error?.message == "a sum beyond its range")
  }

  /// The store has not answered for the sums before.
  @Test func sumsOutOfOrderInTwoMessages() throws {
    let part = { (id: Int) in Self.part(id, 3) }
    var walk = Walk([Ask.Range(RecordRange(), partRecords: 3)])
    try walk.take([part(4)])
    try walk.take([part(6)])
    let error = #expect(throws: SessionError.self) { try walk.take([part(5)]) }
    #expect(error?.message == "sums out of order")
  }

  @Test func moreThanOneFetchHoldsIsFetchedInTurn() throws {
    let count = Limits.idsPerFetchMax + 300
    var client = try Client(recordCount: 1)
    try client.take(Self.welcome, Self.same)
    for start in stride(from: 0, to: count, by: 500) {
      try client.take(
        Self.sums((start..<min(start + 500, count)).map { Self.part($0, 1) }))
    }
    try client.take(Self.sums([.end]))
    for number in 0..<count {
      #expect(client.fetched.count == (number < Limits.idsPerFetchMax ? 1_024 : count))
      try client.take(Self.records(try Self.entry(number, number)))
    }
    #expect(client.repaired == (0..<count).map(Self.id))
    #expect(client.isClosed)
  }

  @Test func whatThePeerFailsWithIsToldAsThePeers() throws {
    var client = try Client()
    let error = #expect(throws: SessionError.self) {
      try client.take(Self.welcome, .fail(Fail(code: .shuttingDown, message: "good night")))
    }
    #expect(error == SessionError(.shuttingDown, "good night", side: .peer))
  }

  @Test func aCollectionThatIsDoneIsDone() throws {
    var client = try Client(collections: 2)
    let refused = Refused(channel: 1, code: .notAllowed, message: "no")
    try client.take(Self.welcome, .refused(refused), Self.same, Self.sums([.end]))
    let outcomes = client.session.comparisons
    #expect(outcomes.map(\.error) == [SessionError(.notAllowed, "no", side: .peer), nil])
    #expect(outcomes.map(\.isFinished) == [true, false])
    #expect(!client.session.isIdle)
    try client.take(.same(Same(channel: 2, condition: Self.condition)))
    try client.take(.sums(Sums(channel: 2, items: [.end])))
    #expect(client.session.comparisons.map(\.isSame) == [nil, true])
    #expect(client.isClosed)
    #expect(client.session.isIdle)
  }

  /// A server that makes up its sums, within what was asked for: the walk ends after as many levels as it has, and asks
  /// for no more than it will list.
  @Test(arguments: 0..<40 as Range<UInt64>) func whateverTheSumsAreThereIsAnEnd(seed: UInt64) throws
  {
    var random = SplitMix64(seed: seed)
    let recordCount = UInt64(Int.random(in: 0...100_000, using: &random))
    var client = try Client(recordCount: recordCount)
    try client.take(Self.welcome, Self.same)
    var answered = 0
    var asks = 0
    while !client.isClosed, answered < client.sent.count {
      defer { answered += 1 }
      switch client.sent[answered] {
      case .ask(let ask):
        asks += 1
        for range in ask.ranges {
          let items = Self.invented(in: range, &random)
          try client.take(Self.sums(items + [.end]))
        }
      case .fetch(let fetch):
        for id in fetch.ids {
          try client.take(Self.records(RecordEntry(clockIndex: 0, id: id, record: Self.record(0))))
        }
      default: break
      }
    }
    #expect(client.isClosed)
    // Sixteen parts a level.
    let levels = 1 + Int(ceilLog16(recordCount))
    #expect(asks <= 1 + levels * (1 + ComparisonOutcome.differencesMax / Limits.rangesPerAskMax))
    let outcome = try #require(client.session.comparisons.first)
    #expect(outcome.error == nil)
    #expect(outcome.differences.count <= ComparisonOutcome.differencesMax)
    #expect(outcome.repaired == UInt64(outcome.differences.count))
  }

  private func ceilLog16(_ count: UInt64) -> UInt64 {
    var (levels, reach) = (UInt64(0), UInt64(1))
    while reach < count { (levels, reach) = (levels + 1, reach * 16) }
    return levels
  }

  /// Parts that follow each other in a range.
  private static func invented(
    in range: Ask.Range, _ random: inout SplitMix64
  ) -> [Sums.Item] {
    func number(_ id: RecordID?) -> Int? {
      id.flatMap { Int("\($0)".dropFirst()) }.map { $0 - 1_000_000 }
    }
    var last = number(range.records.after) ?? -1
    let end = number(range.records.through) ?? 1_000_000
    var items: [Sums.Item] = []
    while items.count < 40, last < end {
      last = min(end, last + Int.random(in: 1...5_000, using: &random))
      items.append(part(last, UInt64.random(in: 1...range.partRecords, using: &random)))
    }
    return items
  }

  /// Of more ranges that differ than differences are listed nothing more is kept.
  @Test func whoClaimsADifferenceWithoutEndIsCutShort() throws {
    var client = try Client(recordCount: 32)
    try client.take(Self.welcome, Self.same)
    for start in stride(from: 0, to: 20_000, by: 500) {
      try client.take(Self.sums((start..<(start + 500)).map { Self.part($0, 2) }))
    }
    try client.take(Self.sums([.end]))
    var asked = 0
    var answered = 0
    while answered < client.sent.count {
      defer { answered += 1 }
      guard case .ask(let ask) = client.sent[answered], answered > 2 else { continue }
      asked += ask.ranges.count
      try client.take(Self.sums(ask.ranges.map { _ in .end }))
    }
    #expect(asked == ComparisonOutcome.differencesMax)
    #expect(client.isClosed)
    #expect(client.session.comparisons.first?.isCut == true)
    #expect(client.session.comparisons.first?.isSame == false)
  }

  // MARK: The server

  private func responder() -> ComparisonResponder {
    ComparisonResponder(channel: 1, frameBytesMax: Limits.frameBytesMax)
  }

  private static let ask = Ask(
    channel: 1, ranges: [Ask.Range(RecordRange(), partRecords: 1_000_000)])

  @Test func oneQuestionIsAnsweredAtATime() throws {
    var asked = responder()
    _ = try asked.ask(Self.ask)
    var fetched = responder()
    _ = try fetched.fetch(Fetch(channel: 1, ids: [Self.id(0)]))
    for responder in [asked, fetched] {
      var responder = responder
      #expect(!responder.isIdle)
      for question in [true, false] {
        let error = #expect(throws: SessionError.self) {
          _ =
            question
            ? try responder.ask(Self.ask)
            : try responder.fetch(Fetch(channel: 1, ids: [Self.id(0)]))
        }
        #expect(error?.code == .protocolViolation)
      }
    }
  }

  @Test func aRecordThatIsDamagedGoesToNobody() throws {
    var responder = responder()
    #expect(
      try responder.fetch(Fetch(channel: 1, ids: [Self.id(0)])) == [.store(.record(Self.id(0)))])
    let error = #expect(throws: SessionError.self) { try responder.record(Self.id(0), nil) }
    #expect(error?.code == .storage)
    #expect(error?.message.contains("\(Self.id(0))") == true)
  }

  /// The answer of a store that comes when nobody waits for it any more.
  @Test func whatNobodyAskedTheStoreForIsPassedOver() throws {
    var responder = responder()
    let digest = RecordDigest(id: Self.id(0), fingerprint: .zero, isDamaged: false)
    #expect(responder.digests([digest]) == [])
    #expect(try responder.record(Self.id(0), []) == [])
    #expect(responder.drained() == [])
    #expect(responder.isIdle)
    var table = ComparisonTable()
    let compare = Compare(
      channel: 1, collection: projects, digest: LocalView(me: .zero).standing.digest,
      condition: Self.condition)
    let open = table.expect(compare)
    _ = table.authorized(
      open, view: LocalView(me: .zero), orElse: SessionError(.notAllowed, "no"))
    #expect(try table.answered(.released, on: 1) == [])
    #expect(table.isIdle)
  }

  /// A sum over very many records is one, and whoever waits for it hears meanwhile that there is work.
  @Test func aLongSumIsNotSilent() throws {
    var responder = responder()
    var steps = try responder.ask(Self.ask)
    var (messages, reads, number) = ([Sums](), 0, 0)
    while !steps.isEmpty {
      switch steps.removeFirst() {
      case .send(.sums(let sums)): messages.append(sums)
      case .send(let other): Issue.record("\(other)")
      case .awaitDrain: steps = responder.drained() + steps
      case .store(.digests(let range, let limit)):
        #expect(range.after == (number == 0 ? nil : Self.id(number - 1)))
        let count = reads < 40 ? limit : 10
        reads += 1
        let digests = (number..<(number + count)).map {
          RecordDigest(id: Self.id($0), fingerprint: .zero, isDamaged: $0 == 5)
        }
        number += count
        steps = responder.digests(digests) + steps
      case .store(let other): Issue.record("\(other)")
      }
    }
    let sum = Sums.Part(
      last: Self.id(number - 1), records: UInt64(number), isDamaged: true, fingerprint: .zero)
    #expect(messages.map(\.items) == [[], [], [.part(sum), .end]])
    #expect(responder.isIdle)
  }
}
