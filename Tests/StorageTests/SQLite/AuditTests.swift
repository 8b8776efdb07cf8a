import Foundation
import GRDB
import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncStorage
import OfficeSyncTestSupport
import Testing

import struct OfficeSyncRecords.Record

/// A store is held against itself: whatever is damaged is found and named.
@Suite struct AuditTests {
  private static let marker = "a text that is long enough to be found in the file"
  private let folder: TestFolder

  init() throws {
    folder = try TestFolder()
    let store = try SQLiteStore.create(folder: folder.path, replica: .rabat())
    for number in 0..<60 {
      try store.put("r\(number)", ["title": "Title \(number)", "n": "\(number)"])
    }
    try store.put("marked", ["title": Self.marker])
    try store.delete("r7")
    _ = try store.emptyLog()
  }

  private func audit() throws -> StoreAudit {
    try SQLiteStore.open(folder: folder.path).audit { _, _ in }
  }

  private func change(_ sql: String, _ arguments: StatementArguments = StatementArguments()) throws
  {
    let queue = try DatabaseQueue(path: "\(folder.path)/store.sqlite")
    try queue.write { try $0.execute(sql: sql, arguments: arguments) }
    try queue.close()
  }

  @Test func aSoundStoreIsSound() throws {
    let audit = try audit()
    #expect(audit.isSound, "\(audit.damage)")
    #expect(audit.records == 61)
  }

  @Test func aFlippedBitInAValueIsNamed() throws {
    let path = "\(folder.path)/store.sqlite"
    var bytes = try Data(contentsOf: URL(filePath: path))
    let place = try #require(bytes.range(of: Data(Self.marker.utf8)))
    bytes[place.lowerBound + 5] ^= 4
    try bytes.write(to: URL(filePath: path))
    let audit = try audit()
    #expect(audit.damage.map(\.kind) == [.record])
    #expect(audit.damage.first?.id == (try RecordID("marked")))
    #expect(audit.damage.first?.collection == .projects)
    let digests = try SQLiteStore.open(folder: folder.path).snapshot(of: .projects)
      .digests(after: nil, through: nil, limit: 100)
    #expect(digests.filter(\.isDamaged).map(\.id) == [try RecordID("marked")])
  }

  @Test func everyFlippedBitOfARecordIsNoticed() throws {
    let store = try SQLiteStore.open(folder: folder.path)
    let id = try RecordID("r5")
    let record = try #require(try store.snapshot(of: .projects).record(id))
    let bytes = RecordEncoder.encode(record).bytes
    let queue = try DatabaseQueue(path: "\(folder.path)/store.sqlite")
    for bit in 0..<bytes.count * 8 {
      var altered = bytes
      altered[bit / 8] ^= 1 << (bit % 8)
      try queue.write { db in
        try db.execute(
          sql: "UPDATE record SET state = ? WHERE id = ?",
          arguments: [Data(altered), Data("r5".utf8)])
      }
      let found = try store.snapshot(of: .projects)
        .digests(after: RecordID("r49"), through: id, limit: 9).filter(\.isDamaged)
      #expect(found.map(\.id) == [id], "bit \(bit)")
    }
  }

  @Test(arguments: [
    ("UPDATE record SET state = x'00' WHERE id = CAST('r5' AS BLOB)", StoreDamage.Kind.record),
    ("UPDATE record SET live = 0 WHERE id = CAST('r5' AS BLOB)", .index),
    ("DELETE FROM clock_entry WHERE counter = 9", .index),
    ("UPDATE clock_entry SET counter = counter + 1000 WHERE counter = 9", .index),
    ("INSERT INTO clock_entry VALUES (1, 1, 4711, 3)", .index),
    ("DELETE FROM record_id WHERE id = CAST('r5' AS BLOB)", .index),
    ("UPDATE record_id SET record = 3 WHERE id = CAST('r5' AS BLOB)", .index),
    ("INSERT INTO record_id VALUES (1, CAST('none' AS BLOB), 3)", .index),
    ("UPDATE collection SET fingerprint = zeroblob(32)", .totals),
    ("UPDATE collection SET live = live + 1", .totals),
    ("DELETE FROM record WHERE id = CAST('r5' AS BLOB)", .totals),
    ("UPDATE knowledge SET counter = 3", .counter),
  ])
  func whatDoesNotFitIsFound(sql: String, kind: StoreDamage.Kind) throws {
    try change(sql)
    let audit = try audit()
    #expect(!audit.isSound)
    #expect(audit.damage.contains { $0.kind == kind }, "\(audit.damage)")
  }

