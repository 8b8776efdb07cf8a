import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncTestSupport
import Synchronization
import Testing

@testable import OfficeSyncStorage

/// What is kept free of a disk, and what is refused when it begins to be used up.
@Suite struct ReserveTests {
  private static let mebi: UInt64 = 1 << 20

  /// In MiB.
  private static let standards: [(total: UInt64, kept: UInt64)] = [
    // 5 % …
    (10_000, 500),
    // … of a large disk no more than is of use, …
    (10_000_000, 4_096),
    // … and no less than a batch and its log may need, …
    (100, 25), (200, 32),
    // … which is no reason to refuse everything on a small one.
    (24, 6), (0, 0),
  ]

  @Test(arguments: standards)
  func theStandard(total: UInt64, kept: UInt64) {
    let bytes = DiskReserve.standard.bytes(ofTotal: total * Self.mebi)
    #expect((bytes + 100) / Self.mebi == kept)
  }

  @Test func whatIsSetIsTakenAsItIs() {
    #expect(DiskReserve(percent: 10).bytes(ofTotal: 10_000_000) == 1_000_000)
    #expect(DiskReserve(percent: 0).bytes(ofTotal: .max) == 0)
    #expect(DiskReserve(percent: 99) == DiskReserve(percent: 50))
    #expect(DiskReserve(percent: 50).bytes(ofTotal: .max) <= UInt64.max / 2)
  }

  @Test func othersRecordsWaitAndOwnWorkGoesOn() throws {
    let folder = try TestFolder()
    let free = Mutex(60 * Self.mebi)
    _ = try SQLiteStore.create(folder: folder.path, replica: .rabat())
    let store = try SQLiteStore.open(folder: folder.path) { asked in
      #expect(asked == folder.path)
      return DiskSpace(freeBytes: free.withLock { $0 }, totalBytes: 1_000 * Self.mebi)
    }
    let batch = IncomingBatch(
      collection: .projects, sender: ReplicaID(short: "fes"), rule: .relayed, records: [],
      progress: nil, wallMilliseconds: 1_000)
    try store.requireRoom()
    _ = try store.apply(batch)

    free.withLock { $0 = 49 * Self.mebi }
    let full = StorageError.diskNearlyFull(freeBytes: 49 * Self.mebi, keptBytes: 50 * Self.mebi)
    #expect(throws: full) { try store.requireRoom() }
    #expect(throws: full) { try store.apply(batch) }
    try store.put("a", ["title": "Gare"])
    try store.delete("a")
    _ = try store.write(to: .projects, wallMilliseconds: 1_000, note: "") {
      try $0.purge(RecordID("a"))
    }
    #expect(try store.snapshot(of: .projects).recordCount == 1)

    store.keepReserve(DiskReserve(percent: 4))
    _ = try store.apply(batch)
  }

  @Test func theSystemSaysHowFullADiskIs() throws {
    let space = try #require(DiskSpace(ofFolder: "/"))
    #expect(space.freeBytes <= space.totalBytes)
    #expect(space.totalBytes > 1 << 20)
    #expect(DiskSpace(ofFolder: "/nowhere/at/all") == nil)
  }
}
