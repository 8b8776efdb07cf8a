import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncTestSupport
import Testing

/// What `PlainRecord` tells from bytes, held against what `RecordDecoder` makes of them.
@Suite struct PlainRecordTests {
  @Test func saysWhatTheRecordSays() throws {
    var (plain, others) = (0, 0)
    for seed in 0..<60 as Range<UInt64> {
      var random = RandomRecords(seed: seed)
      for record in try random.history(steps: 30) {
        if try check(RecordEncoder.encode(record).bytes) { plain += 1 } else { others += 1 }
      }
    }
    #expect(plain > 50)
    #expect(others > 1_000)
  }

  @Test func everySample() throws {
    let plain = try Samples.records().filter { try check(RecordEncoder.encode($0.record).bytes) }
    #expect(plain.map(\.name) == ["one write", "every kind of value"])
  }

  /// The shape in which nearly all records of a first pull come is not to go the long way unnoticed.
  @Test func whatWasWrittenInSeveralSittingsIsPlain() throws {
    var record = Record()
    let authors = try [Identity("office/rabat"), Identity("field/amina")]
    for (number, author) in authors.enumerated() {
      let info = WriteInfo(
        time: HybridTime(milliseconds: UInt64(2_000 - number)), author: author, note: "سميرة")
      for counter in 1...3 as ClosedRange<UInt64> {
        record.write(
          [
            (try FieldPath("milestones/m\(number)\(counter)/due"), .value(.text("أكادير"))),
            (try FieldPath("budget"), .value(.integer(-7))),
          ], as: Dot([Samples.rabat, Samples.amina][number], counter * 100), info: info)
      }
    }
    let plain = try #require(PlainRecord(RecordEncoder.encode(record).bytes))
    #expect(plain.clock == record.clock)
    #expect(plain.firstWrites == [Dot(Samples.amina, 100), Dot(Samples.rabat, 100)])
    #expect(plain.latest == HybridTime(milliseconds: 2_000))
  }

  /// Whatever passes must be what the decoder accepts, and say the same: every bit of plain records turned, every byte taken
  /// out, put in twice, and set to what ends or begins something.
  @Test func nothingPassesThatTheDecoderRefuses() throws {
    var passed = 0
    var corpus = try Samples.records().map { RecordEncoder.encode($0.record).bytes }
    for seed in 100..<104 as Range<UInt64> {
      var random = RandomRecords(seed: seed)
      corpus += try random.history(steps: 6).map { RecordEncoder.encode($0).bytes }
        .filter { PlainRecord($0) != nil }
    }
    for bytes in corpus {
      for place in bytes.indices {
        for bit in 0..<8 as Range<UInt8> {
          if try check(changed(bytes) { $0[place] ^= 1 << bit }) { passed += 1 }
        }
        for value in [0, 1, 2, 0x0F, 0x24, 0x2F, 0x7F, 0x80, 0xFF] as [UInt8] {
          if try check(changed(bytes) { $0[place] = value }) { passed += 1 }
        }
        if try check(changed(bytes) { $0.remove(at: place) }) { passed += 1 }
        if try check(changed(bytes) { $0.insert($0[place], at: place) }) { passed += 1 }
      }
      for end in bytes.indices { #expect(PlainRecord(Array(bytes[..<end])) == nil) }
      #expect(PlainRecord(bytes + [0]) == nil)
    }
    #expect(passed > 1_000)
  }

  private func changed(_ bytes: [UInt8], _ change: (inout [UInt8]) -> Void) -> [UInt8] {
    var bytes = bytes
    change(&bytes)
    return bytes
  }

  /// - Returns: whether the bytes are those of a plain record.
  private func check(_ bytes: [UInt8]) throws -> Bool {
    guard let plain = PlainRecord(bytes) else { return false }
    let decoded = try? RecordDecoder.decode(bytes)
    guard let (record, encoded) = decoded else {
      Issue.record("the decoder refuses \(Hex.text(of: bytes))")
      return true
    }
    let siblings = record.fields.flatMap(\.siblings)
    let isPlain =
      record.fields.allSatisfy { $0.siblings.count == 1 && $0.withheld.isEmpty }
      && record.erased.isEmpty && record.siblings(at: .deleted).isEmpty
      && record.clock.entries.allSatisfy { entry in
        siblings.contains { $0.dot.replica == entry.replica }
      }
    #expect(isPlain, "\(Hex.text(of: bytes))")
    #expect(plain.encoded == encoded, "\(Hex.text(of: bytes))")
    #expect(plain.clock == record.clock, "\(Hex.text(of: bytes))")
    #expect(plain.latest == siblings.map(\.write.time).max(), "\(Hex.text(of: bytes))")
    let first = record.clock.entries.map { entry in
      siblings.map(\.dot).filter { $0.replica == entry.replica }.min()
    }
    #expect(plain.firstWrites == first, "\(Hex.text(of: bytes))")
    try expectAdmission(of: plain, as: record)
    return true
  }

  /// What is admitted without a look at the fields is what a look would admit.
  private func expectAdmission(of plain: PlainRecord, as record: Record) throws {
    let siblings = record.fields.flatMap(\.siblings)
    let id = try RecordID("r")
    guard let author = siblings.first?.write.author, !record.clock.entries.isEmpty else { return }
    let replicas = Set(record.clock.entries.map(\.replica))
    let others = Set(replicas.sorted().dropLast())
    let before = HybridTime(bits: plain.latest.bits &- 1)
    let rules = [
      AdmissionRule.own(replicas: replicas, author: author, timeMax: plain.latest),
      .own(replicas: others, author: author, timeMax: plain.latest),
      .own(replicas: replicas, author: try Identity("field/nobody"), timeMax: plain.latest),
      .own(replicas: replicas, author: author, timeMax: before), .relayed,
    ]
    let verdicts = rules.map { $0.admitsUnseen(.plain(plain), id: id) }
    let isByOne = siblings.allSatisfy { $0.write.author == author }
    #expect(verdicts == [isByOne, false, false, plain.latest == .zero && isByOne, true])
    for (rule, verdict) in zip(rules, verdicts) where verdict {
      #expect(rule.judge(record, id: id, held: nil) == .changed(record))
    }
    #expect(!rules[0].admitsUnseen(.plain(plain), id: .schema))
  }
}