  @Test(arguments: [
    "UPDATE record SET live = 0 WHERE id = CAST('r5' AS BLOB)",
    "DELETE FROM clock_entry WHERE counter = 9",
    "UPDATE clock_entry SET counter = counter + 1000 WHERE counter = 9",
    "INSERT INTO clock_entry VALUES (1, 1, 4711, 3)",
    "DELETE FROM record_id WHERE id = CAST('r5' AS BLOB)",
    "UPDATE record_id SET record = 3 WHERE id = CAST('r5' AS BLOB)",
    "INSERT INTO record_id VALUES (1, CAST('none' AS BLOB), 3)",
    "UPDATE collection SET fingerprint = zeroblob(32)", "UPDATE collection SET live = live + 1",
  ])
  func whatFollowsFromTheRecordsIsMadeAnew(sql: String) throws {
    let before = try SQLiteStore.open(folder: folder.path).snapshot(of: .projects).condition
    try change(sql)
    let store = try SQLiteStore.open(folder: folder.path)
    try store.rebuild(.projects)
    #expect(try store.audit { _, _ in }.isSound)
    #expect(try store.snapshot(of: .projects).condition == before)
  }

  @Test func aDamagedIndexPageIsFoundAndMadeAnew() throws {
    let path = "\(folder.path)/store.sqlite"
    let (page, size): (Int, Int) = try DatabaseQueue(path: path).read { db in
      let sql = "SELECT rootpage FROM sqlite_schema WHERE name = 'record_id'"
      return (
        try Int.fetchOne(db, sql: sql) ?? 0, try Int.fetchOne(db, sql: "PRAGMA page_size") ?? 0
      )
    }
    var bytes = try Data(contentsOf: URL(filePath: path))
    let index = (page - 1) * size..<page * size
    // The ID of one record, as the index has it.
    let place = try #require(bytes.range(of: Data("r33".utf8), in: index))
    bytes[place.lowerBound + 2] ^= 1
    try bytes.write(to: URL(filePath: path))
    let audit = try audit()
    #expect(audit.damage.contains { $0.kind == .index }, "\(audit.damage)")
    let store = try SQLiteStore.open(folder: folder.path)
    try store.rebuild(.projects)
    #expect(try store.audit { _, _ in }.isSound)
    #expect(try store.text("r33", "title") == ["Title 33"])
  }

  @Test func noDamagedPageStopsTheCheckOrPassesUnseen() throws {
    let path = "\(folder.path)/store.sqlite"
    let sound = try Data(contentsOf: URL(filePath: path))
    var random = SplitMix64(seed: 4)
    var found = 0
    for _ in 0..<60 {
      var bytes = sound
      // Behind the header, which says whose file it is.
      let place = Int.random(in: 100..<bytes.count, using: &random)
      bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      for suffix in ["-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) }
      try bytes.write(to: URL(filePath: path))
      do {
        if try !audit().isSound { found += 1 }
      } catch is StorageError {
        found += 1
      }
    }
    // Most of so small a file is empty space between rows, where a bit means nothing.
    #expect(found > 1, "of 60, \(found)")
  }

  @Test func damagedRecordsAreReplacedAndReadableOwnWritesKept() throws {
    let store = try SQLiteStore.open(folder: folder.path)
    let id = try RecordID("r5")
    let good = try #require(try store.snapshot(of: .projects).record(id))
    // The office has not seen this one yet.
    try store.put("r5", ["own": "unsent"])
    let newer = try #require(try store.snapshot(of: .projects).record(id))
    var bytes = RecordEncoder.encode(newer).bytes
    let place = try #require(
      bytes.indices.first { bytes[$0...].starts(with: Array("Title 5".utf8)) })
    bytes[place] ^= 1
    try change("UPDATE record SET state = ? WHERE id = ?", [Data(bytes), Data("r5".utf8)])
    #expect(try !store.audit { _, _ in }.isSound)
    try store.repair([try incoming("r5", good)], in: .projects)
    try store.rebuild(.projects)
    #expect(try store.audit { _, _ in }.isSound)
    #expect(try store.text("r5", "title") == ["Title 5"])
    #expect(try store.text("r5", "own") == ["unsent"])
    #expect(try store.snapshot(of: .projects).record(id)?.clock == newer.clock)
  }

  @Test func unreadableRecordsAreReplaced() throws {
    let store = try SQLiteStore.open(folder: folder.path)
    let before = try store.snapshot(of: .projects)
    let good = try #require(try before.record(RecordID("r5")))
    try change("UPDATE record SET state = x'ff' WHERE id = ?", [Data("r5".utf8)])
    try store.repair([try incoming("r5", good)], in: .projects)
    try store.rebuild(.projects)
    #expect(try store.audit { _, _ in }.isSound)
    #expect(try store.snapshot(of: .projects).condition == before.condition)
  }
}
