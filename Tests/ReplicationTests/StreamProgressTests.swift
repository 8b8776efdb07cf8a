import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncTestSupport
import Testing

@testable import OfficeSyncReplication

/// What counts as received if a stream is cut, and what a sender may claim of what it held back.
@Suite struct StreamProgressTests {
  private let me = ReplicaID(short: "x")
  private let device = ReplicaID(short: "d")
  private let token = ReplicaID(short: "t")

  private func incoming(from knowledge: String = "d:100") throws -> Incoming {
    Incoming(
      channel: 1, collection: .office, own: [me],
      trust: .device(
        replicas: [device], author: try Identity("field/amina"),
        timeMax: HybridTime(milliseconds: 1_000)), room: .server,
      senderKnowledge: try VersionVector(knowledge), earlier: nil)
  }

  private func record(_ counters: [UInt64]) throws -> Record {
    var record = Record()
    for counter in counters {
      record.write(
        [(try FieldPath("f\(counter)"), .value(.integer(Int64(counter))))],
        as: Dot(device, counter), info: try WriteInfo(at: counter, by: "field/amina"))
    }
    return record
  }

  private func records(_ counters: ClosedRange<UInt64>) throws -> Records {
    Records(channel: 1, entries: try counters.map { try entry($0) })
  }

  private func done(_ count: UInt64) -> Done {
    let view = LocalView(
      me: device, knowledge: Knowledge(vector: VersionVector(Dot(device, count))))
    return Done(
      channel: 1, knowledge: view.knowledge.vector, digest: view.standing.digest,
      condition: view.condition, recordsSent: count)
  }

  private func entry(_ counter: UInt64) throws -> RecordEntry {
    RecordEntry(
      clockIndex: 0, id: try RecordID("r\(counter)"),
      record: RecordEncoder.encode(try record([counter])).bytes)
  }

  /// Hands in one batch and returns what is kept as progress with it.
  private func kept(
    _ counters: ClosedRange<UInt64>, by incoming: inout Incoming
  ) throws -> VersionVector? {
    for step in try incoming.records(try records(counters)) {
      if case .store(.apply(_, _, let progress)) = step { return progress.vector }
    }
    return nil
  }

  private var begin: Begin {
    Begin(channel: 1, token: token, resumed: false, recordsEstimate: 0)
  }

  @Test func whatComesWhileTheStoreIsBusyIsTheNextBatch() throws {
    var incoming = try incoming()
    _ = try incoming.begin(begin)
    #expect(try incoming.records(records(1...2)).count == 1)
    #expect(try incoming.records(records(3...4)).isEmpty)
    #expect(try incoming.records(records(5...6)).isEmpty)
    let next = incoming.applied(BatchOutcome())
    guard case .store(.apply(let batch, _, let progress)) = next.first else {
      Issue.record("the batch was not stored")
      return
    }
    #expect(try batch.map(\.id) == (3...6).map { try RecordID("r\($0)") })
    #expect(progress.vector == VersionVector(Dot(device, 5)))
    #expect(incoming.applied(BatchOutcome()).isEmpty)
  }

  /// The sender gives up while the store has a batch: what came behind it is stored too, and counts for nothing yet.
  @Test func whatCameBeforeTheSenderGaveUpIsStored() throws {
    var incoming = try incoming()
    _ = try incoming.begin(begin)
    #expect(incoming.breakOff() == [])
    _ = try incoming.records(records(1...2))
    #expect(incoming.breakOff() == [])
    _ = try incoming.records(records(3...4))
    guard case .store(.apply(let batch, _, let progress)) = incoming.breakOff().first else {
      Issue.record("the batch was not stored")
      return
    }
    #expect(try batch.map(\.id) == (3...4).map { try RecordID("r\($0)") })
    #expect(progress.vector.isEmpty)
  }

  @Test func aWholeStreamWaitsForTheStoreBeforeItCounts() throws {
    var incoming = try incoming()
    _ = try incoming.begin(begin)
    _ = try incoming.records(records(1...2))
    _ = try incoming.records(records(3...4))
    #expect(try incoming.done(done(4)).isEmpty)
    #expect(incoming.applied(BatchOutcome()).count == 1)
    guard case .store(.complete(let knowledge, _)) = incoming.applied(BatchOutcome()).first else {
      Issue.record("the stream was not completed")
      return
    }
    #expect(knowledge == VersionVector(Dot(device, 4)))
  }

