import Foundation
import GRDB
import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncTestSupport
import Testing

@testable import OfficeSyncStorage

/// Files of every format that there has been, each made by a program of its time (`scripts/make-store`).
@Suite struct FormatTests {
  private static let formats = Array(1...Migrations.currentFormat)

  private func kept(_ format: Int) throws -> (folder: TestFolder, status: JSONValue) {
    let status = try String(
      contentsOfFile: KeptStore.path(format: format) + ".json", encoding: .utf8)
    return (try KeptStore.copy(format: format), try JSONValue(parsing: status))
  }

  @Test(arguments: formats)
  func everythingInItIsRead(format: Int) throws {
    let (folder, status) = try kept(format)
    let store = try SQLiteStore.open(folder: folder.path, in: .unknown)
    let audit = try store.audit { _, _ in }
    #expect(audit.isSound, "\(audit.damage)")
    #expect(try status["replica"]?["id"]?.text == store.replica().id.description)
    let told = status["collections"]?.items ?? []
    #expect(try told.map { $0["name"]?.text } == store.collections().map(\.text))
    for collection in told {
      let name = try CollectionName(try #require(collection["name"]?.text))
      let snapshot = try store.snapshot(of: name)
      #expect(try collection["fingerprint"]?.text == snapshot.condition.fingerprint.description)
      #expect(collection["records"]?.number == String(snapshot.liveRecordCount))
      #expect(collection["conflicts"]?.number == String(snapshot.openConflictCount))
      let records = try snapshot.records(after: nil, limit: .max)
      #expect(records.count == Int(snapshot.recordCount))
      #expect(try snapshot.schema().problems == [])
    }
    let projects = try store.snapshot(of: .projects)
    #expect(try projects.history(of: RecordID("of-office")).count == 1)
    #expect(try store.standingPeers().count == 1)
    #expect(try store.enrolmentOffers().count == (format < 2 ? 0 : 1))
    #expect(try store.contacts().count == 1)
    #expect(try store.grants().count == 3)
    #expect(try store.peers().contains { $0.retiredMilliseconds != nil })
    // And written to.
    #expect(try store.put("new", ["title": "Nouveau"]) != nil)
    #expect(try store.audit { _, _ in }.isSound)
  }

  /// Migrated or new, it is the same database: so nobody edits a migration whose files are out there.
  @Test(arguments: formats)
  func itBecomesWhatANewOneIs(format: Int) throws {
    let (folder, _) = try kept(format)
    func schema(_ store: SQLiteStore) throws -> [String] {
      try store.read {
        try String.fetchAll(
          $0, sql: "SELECT type || ' ' || name || ' ' || coalesce(sql, '') FROM sqlite_schema")
      }.sorted()
    }
    let fresh = try TestFolder()
    #expect(
      try schema(SQLiteStore.open(folder: folder.path, in: .unknown))
        == schema(SQLiteStore.create(folder: fresh.path, replica: .rabat())))
  }
}

extension JSONValue {
  fileprivate subscript(_ name: String) -> JSONValue? {
    if case .object(let members) = self { members.first { $0.name == name }?.value } else { nil }
  }

  fileprivate var items: [JSONValue] { if case .array(let items) = self { items } else { [] } }
  fileprivate var text: String? { if case .string(let text) = self { text } else { nil } }
  fileprivate var number: String? { if case .number(let text) = self { text } else { nil } }
}
