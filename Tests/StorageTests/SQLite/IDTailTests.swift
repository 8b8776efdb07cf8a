import GRDB
import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncTestSupport
import Testing

@testable import OfficeSyncStorage

/// What comes in bulk is entered into the index by ID later. Nobody sees a difference, and nothing that happens meanwhile
/// makes one.
@Suite struct IDTailTests {
  private let receiver: TestStore
  private let sender: TestStore
  private let store: SQLiteStore

  init() throws {
    let engine = try #require(StoreEngine.all.first)
    receiver = try TestStore(engine, "office/rabat")
    sender = try TestStore(engine, "office/fes")
    store = try #require(receiver.store as? SQLiteStore)
    store.fillTail(withBatchesOf: 2)
    for id in ["b", "d"] { try store.put(id, ["x": id]) }
    for number in 0..<20 { try sender.store.put("p\(number)", ["x": "\(number)"]) }
    try sender.store.put("c", ["x": "c"])
  }

  /// What the sender has, as batches of a stream that is not complete.
  private func batches(of size: Int) throws -> [IncomingBatch] {
    let records = try allRecords(sender.store.snapshot(of: .projects))
      .map { IncomingRecord(id: $0.id, CheckedRecord($0.record)) }
    return stride(from: 0, to: records.count, by: size).map { start in
      IncomingBatch(
        collection: .projects, sender: sender.replica.id, rule: .relayed,
        records: Array(records[start..<min(start + size, records.count)]), progress: nil,
        wallMilliseconds: 1_000)
    }
  }

  private func tailStart(_ store: SQLiteStore) throws -> Int64? {
    try store.read { try RecordIDs.tailStart($0) }
  }

  private func expectWhole(_ store: SQLiteStore, records: UInt64 = 23) throws {
    let audit = try store.audit { _, _ in }
    #expect(audit.isSound, "\(audit.damage)")
    #expect(audit.records == records)
    let snapshot = try store.snapshot(of: .projects)
    let ids = try allRecords(snapshot).map(\.id)
    #expect(ids == ids.sorted() && ids.count == Int(records) && Set(ids).count == ids.count)
    #expect(try snapshot.recordIDs(after: nil, limit: 100) == ids)
    #expect(try snapshot.digests(after: nil, through: nil, limit: 100).map(\.id) == ids)
    for id in ids { #expect(try snapshot.record(id) != nil) }
    #expect(try snapshot.record(RecordID("p99")) == nil)
    #expect(
      try snapshot.digests(after: RecordID("b"), through: RecordID("d"), limit: 100).map(\.id)
        == ["c", "d"].map { try RecordID($0) })
  }

  @Test func theLastOfARowOfWritesEntersTheTail() throws {
    func add(_ id: String, moreFollow: Bool) throws {
      try store.write(to: .projects, wallMilliseconds: 9, note: "", moreFollow: moreFollow) {
        _ = try $0.put(RecordID(id), changes: changes(["x": id]), context: nil)
      }
    }
    for number in 0..<10 {
      try add("p\(number)", moreFollow: true)
      #expect(try tailStart(store) == 3)
    }
    for number in 10..<20 { try add("p\(number)", moreFollow: true) }
    try add("c", moreFollow: false)
    #expect(try tailStart(store) == nil)
    try expectWhole(store)
  }

