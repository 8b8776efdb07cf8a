import Foundation
import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncTestSupport
import Testing

@testable import syncclient

/// What an import has worked out comes back as it was put away, from memory and from a file.
struct ImportBacklogTests {
  private let folder: TestFolder

  init() throws { folder = try TestFolder() }

  private struct Full: Error {}

  /// nil for every fifth row, which says nothing new.
  private func write(_ row: Int, textBytes: Int) throws -> PlannedWrite? {
    if row.isMultiple(of: 5) { return nil }
    let id = try RecordID("p\(row)")
    let changes: [Record.Change] = [
      (try FieldPath("a"), .value(.integer(Int64(row)))),
      (try FieldPath("المدينة"), .value(.text(String(repeating: "م", count: textBytes / 2)))),
    ]
    return row.isMultiple(of: 3)
      ? .changes(
        id, [changes, [(try FieldPath("b"), .absent)]],
        seen: VersionVector(Dot(ReplicaID(high: 1, low: 2), UInt64(row))))
      : .new(id, EncodedFields(changes))
  }

  private func backlog(
    rows: Int, textBytes: Int, requireRoom: @escaping () throws -> Void
  ) throws -> ImportBacklog {
    var backlog = ImportBacklog(folder: folder.path, requireRoom: requireRoom)
    for row in 0..<rows { try backlog.append(write(row, textBytes: textBytes)) }
    try backlog.finish()
    return backlog
  }

  /// - Returns: how many blocks there were.
  private func expectWhole(_ backlog: ImportBacklog, rows: Int, textBytes: Int) throws -> Int {
    var (row, bytesSeen) = (0, 0)
    var follow: [Bool] = []
    try backlog.forEachBlock { rows, writes, bytes, moreFollow in
      bytesSeen += bytes
      follow.append(moreFollow)
      let wanted = try (row..<row + rows).compactMap { try write($0, textBytes: textBytes) }
      #expect(writes.map { "\($0)" } == wanted.map { "\($0)" })
      row += rows
    }
    #expect(row == rows)
    #expect(bytesSeen == backlog.byteCount)
    #expect(follow == follow.indices.map { $0 < follow.count - 1 })
    return follow.count
  }

  @Test(arguments: [0, 1, 7, 20_000]) func whatIsLittleStaysInMemory(rows: Int) throws {
    let backlog = try backlog(rows: rows, textBytes: 10) { throw Full() }
    let blocks = try expectWhole(backlog, rows: rows, textBytes: 10)
    #expect(blocks == (rows + 16_383) / 16_384)
  }

  @Test func theRestGoesToAFileThatNobodySees() throws {
    let backlog = try backlog(rows: 700, textBytes: 60_000) {}
    #expect(backlog.byteCount > 32 << 20)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    for _ in 0..<2 {
      #expect(try expectWhole(backlog, rows: 700, textBytes: 60_000) > 7)
    }
  }

  @Test func itDoesNotFillTheDisk() throws {
    #expect(throws: Full.self) { try backlog(rows: 700, textBytes: 60_000) { throw Full() } }
  }
}
