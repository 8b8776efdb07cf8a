import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncTestSupport
import Testing

@testable import OfficeSyncReplication

/// A deletion saw a write that two copies of its office have given a new name each.
@Suite struct DeletionNamesTests {
  private let deleter = ReplicaID(short: "deleter")
  private let path: FieldPath

  init() throws { path = try FieldPath("title") }

  private func record(seenAs name: ReplicaID) throws -> Record {
    var record = Record()
    record.write(
      [(path, .value(.text("Future Hub")))], as: Dot(name, 2),
      info: try WriteInfo(at: 1_795_512_600_000, by: "office/casablanca"))
    record.write(
      [Deletion.change(seeing: record.clock)], as: Dot(deleter, 1),
      info: try WriteInfo(at: 1_795_512_660_000, by: "office/rabat"))
    // What the deletion overtook came back with a write beside it.
    var beside = Record()
    beside.write(
      [(path, .value(.text("Future Hub")))], as: Dot(name, 2),
      info: try WriteInfo(at: 1_795_512_600_000, by: "office/casablanca"))
    try record.merge(beside)
    return record
  }

  private func delta(of record: Record, newAs name: ReplicaID, to known: VersionVector) throws
    -> Record
  {
    let difference = Difference(
      collection: projects, known: known, resumed: VersionVector(), ownReplicas: nil)
    let row = StoredEntry(
      cursor: EntryCursor(counter: 2, row: 1), id: try RecordID("future-hub"), of: projects,
      RecordEncoder.encode(record))
    let entry = try #require(try difference.entry(for: row, origin: name))
    return try RecordDecoder.decode(entry.record).0
  }

  @Test func bothTakeInWhatItSawByTheOthersName() throws {
    let (one, other) = (ReplicaID(short: "one"), ReplicaID(short: "other"))
    var (here, there) = (try record(seenAs: one), try record(seenAs: other))
    let (toThere, toHere) = (
      try delta(of: here, newAs: one, to: there.clock),
      try delta(of: there, newAs: other, to: here.clock)
    )
    try here.merge(toHere)
    try there.merge(toThere)
    #expect(here == there)
    let deletion = try #require(here.siblings(at: .deleted).first?.value)
    #expect(
      Deletion.clock(in: deletion)
        == VersionVector(Dot(one, 2)).joined(VersionVector(Dot(other, 2))))
  }
}
