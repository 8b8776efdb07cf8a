import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncTestSupport
import Testing

@testable import OfficeSyncReplication

/// A push costs what changed, not what the record holds.
@Suite struct PushSizeTests {
  private let office = ReplicaID(short: "office")
  private let device = ReplicaID(short: "device")

  /// 200 fields of 500 bytes by the office, then one changed by the device.
  private func largeRecord() throws -> Record {
    var record = Record()
    let fields = try (0..<200).map {
      (
        path: try FieldPath("section/field-\($0)"),
        content: Sibling.Content.value(.text(String(repeating: "x", count: 500)))
      )
    }
    record.write(
      fields, as: Dot(office, 1),
      info: try WriteInfo(at: 1_795_512_600_000, by: "office/casablanca"))
    record.write(
      [(try FieldPath("section/field-7"), .value(.text("a new text of some length")))],
      as: Dot(device, 1), info: try WriteInfo(at: 1_795_512_660_000, by: "field/amina"))
    return record
  }

  private func frameBytes(ownReplicas: Set<ReplicaID>?) throws -> Int {
    let stored = RecordEncoder.encode(try largeRecord())
    #expect(stored.bytes.count > 100_000)
    let difference = Difference(
      collection: projects, known: VersionVector(Dot(office, 1)), resumed: VersionVector(),
      ownReplicas: ownReplicas)
    let row = StoredEntry(
      cursor: EntryCursor(counter: 1, row: 1), id: try RecordID("future-hub"), of: projects, stored)
    let entry = try #require(try difference.entry(for: row, origin: device))
    let (delta, _) = try RecordDecoder.decode(entry.record)
    #expect(delta.fields.map(\.path.description) == ["section/field-7"])
    return Message.records(Records(channel: 1, entries: [entry])).frame.encoded.count
  }

  @Test func deviceSendsTheChangedFieldAlone() throws {
    let bytes = try frameBytes(ownReplicas: [device])
    #expect(bytes < 500)
  }

  @Test func officeSendsTheChangedFieldAlone() throws {
    let bytes = try frameBytes(ownReplicas: nil)
    #expect(bytes < 500)
  }
}
