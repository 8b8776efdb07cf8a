import Foundation
import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncStorage
import OfficeSyncTestSupport
import Testing

@testable import OfficeSyncReplication

/// A record that is not what was written goes to nobody.
@Suite struct DamageTests {
  private static let marker = "A title that stands there once"
  private let office: TestReplica
  private let device: TestReplica

  init() throws {
    office = try TestReplica("office/rabat")
    device = try TestReplica("field/amina")
  }

  @Test func theServerSendsWhatIsSoundAndNamesTheDamaged() throws {
    let visits = try CollectionName("visits")
    try office.put("a", ["title": .text("sound")])
    try office.put("marked", ["title": .text(Self.marker)])
    try office.put("z", ["title": .text("behind it")])
    try office.put("v", ["title": .text("elsewhere")], in: visits)
    try office.flip(Self.marker)

    let result = try converse(device, with: office, [.pull, .push])
    let found = try #require(result.client.first { $0.collection == projects })
    #expect(found.error?.code == .storage)
    #expect(found.error?.side == .peer)
    #expect(found.error?.message == "the record marked in projects is damaged")
    #expect(try device.record("marked") == nil)
    // It claims to know nothing that it did not get.
    #expect(try device.view().knowledge.vector.isEmpty)
    // Other collections go on.
    #expect(try device.record("v", in: visits) != nil)
    #expect(result.client.first { $0.collection == visits }?.inSync == true)
  }

  @Test func aDeviceSendsNothingOfIt() throws {
    try device.put("a", ["title": .text("sound")])
    try device.put("marked", ["title": .text(Self.marker)])
    try device.flip(Self.marker)
    try office.put("b", ["title": .text("of the office")])

    let result = try converse(device, with: office, [.pull, .push], collections: [projects])
    #expect(result.client.first?.error?.code == .storage)
    #expect(result.client.first?.error?.side == .here)
    #expect(try office.record("marked") == nil)
    // It may go on pulling.
    let pull = try converse(device, with: office, .pull, collections: [projects])
    #expect(pull.client.first?.error == nil)
    #expect(try device.record("b") != nil)
  }

  @Test func whatIsMadeOfItIsDamagedToo() throws {
    try office.put("marked", ["title": .text(Self.marker)])
    try office.flip(Self.marker)
    // Another process writes: this one still has the page in memory.
    let again = try SQLiteStore.open(folder: office.store.folder, in: .unknown)
    try again.write(to: projects, wallMilliseconds: office.wall, note: "") { writer in
      let change = (path: try FieldPath("note"), content: Sibling.Content.value(.text("beneath")))
      _ = try writer.put(try RecordID("marked"), changes: [change], context: nil)
    }
    let result = try converse(device, with: office, .pull, collections: [projects])
    #expect(result.client.first?.error?.message == "the record marked in projects is damaged")
    #expect(try device.record("marked") == nil)
    #expect(try office.view().soundRecord(RecordID("marked")) == nil)
  }

  @Test func whatCameBeforeItIsKept() throws {
    // More than is read at a time stands before it.
    try office.fill("a", count: 100, field: "title", bytes: 4_000)
    try office.put("marked", ["title": .text(Self.marker)])
    try office.flip(Self.marker)
    _ = try converse(device, with: office, .pull, collections: [projects])
    let before = try device.view().recordCount
    #expect(before > 60)
    #expect(try device.record("marked") == nil)
  }

  @Test func aClockThatIsDamagedHidesNothing() throws {
    let record = Record()
    let difference = Difference(
      collection: projects, known: VersionVector(), resumed: VersionVector(), ownReplicas: nil)
    let id = try RecordID("marked")
    let entry = StoredEntry(
      cursor: EntryCursor(counter: 1), id: id, record: RecordEncoder.encode(record).bytes,
      checksum: 0)
    let origin = try office.store.replica().id
    #expect(throws: DamagedRecord(id: id)) { try difference.entry(for: entry, origin: origin) }
    #expect(throws: DamagedRecord(id: id)) { try difference.lowestOwnUnknown(in: entry) }
  }
}

extension TestReplica {
  /// Flips one bit of a text that stands once in the store's file.
  fileprivate func flip(_ text: String) throws {
    #expect(try store.emptyLog())
    let path = folder.path + "/store/store.sqlite"
    var bytes = try Data(contentsOf: URL(filePath: path))
    let place = try #require(bytes.range(of: Data(text.utf8)))
    bytes[place.lowerBound] ^= 1
    let file = try FileHandle(forWritingTo: URL(filePath: path))
    try file.seek(toOffset: UInt64(place.lowerBound))
    try file.write(contentsOf: [bytes[place.lowerBound]])
    try file.close()
  }
}
