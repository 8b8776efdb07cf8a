import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncTestSupport
import Testing

@testable import OfficeSyncReplication

/// Range-based reconciliation: exactly what differs is found, and little more than that is carried.
@Suite struct ComparisonTests {
  /// What one side holds.
  private struct Holdings {
    var digests: [RecordDigest]

    func read(_ range: RecordRange, limit: Int) -> [RecordDigest] {
      let start =
        digests.firstIndex { digest in range.after.map { $0 < digest.id } ?? true }
        ?? digests.endIndex
      return Array(
        digests[start...].prefix { digest in range.through.map { digest.id <= $0 } ?? true }
          .prefix(limit))
    }
  }

  private static func digest(_ number: Int, _ content: Int = 0, isDamaged: Bool = false) throws
    -> RecordDigest
  {
    var record = Record()
    record.write(
      [(try FieldPath("n"), .value(.integer(Int64(content))))],
      as: Dot(ReplicaID(high: 1, low: 1), UInt64(number + 1)),
      info: WriteInfo(time: .zero, author: try Identity("office/rabat"), note: ""))
    let id = try id(number)
    return RecordDigest(
      id: id,
      fingerprint: isDamaged
        ? .zero
        : Fingerprint(collection: projects, id: id, record: RecordEncoder.encode(record)),
      isDamaged: isDamaged)
  }

  private static func id(_ number: Int) throws -> RecordID {
    try RecordID("P\(1_000_000 + number)")
  }

  private struct Run {
    var outcome: ComparisonOutcome
    var bytes = 0
    var roundTrips = 0
  }

  /// Both machines against each other, every message as bytes.
  private func compare(_ here: Holdings, _ there: Holdings) throws -> Run {
    var client = ComparisonMachine(
      channel: 1, collection: projects, view: LocalView(me: ReplicaID(high: 1, low: 1)),
      recordCount: UInt64(here.digests.count),
      repairs: false)
    var server = ComparisonResponder(channel: 1, frameBytesMax: Limits.frameBytesMax)
    var run = Run(outcome: client.outcome)
    let condition = Condition(fingerprint: .zero, isPartial: false)
    var toDo = try client.same(Same(channel: 1, condition: condition))
    while !client.isFinished {
      var messages: [Message] = []
      var steps = toDo
      toDo = []
      while !steps.isEmpty {
        switch steps.removeFirst() {
        case .send(let message): messages.append(message)
        case .store(.digests(let range, let limit)):
          steps = client.digests(here.read(range, limit: limit)) + steps
        case .store, .finished: break
        }
      }
      for message in messages {
        run.roundTrips += 1
        run.bytes += message.frame.encoded.count
        for answer in try answers(&server, message, there) {
          run.bytes += answer.frame.encoded.count
          guard case .sums(let sums)? = try Message(answer.frame) else { continue }
          var steps = try client.sums(sums)
          while !steps.isEmpty {
            switch steps.removeFirst() {
            case .store(.digests(let range, let limit)):
              steps = client.digests(here.read(range, limit: limit)) + steps
            case let step: toDo.append(step)
            }
          }
        }
      }
    }
    run.outcome = client.outcome
    return run
  }

  private func answers(
    _ server: inout ComparisonResponder, _ message: Message, _ there: Holdings
  ) throws -> [Message] {
    guard case .ask(let ask)? = try Message(message.frame) else { return [] }
    var answers: [Message] = []
    var steps = try server.ask(ask)
    while !steps.isEmpty {
      switch steps.removeFirst() {
      case .send(let answer): answers.append(answer)
      case .store(.digests(let range, let limit)):
        steps = server.digests(there.read(range, limit: limit)) + steps
      case .awaitDrain: steps = server.drained() + steps
      case .store: break
      }
    }
    #expect(server.isIdle)
    return answers
  }

  @Test(arguments: [0, 1, 15, 16, 17, 300, 5_000])
  func theSameIsFoundToBeSo(count: Int) throws {
    let all = Holdings(digests: try (0..<count).map { try Self.digest($0) })
    let run = try compare(all, all)
    #expect(run.outcome.isSame == true)
    #expect(run.outcome.records == UInt64(count))
    #expect(run.roundTrips == 1)
    #expect(run.bytes < 1_200)
  }

