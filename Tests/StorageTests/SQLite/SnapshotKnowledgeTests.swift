import GRDB
import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncTestSupport
import Testing

@testable import OfficeSyncStorage

/// What is known is read when somebody asks, and of closed origins only when they changed.
@Suite struct SnapshotKnowledgeTests {
  private let office: TestStore
  private let device: TestStore
  private let store: SQLiteStore

  init() throws {
    let engine = try #require(StoreEngine.all.first)
    office = try TestStore(engine, "office/rabat")
    device = try TestStore(engine, "field/amina")
    store = try #require(office.store as? SQLiteStore)
    try device.store.put("r1", ["x": "1"])
    let stamps = try device.store.sessionSnapshot(
      of: .projects, wallMilliseconds: 9, token: randomToken
    ).stampList(of: device.replica.id, after: 0)
    try store.adopt(
      [StampRun(origin: device.replica.id, after: nil, stamps: stamps)], in: .projects, epoch: nil)
    try Carrier(batchRecords: 7).carry(from: device, to: office)
  }

  private func closed(_ store: SQLiteStore) throws -> [Ending] {
    try store.snapshot(of: .projects).knowledge.closed.endings
  }

  @Test func whatIsClosedIsSeenByAllWhoHaveTheStoreOpen() throws {
    let other = try SQLiteStore.open(folder: office.folder.path)
    let early = try other.snapshot(of: .projects)
    for store in [store, other] { #expect(try closed(store).isEmpty) }
    let ending = try #require(
      try store.retire(device.replica.id, in: .projects, token: randomToken))
    for _ in 0..<2 {
      for store in [store, other] { #expect(try closed(store) == [ending]) }
    }
    // One from before is read after it, and leaves it as it is for later ones.
    #expect(try early.knowledge.closed.isEmpty)
    #expect(try closed(other) == [ending])
    try other.write { try SQLiteTables($0, .projects).reopen(device.replica.id) }
    for store in [store, other] { #expect(try closed(store).isEmpty) }
    try audit(store.snapshot(of: .projects))
  }

  @Test func whoReadsARecordDoesNotReadWhatIsKnown() throws {
    let sql = "UPDATE replica SET id = x'00' WHERE number IN (SELECT origin FROM knowledge)"
    try store.write { try $0.execute(sql: sql) }
    let snapshot = try store.snapshot(of: .projects)
    #expect(try snapshot.record(RecordID("r1")) != nil)
    #expect(snapshot.recordCount == 1)
    #expect(throws: StorageError.self) { try snapshot.knowledge }
  }
}
