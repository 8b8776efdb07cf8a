#if os(Linux)
  import Foundation
  import OfficeSyncProtocol
  import OfficeSyncRecords
  import OfficeSyncTestSupport
  import Testing

  @testable import OfficeSyncStorage

  /// Connections that were needed at once stay: closing one would have libdispatch work in its pool, and look at that every second
  /// from then on.
  @Suite struct SnapshotReadersTests {
    private func openFiles(in folder: String) throws -> Int {
      try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count {
        let target = try? FileManager.default.destinationOfSymbolicLink(
          atPath: "/proc/self/fd/\($0)")
        return target?.hasPrefix(folder) == true
      }
    }

    @Test func thoseOfABurstStay() throws {
      let test = try TestStore(try #require(StoreEngine.all.first), "office/rabat")
      try test.store.put("r1", ["x": "1"])
      var snapshots = try (0..<20).map { _ in try test.store.snapshot(of: .projects) }
      for snapshot in snapshots { #expect(try snapshot.record(RecordID("r1")) != nil) }
      let open = try openFiles(in: test.folder.path)
      #expect(open > 20)
      snapshots = []
      #expect(try openFiles(in: test.folder.path) == open)
      // And are used again, for what is there now.
      try test.store.put("r1", ["x": "2"])
      snapshots = try (0..<20).map { _ in try test.store.snapshot(of: .projects) }
      for snapshot in snapshots {
        #expect(try snapshot.record(RecordID("r1"))?.fields.count == 1)
        #expect(try snapshot.knowledge.vector[test.replica.id] == 2)
      }
      #expect(try openFiles(in: test.folder.path) == open)
    }
  }
#endif