  @Test func aFaultInABatchThatWasUnderWayKeepsProgressBack() throws {
    var incoming = try incoming()
    _ = try incoming.begin(begin)
    _ = try incoming.records(records(1...2))
    _ = try incoming.records(records(3...4))
    var outcome = BatchOutcome()
    outcome.deferred = 1
    guard case .store(.apply(_, _, let progress)) = incoming.applied(outcome).first else {
      Issue.record("the batch was not stored")
      return
    }
    #expect(progress.vector.isEmpty)
  }

  @Test func thePeerHasToWaitForAStoreThatLagsFarBehind() throws {
    var incoming = try incoming()
    _ = try incoming.begin(begin)
    _ = try incoming.records(records(1...1))
    #expect(!incoming.isSaturated)
    _ = try incoming.records(records(2...2_100))
    #expect(incoming.isSaturated)
    _ = incoming.applied(BatchOutcome())
    #expect(!incoming.isSaturated)
  }

  @Test func progressCountsRecordsThatWereTaken() throws {
    var incoming = try incoming()
    _ = try incoming.begin(begin)
    // Of place 3 more records may come until a higher place does.
    #expect(try kept(1...3, by: &incoming) == VersionVector(Dot(device, 2)))
    _ = incoming.applied(BatchOutcome())
    #expect(try kept(4...6, by: &incoming) == VersionVector(Dot(device, 5)))
  }

  /// Of what the sender holds ahead of its own knowledge something may be missing there, and come later: a stream that went on
  /// behind it would leave it out (VARIANT loose-resume).
  @Test func whatTheSenderHoldsAheadOfItsKnowledgeDoesNotCount() throws {
    var incoming = try incoming(from: "d:3")
    _ = try incoming.begin(begin)
    #expect(try kept(1...6, by: &incoming) == VersionVector(Dot(device, 3)))
    _ = incoming.applied(BatchOutcome())
    #expect(try kept(8...9, by: &incoming) == VersionVector(Dot(device, 3)))
  }

  @Test func progressStopsBeforeTheBatchWithADeferredRecord() throws {
    var incoming = try incoming()
    _ = try incoming.begin(begin)
    _ = try kept(1...3, by: &incoming)
    _ = incoming.applied(BatchOutcome())
    _ = try kept(4...6, by: &incoming)
    var outcome = BatchOutcome()
    outcome.deferred = 1
    _ = incoming.applied(outcome)
    #expect(try kept(7...9, by: &incoming) == VersionVector(Dot(device, 2)))
    _ = incoming.applied(BatchOutcome())
    #expect(try kept(10...12, by: &incoming) == VersionVector(Dot(device, 2)))
  }

  @Test func progressStopsBeforeTheBatchWithARefusedRecord() throws {
    var incoming = try incoming()
    _ = try incoming.begin(begin)
    _ = try kept(1...3, by: &incoming)
    var outcome = BatchOutcome()
    outcome.refused = [.init(id: try RecordID("r2"), refusal: .notOwn)]
    _ = incoming.applied(outcome)
    #expect(try kept(4...6, by: &incoming) == VersionVector())
  }

  @Test func partsBeforeBeginAreRefusedAtOnce() throws {
    var incoming = try incoming()
    let part = Part(channel: 1, remaining: 1_000_000, bytes: [1])
    let error = #expect(throws: SessionError.self) { try incoming.part(part) }
    #expect(error?.code == .protocolViolation)
  }

  @Test func doneClaimsNothingOfARecordThatIsHeldBack() throws {
    // The record was refused when its write 3 was new; write 9 came later. The office knows up to 2.
    let refused = try record([3, 9])
    let difference = Difference(
      collection: projects, known: VersionVector(Dot(device, 2)), resumed: VersionVector(),
      ownReplicas: [device])
    var view = LocalView(
      me: device, knowledge: Knowledge(vector: VersionVector(Dot(device, 9))))
    view.refusedIDs = [try RecordID("r")]
    var outgoing = Outgoing(
      channel: 1, view: view, difference: difference, begin: begin,
      frameBytesMax: Limits.frameBytesMax)
    _ = outgoing.start([])
    _ = outgoing.remembered()
    _ = outgoing.listed(VersionVector(Dot(device, 9)))
    let row = StoredEntry(
      cursor: EntryCursor(counter: 9, row: 1), id: try RecordID("r"), of: projects,
      RecordEncoder.encode(refused))
    #expect(outgoing.drained() == [], "nothing waits for the network yet")
    let part = OriginEntries(origin: device, rows: [row], isWhole: true)
    // Nothing is left to wait for.
    #expect(try outgoing.read([part]).count == 2)
    #expect(outgoing.knowledgeSent == VersionVector(Dot(device, 2)))
  }
}
