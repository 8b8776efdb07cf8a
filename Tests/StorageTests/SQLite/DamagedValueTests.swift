import GRDB
import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncTestSupport
import Testing

@testable import OfficeSyncStorage

/// A damaged file may hold values of any kind in any place, whatever its tables declare. Whoever reads them is told, and the program goes on.
@Suite struct DamagedValueTests {
  private static let kinds = ["NULL", "x'00'", "'x'", "-1", "1.5", "9223372036854775807"]

  @Test(arguments: kinds) func noValueOfAnotherKindEndsTheProgram(kind: String) throws {
    let columns = try loosened().read { db in
      try Row.fetchAll(
        db,
        sql: """
          SELECT m.name, c.name FROM sqlite_schema AS m JOIN pragma_table_info(m.name) AS c
          WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%'
          """
      ).map { (table: $0[0] as String, column: $0[1] as String) }
    }
    #expect(columns.count > 60)
    var (told, altered) = (0, 0)
    for (table, column) in columns {
      let folder = try KeptStore.copy(format: Migrations.currentFormat)
      let isAltered = try loosened(folder).write { db in
        // Some columns take no such value even so, as a row's number.
        do {
          try db.execute(sql: "UPDATE OR REPLACE \(table) SET \(column) = \(kind)")
          return db.changesCount > 0
        } catch is DatabaseError {
          return false
        }
      }
      if !isAltered { continue }
      altered += 1
      do {
        let store = try SQLiteStore.open(folder: folder.path, in: .unknown)
        if readAll(store) { told += 1 }
      } catch is StorageError {
        told += 1
      }
    }
    #expect(altered > 50)
    #expect(told > 10)
  }

  /// A database whose tables take anything.
  private func loosened(_ folder: TestFolder? = nil) throws -> DatabaseQueue {
    let folder = try folder ?? KeptStore.copy(format: Migrations.currentFormat)
    let path = "\(folder.path)/store.sqlite"
    try DatabaseQueue(path: path).writeWithoutTransaction { db in
      try db.execute(
        sql: """
          PRAGMA writable_schema = ON;
          UPDATE sqlite_schema
          SET sql = replace(replace(replace(sql, 'STRICT, ', ''), 'STRICT', ''), ' NOT NULL', '')
          WHERE type = 'table';
          """)
    }
    return try DatabaseQueue(path: path)
  }

  /// - Returns: whether some reader threw.
  private func readAll(_ store: SQLiteStore) -> Bool {
    let readers: [() throws -> Void] = [
      { _ = try store.replica() }, { _ = try store.audit { _, _ in } },
      { _ = try store.standingPeers() }, { _ = try store.contacts() }, { _ = try store.peers() },
      { _ = try store.grants() }, { _ = try store.revocations() },
      { _ = try store.enrolmentOffers() }, { try readRecords(store) },
      { _ = try store.put("new", ["title": "Nouveau"]) },
    ]
    var hasThrown = false
    for reader in readers {
      do { try reader() } catch {
        hasThrown = true
        #expect(error is StorageError || error is CodecError || error is NameError, "\(error)")
      }
    }
    return hasThrown
  }

  private func readRecords(_ store: SQLiteStore) throws {
    for collection in try store.collections() {
      let snapshot = try store.snapshot(of: collection)
      _ = (try snapshot.refusals, try snapshot.schema(), try snapshot.recordsWithOpenConflicts())
      for (id, record) in try snapshot.records(after: nil, limit: .max) {
        _ = try snapshot.history(of: id)
        for entry in record.clock.entries { _ = try snapshot.session(of: entry) }
      }
    }
  }
}
