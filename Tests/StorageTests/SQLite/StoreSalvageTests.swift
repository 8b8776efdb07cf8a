import Foundation
import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncStorage
import OfficeSyncTestSupport
import Testing

/// Pages of a store's file that cannot be read take with them what stood on them, and nothing else.
@Suite struct StoreSalvageTests {
  private static let pageBytes = 4_096
  private let folder: TestFolder
  private var path: String { folder.path + "/store.sqlite" }

  init() throws {
    folder = try TestFolder()
  }

  /// Some hundred records in several pages, in two collections; everything is in the file itself.
  /// - Returns: who wrote them.
  private func fill() throws -> ReplicaID {
    let store = try SQLiteStore.create(folder: folder.path, replica: .rabat())
    let text = String(repeating: "convention ", count: 40)
    for number in 0..<300 {
      try store.put("P\(1_000 + number)", ["title": "Projet \(number) \(text)"])
    }
    try store.write(to: CollectionName("visits"), wallMilliseconds: 1, note: "") { writer in
      for number in 0..<5 {
        _ = try writer.put(
          RecordID("V\(number)"), changes: [(FieldPath("x"), .value(.integer(Int64(number))))],
          context: nil)
      }
    }
    _ = try store.emptyLog()
    return try store.replica().id
  }

  /// Makes the page on which a text stands one of no kind.
  private func breakPage(of text: String) throws {
    var bytes = try Data(contentsOf: URL(filePath: path))
    let place = try #require(bytes.range(of: Data(text.utf8))?.lowerBound)
    try breakPage(at: place / Self.pageBytes, in: &bytes)
  }

  private func breakPage(at number: Int, in bytes: inout Data) throws {
    bytes[number * Self.pageBytes] ^= 0x40
    try bytes.write(to: URL(filePath: path))
  }

  private func salvage() throws -> StoreSalvage {
    try StoreSalvage(ofFolder: folder.path, nowMilliseconds: 7)
  }

  @Test func whatStandsOnOtherPagesIsSaved() throws {
    let former = try fill()
    try breakPage(of: "Projet 150 ")
    let salvage = try salvage()
    let lost = try #require(salvage.lost[.projects])
    // A page holds about eight.
    #expect((1...20).contains(lost))
    #expect(salvage.lost.count == 1)
    let store = try SQLiteStore.open(folder: folder.path)
    #expect(store.healing == nil)
    #expect(try store.audit { _, _ in }.isSound)
    let snapshot = try store.snapshot(of: .projects)
    #expect(snapshot.recordCount == 300 - lost)
    #expect(try snapshot.record(RecordID("P1150")) == nil)
    #expect(try snapshot.record(RecordID("P1001")) != nil)
    // Own writes go by another name: others may know more of the old one.
    #expect(try store.replica().id == salvage.replica.id)
    #expect(salvage.replica.id != former)
    #expect(try store.isRecovering)
    // Nothing of the collection counts as known but under the new name; of the other all does.
    #expect(try snapshot.knowledge.vector.entries.allSatisfy { $0.replica == salvage.replica.id })
    let visits = try store.snapshot(of: CollectionName("visits"))
    #expect(visits.recordCount == 5)
    // The old file is there still.
    #expect(FileManager.default.fileExists(atPath: salvage.replaced))
    #expect(salvage.replaced == path + ".damaged-7")
    // And it is a store like any other.
    #expect(try store.put("new", ["title": "Neuf"]) != nil)
  }

  /// Whichever page it is: either nothing is lost but what stood there, or it is said that nothing can be done, and the file is as
  /// it was.
  @Test func everyPageMayBreak() throws {
    _ = try fill()
    let whole = try Data(contentsOf: URL(filePath: path))
    let pages = whole.count / Self.pageBytes
    var saved = 0
    for page in 1..<pages {
      for suffix in ["-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) }
      var bytes = whole
      try breakPage(at: page, in: &bytes)
      do {
        let salvage = try salvage()
        saved += 1
        let store = try SQLiteStore.open(folder: folder.path)
        let audit = try store.audit { _, _ in }
        #expect(audit.isSound, "page \(page): \(audit.damage)")
        let count = try store.snapshot(of: .projects).recordCount
        #expect(count + (salvage.lost[.projects] ?? 0) == 300, "page \(page)")
      } catch StorageError.damaged {
        #expect(try Data(contentsOf: URL(filePath: path)) == bytes, "page \(page)")
      }
    }
    #expect(saved > pages / 2, "\(saved) of \(pages)")
  }

  @Test func aStoreThatIsSoundLosesNothing() throws {
    _ = try fill()
    let before = try SQLiteStore.open(folder: folder.path).snapshot(of: .projects)
    let salvage = try salvage()
    #expect(salvage.lost.isEmpty && !salvage.hasGaps)
    let store = try SQLiteStore.open(folder: folder.path)
    let after = try store.snapshot(of: .projects)
    #expect(after.recordCount == before.recordCount)
    #expect(try store.audit { _, _ in }.isSound)
  }

  @Test func whoseStoreItIsHasToBeReadable() throws {
    _ = try fill()
    let bytes = Data("no store at all".utf8)
    try bytes.write(to: URL(filePath: path))
    #expect(throws: StorageError.self) { try salvage() }
    #expect(try Data(contentsOf: URL(filePath: path)) == bytes)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder.path).count {
        $0.contains(".new-")
      } == 0)
  }
}
