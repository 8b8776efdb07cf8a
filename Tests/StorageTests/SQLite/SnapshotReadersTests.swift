#if os(Linux)
  import Foundation
  import GRDB
  import GRDBSQLite
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

    /// What the statements take that the next reader finds prepared, in bytes.
    private func statements(_ store: SQLiteStore) throws -> Int {
      try store.read { db in
        var (now, highest): (CInt, CInt) = (0, 0)
        sqlite3_db_status(db.sqliteConnection, SQLITE_DBSTATUS_STMT_USED, &now, &highest, 0)
        return Int(now)
      }
    }

    @Test func afterABurstTheNextFindsItsStatements() throws {
      let test = try TestStore(try #require(StoreEngine.all.first), "office/rabat")
      let store = try #require(test.store as? SQLiteStore)
      try store.put("r1", ["x": "1"])
      func look(_ snapshot: any CollectionSnapshot) throws {
        #expect(try snapshot.record(RecordID("r1")) != nil)
      }
      try look(store.snapshot(of: .projects))
      let before = try statements(store)
      var snapshots = try (0..<20).map { _ in try store.snapshot(of: .projects) }
      for snapshot in snapshots { try look(snapshot) }
      snapshots = []
      for _ in 0..<5 { #expect(try statements(store) >= before) }
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