  @Test func whatIsInTheTailIsSeenByAll() throws {
    let other = try SQLiteStore.open(folder: receiver.folder.path)
    for batch in try batches(of: 7) { #expect(try store.apply(batch).applied == 7) }
    try expectWhole(store)
    try expectWhole(other)
    #expect(try tailStart(other) == 3)
  }

  @Test func whoOpensTheStoreEntersIt() throws {
    for batch in try batches(of: 7) { _ = try store.apply(batch) }
    let other = try SQLiteStore.open(folder: receiver.folder.path)
    #expect(try tailStart(other) == nil)
    try expectWhole(other)
  }

  @Test func aCompleteStreamIsEntered() throws {
    try Carrier(batchRecords: 7).carry(from: sender, to: receiver)
    #expect(try tailStart(store) == nil)
    try expectWhole(store)
  }

  @Test func aRecordInTheTailIsMergedWithWhatComesLater() throws {
    for batch in try batches(of: 7) { _ = try store.apply(batch) }
    for id in ["p3", "c"] { try sender.store.put(id, ["x": "newer"]) }
    try sender.store.put("e", ["x": "e"])
    let outcomes = try batches(of: 11).map { try store.apply($0) }
    #expect(outcomes.map(\.applied).reduce(0, +) == 3)
    #expect(try tailStart(store) == 3)
    #expect(try store.text("p3", "x") == ["newer"])
    try expectWhole(store, records: 24)
  }

  @Test func anotherProcessEntersItAndTheStreamGoesOn() throws {
    let all = try batches(of: 6)
    let other = try SQLiteStore.open(folder: receiver.folder.path)
    for (index, batch) in all.enumerated() {
      if batch.records.count > 1 { _ = try store.apply(batch) }
      switch index {
      case 0: _ = try other.apply(all[0])
      case 1:
        try other.put("p0", ["y": "of another process"])
        #expect(try tailStart(store) == nil)
      case 2:
        // In bulk, too: neither knows what the other has put there.
        other.fillTail(withBatchesOf: 2)
        _ = try other.apply(all[3])
        _ = try other.apply(all[2])
      default: break
      }
    }
    #expect(try store.text("p0", "y") == ["of another process"])
    try expectWhole(store)
  }

  @Test func aBatchThatFailsLeavesNothing() throws {
    let all = try batches(of: 7)
    _ = try store.apply(all[0])
    var bad = all[1]
    // It knows a write of this store that this store does not know.
    let own = try store.replica().id
    let dot = Dot(own, 99)
    let record = try Record(
      fields: [
        Record.Field(
          path: FieldPath("x"),
          siblings: [try #require(all[1].records[0].checked.record.fields[0].siblings.first)],
          withheld: [])
      ],
      clock: all[1].records[0].checked.clock.joined(VersionVector(dot)), erased: VersionVector())
    bad.records.append(try incoming("bad", record))
    #expect(throws: StorageError.restored) { try store.apply(bad) }
    for batch in all[1...] { #expect(try store.apply(batch).applied == 7) }
    try expectWhole(store)
  }

  @Test func itIsFoundByItsHashAndNothingElse() throws {
    var tail = IDTail(first: 100, dataVersion: 1)
    #expect(tail.isEmpty && tail.next == 100)
    // Few different hashes, all at the end of the table: long runs that go round.
    let hashes = (0..<5_000).map { UInt32.max - UInt32($0 % 1_000) }
    for hash in hashes { tail.append(hash) }
    #expect(tail.next == 5_100)
    for (offset, hash) in hashes.enumerated() {
      let row = Int64(100 + offset)
      #expect(tail.find(hash) { $0 == row } == row)
    }
    var asked: [Int64] = []
    #expect(
      tail.find(hashes[7]) {
        asked.append($0)
        return false
      } == nil)
    #expect(asked.sorted() == [107, 1_107, 2_107, 3_107, 4_107])
    #expect(tail.find(1) { _ in true } == nil)
  }

  @Test(arguments: [(1, 1 << 17), (3 << 18, 3 << 16), (1 << 30, 1 << 18)])
  func itIsFullAtAQuarterOfWhatIsEntered(first: Int, records: Int) {
    var tail = IDTail(first: Int64(first), dataVersion: 1)
    for number in 1..<records { tail.append(UInt32(truncatingIfNeeded: number &* 2_654_435_769)) }
    #expect(!tail.isFull)
    tail.append(0)
    #expect(tail.isFull)
    tail.enter()
    #expect(!tail.isFull && tail.isEmpty && tail.isOfUse == (first == 1))
  }
}
