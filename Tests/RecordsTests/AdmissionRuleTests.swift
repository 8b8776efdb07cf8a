import OfficeSyncRecords
import OfficeSyncTestSupport
import Testing

/// What an office takes from a field device.
@Suite struct AdmissionRuleTests {
  private let device = ReplicaID(short: "d")
  private let office = ReplicaID(short: "o")

  private func rule() throws -> AdmissionRule {
    .own(
      replicas: [device], author: try Identity("field/amina"),
      timeMax: HybridTime(milliseconds: 1_000))
  }

  /// A record that the office wrote, then purged; and the device's edit on top.
  private func purgedAndEdited() throws -> (purged: Record, edited: Record) {
    var record = Record()
    record.write(
      [(try FieldPath("a"), .value(.integer(1)))], as: Dot(office, 1), info: try WriteInfo(at: 1))
    record.purge(as: Dot(office, 2), info: try WriteInfo(at: 2))
    let edited = try withOwnEdit(record)
    return (record, edited)
  }

  /// As a device sends it: its own write with the whole clock and what was erased.
  private func withOwnEdit(_ record: Record) throws -> Record {
    var edited = record
    edited.write(
      [(try FieldPath("b"), .value(.integer(2)))], as: Dot(device, 1),
      info: try WriteInfo(at: 3, by: "field/amina"))
    return try Record(
      fields: edited.fields.filter { $0.path != .deleted }, clock: edited.clock,
      erased: edited.erased)
  }

  @Test func aPurgeThatHasNotComeHereYetMakesTheEditWait() throws {
    let (purged, edited) = try purgedAndEdited()
    let id = try RecordID("r")
    #expect(try rule().judge(edited, id: id, held: nil) == .deferred)
    guard case .changed(let merged) = try rule().judge(edited, id: id, held: purged) else {
      Issue.record("the edit was not taken")
      return
    }
    #expect(merged.clock.covers(Dot(device, 1)))
  }

  @Test func aPurgeOfTheDevicesOwnIsRefused() throws {
    let (_, edited) = try purgedAndEdited()
    var held = Record()
    held.write(
      [(try FieldPath("a"), .value(.integer(1)))], as: Dot(office, 2), info: try WriteInfo(at: 1))
    #expect(
      try rule().judge(edited, id: try RecordID("r"), held: held) == .refused(.reserved))
    #expect(
      try rule().judge(try withOwnEdit(held), id: .schema, held: held) == .refused(.reserved))
  }

  @Test func aTimeThatIsYetToComeWaitsUnlessItIsHereAlready() throws {
    let id = try RecordID("r")
    let timeMax = HybridTime(milliseconds: 1_000)
    func written(at time: HybridTime) throws -> Record {
      var record = Record()
      let info = WriteInfo(time: time, author: try Identity("field/amina"))
      record.write([(try FieldPath("a"), .value(.integer(1)))], as: Dot(device, 1), info: info)
      return record
    }
    let (due, early) = (
      try written(at: timeMax), try written(at: HybridTime(bits: timeMax.bits + 1))
    )
    #expect(try rule().judge(due, id: id, held: nil) == .changed(due))
    #expect(try rule().judge(early, id: id, held: nil) == .deferred)
    #expect(AdmissionRule.relayed.judge(early, id: id, held: nil) == .changed(early))
    // Another office let it in, and relayed it: the device's next write to the record is no news of that one.
    var later = early
    later.write(
      [(try FieldPath("b"), .value(.integer(2)))], as: Dot(device, 2),
      info: try WriteInfo(at: 3, by: "field/amina"))
    #expect(try rule().judge(later, id: id, held: nil) == .deferred)
    #expect(try rule().judge(later, id: id, held: early) == .changed(later))
  }

  /// Only a field device withholds: taken from an office, the values would be lost.
  @Test func anOfficeWithholdsNothing() throws {
    let withheld = try Record(
      fields: [
        Record.Field(
          path: try FieldPath("a"),
          siblings: [
            Sibling(
              dot: Dot(device, 1), write: try WriteInfo(at: 1, by: "field/amina"),
              content: .value(.integer(1)))
          ], withheld: [Dot(office, 1)])
      ], clock: try VersionVector("d:1,o:1"), erased: VersionVector())
    let id = try RecordID("r")
    #expect(AdmissionRule.relayed.judge(withheld, id: id, held: nil) == .refused(.notOwn))
  }

  @Test func othersValuesAndAuthorsAreRefused() throws {
    var foreign = Record()
    foreign.write(
      [(try FieldPath("a"), .value(.integer(1)))], as: Dot(office, 1), info: try WriteInfo(at: 1))
    #expect(try rule().judge(foreign, id: try RecordID("r"), held: nil) == .refused(.notOwn))
    var misattributed = Record()
    misattributed.write(
      [(try FieldPath("a"), .value(.integer(1)))], as: Dot(device, 1),
      info: try WriteInfo(at: 1, by: "field/karim"))
    #expect(
      try rule().judge(misattributed, id: try RecordID("r"), held: nil) == .refused(.notOwn))
  }
}