  @Test(arguments: 0..<60) func exactlyWhatDiffersIsFound(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let count = Int.random(in: 0..<3_000, using: &random)
    let rarity = [3, 50, 1_000].randomElement(using: &random) ?? 3
    var (here, there): ([RecordDigest], [RecordDigest]) = ([], [])
    var expected: [RecordDifference] = []
    for number in 0..<count {
      let plain = try Self.digest(number)
      guard Int.random(in: 0..<rarity, using: &random) == 0 else {
        here.append(plain)
        there.append(plain)
        continue
      }
      let damaged = try Self.digest(number, isDamaged: true)
      let all: [(RecordDigest?, RecordCondition)] = [
        (plain, .sound), (damaged, .damaged), (nil, .missing),
        (try Self.digest(number, 1), .sound),
      ]
      let (mine, theirs) = (
        all[Int.random(in: 0..<4, using: &random)], all[Int.random(in: 0..<4, using: &random)]
      )
      if let digest = mine.0 { here.append(digest) }
      if let digest = theirs.0 { there.append(digest) }
      let isSame = mine.0 == theirs.0 && mine.1 != .damaged
      if !isSame {
        expected.append(
          RecordDifference(id: try Self.id(number), here: mine.1, there: theirs.1))
      }
    }
    let run = try compare(Holdings(digests: here), Holdings(digests: there))
    #expect(run.outcome.differences == expected)
    #expect(run.outcome.isSame == expected.isEmpty)
    #expect(!run.outcome.isCut)
  }

  @Test func littleMoreThanTheDifferenceIsCarried() throws {
    let there = Holdings(digests: try (0..<50_000).map { try Self.digest($0) })
    var here = there
    here.digests[31_234] = try Self.digest(31_234, 1)
    let run = try compare(here, there)
    #expect(run.outcome.differences.map(\.id) == [try Self.id(31_234)])
    #expect(run.bytes < 5_000, "\(run.bytes)")
    #expect(run.roundTrips == 4)
  }

  @Test func ofVeryManyDifferencesSomeAreListed() throws {
    let there = Holdings(digests: try (0..<12_000).map { try Self.digest($0) })
    let run = try compare(Holdings(digests: []), there)
    #expect(run.outcome.isCut)
    #expect(run.outcome.differences.count == ComparisonOutcome.differencesMax)
    #expect(run.outcome.isSame == false)
  }

  @Test(arguments: [
    [Sums.Item.end, .end], [.part(part("b", 3)), .part(part("a", 3))],
    [.part(part("b", 3)), .part(part("b", 3))], [.part(part("b", 4))],
  ])
  func sumsThatWereNotAskedForAreRefused(items: [Sums.Item]) throws {
    var client = ComparisonMachine(
      channel: 1, collection: projects, view: LocalView(me: ReplicaID(high: 1, low: 1)),
      recordCount: 48, repairs: false)
    _ = try client.same(
      Same(channel: 1, condition: Condition(fingerprint: .zero, isPartial: false)))
    let error = #expect(throws: SessionError.self) {
      try client.sums(Sums(channel: 1, items: items))
    }
    #expect(error?.code == .protocolViolation)
  }

  private static func part(_ last: String, _ records: UInt64) -> Sums.Part {
    Sums.Part(
      last: (try? RecordID(last)) ?? .schema, records: records, isDamaged: false,
      fingerprint: .zero)
  }

  @Test func halfReceivedStoresAreNotCompared() throws {
    var client = ComparisonMachine(
      channel: 1, collection: projects, view: LocalView(me: ReplicaID(high: 1, low: 1)),
      recordCount: 0, repairs: false)
    _ = try client.same(
      Same(channel: 1, condition: Condition(fingerprint: .zero, isPartial: true)))
    #expect(client.outcome.obstacle == .partial)
    #expect(client.outcome.isSame == nil)
    #expect(client.isFinished)
  }
}
