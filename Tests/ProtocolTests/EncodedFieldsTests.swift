import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncTestSupport
import Testing

/// What is worked out of a new record before its write has a name, held against the record that the write makes.
@Suite struct EncodedFieldsTests {
  private let dot = Dot(Samples.rabat, 300)

  private func info() throws -> WriteInfo {
    WriteInfo(
      time: HybridTime(milliseconds: 1_700_000_000_000, logical: 3),
      author: try Identity("office/rabat"), note: "سميرة")
  }

  private func expectTheSame(_ changes: [Record.Change]) throws {
    var record = Record()
    record.write(changes, as: dot, info: try info())
    let made = try EncodedFields(changes).record(as: dot, info: info())
    #expect(made.encoded == RecordEncoder.encode(record))
    #expect(try made.record == record)
    let kept = EncodedFields(kept: EncodedFields(changes).bytes)
    #expect(try kept.record(as: dot, info: info()) == made)
  }

  @Test func theyMakeTheRecordThatTheWriteMakes() throws {
    try expectTheSame([(FieldPath("budget"), .value(.integer(-7)))])
    try expectTheSame([
      (.deleted, Deletion.change(seeing: VersionVector()).content),
      (FieldPath("milestones/m1/due"), .value(.date(try #require(CivilDate("2026-11-30"))))),
      (FieldPath("titre"), .absent),
      (FieldPath("المدينة"), .value(.text("أكادير"))),
    ])
    for sample in try Samples.records() {
      let changes = sample.record.fields.map { ($0.path, $0.siblings[0].content) }
      if !changes.isEmpty { try expectTheSame(changes) }
    }
  }

  @Test func whatWasNotMadeHereIsRefused() throws {
    let bytes = EncodedFields([(try FieldPath("a"), .value(.text("b")))]).bytes
    for end in bytes.indices {
      #expect(throws: CodecError.self) {
        try EncodedFields(kept: Array(bytes[..<end])).record(as: dot, info: info())
      }
    }
    #expect(throws: CodecError.self) {
      try EncodedFields(kept: bytes + [0]).record(as: dot, info: info())
    }
  }
}
