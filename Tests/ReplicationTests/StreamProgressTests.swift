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

  private func incoming() throws -> Incoming {
    Incoming(
      channel: 1, own: [me],
      trust: .device(replicas: [device], author: try Identity("field/amina")),
      senderKnowledge: try VersionVector("d:100"), earlier: nil)
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

  private func entry(_ counter: UInt64) throws -> RecordEntry {
    RecordEntry(
      clockIndex: 0, id: try RecordID("r\(counter)"),
      record: RecordEncoder.encode(try record([counter])).bytes)
  }

  /// Hands in one batch and returns what is kept as progress with it.
  private func kept(
    _ counters: ClosedRange<UInt64>, by incoming: inout Incoming
  ) throws -> VersionVector? {
    let entries = try counters.map { try entry($0) }
    for step in try incoming.records(Records(channel: 1, entries: entries)) {
      if case .store(.apply(_, _, let progress)) = step { return progress.vector }
    }
    return nil
  }

  private var begin: Begin {
    Begin(channel: 1, token: token, resumed: false, recordsEstimate: 0)
  }

  @Test func progressCountsRecordsThatWereTaken() throws {
    var incoming = try incoming()
    _ = try incoming.begin(begin)
    // Of place 3 more records may come until a higher place does.
    #expect(try kept(1...3, by: &incoming) == VersionVector(Dot(device, 2)))
    incoming.applied(BatchOutcome())
    #expect(try kept(4...6, by: &incoming) == VersionVector(Dot(device, 5)))
  }

  @Test func progressStopsBeforeTheBatchWithADeferredRecord() throws {
    var incoming = try incoming()
    _ = try incoming.begin(begin)
    _ = try kept(1...3, by: &incoming)
    incoming.applied(BatchOutcome())
    _ = try kept(4...6, by: &incoming)
    var outcome = BatchOutcome()
    outcome.deferred = 1
    incoming.applied(outcome)
    #expect(try kept(7...9, by: &incoming) == VersionVector(Dot(device, 2)))
    incoming.applied(BatchOutcome())
    #expect(try kept(10...12, by: &incoming) == VersionVector(Dot(device, 2)))
  }

  @Test func progressStopsBeforeTheBatchWithARefusedRecord() throws {
    var incoming = try incoming()
    _ = try incoming.begin(begin)
    _ = try kept(1...3, by: &incoming)
    var outcome = BatchOutcome()
    outcome.refused = [.init(id: try RecordID("r2"), refusal: .notOwn)]
    incoming.applied(outcome)
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
      known: VersionVector(Dot(device, 2)), resumed: VersionVector(), ownReplicas: [device])
    var view = LocalView(
      me: device, knowledge: Knowledge(vector: VersionVector(Dot(device, 9))))
    view.refusedIDs = [try RecordID("r")]
    var outgoing = Outgoing(
      channel: 1, view: view, difference: difference, begin: begin,
      frameBytesMax: Limits.frameBytesMax)
    _ = outgoing.start([])
    _ = outgoing.remembered()
    _ = outgoing.listed([device])
    let row = StoredEntry(
      cursor: EntryCursor(counter: 9, row: 1), id: try RecordID("r"),
      record: RecordEncoder.encode(refused).bytes)
    #expect(try outgoing.read([row]) == [.awaitDrain])
    _ = outgoing.drained()
    _ = try outgoing.read([])
    #expect(outgoing.knowledgeSent == VersionVector(Dot(device, 2)))
  }
}
