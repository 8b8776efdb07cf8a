import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncTestSupport
import Testing

@Suite struct RecordCodecTests {
  @Test func goldenBytes() throws {
    let samples = try Samples.records()
    let vectors = try VectorFile("records").entries("good")
    #expect(try vectors.map { try $0.text("name") } == samples.map(\.name))
    for (vector, sample) in zip(vectors, samples) {
      let encoded = RecordEncoder.encode(sample.record)
      #expect(encoded.bytes == (try vector.hex("hex")), "\(sample.name)")
      #expect(String(encoded.bodyCount) == (try vector.number("bodyBytes")))
      #expect(vector["record"] == Described.json(of: sample.record))
      let (decoded, again) = try RecordDecoder.decode(encoded.bytes)
      #expect(decoded == sample.record)
      #expect(again == encoded)
      let fingerprint = Fingerprint(
        collection: try CollectionName("casablanca-settat"), id: try RecordID("future-hub"),
        record: encoded)
      #expect(try vector.text("fingerprint") == fingerprint.description)
    }
  }

  @Test func refused() throws {
    for vector in try VectorFile("records").entries("bad") {
      let bytes = try vector.hex("hex")
      let error = #expect(throws: CodecError.self, "\(vector)") { try RecordDecoder.decode(bytes) }
      #expect(try vector.text("error") == error.map { caseName(of: $0) }, "\(vector)")
    }
  }

  /// Whether it was told from its bytes, or read, or made here.
  @Test func checkedRecordsAreTheSameWhereTheirBytesAre() throws {
    let records = try Samples.records().map(\.record)
    let made = records.map { CheckedRecord($0) }
    let read = try made.map { try CheckedRecord($0.encoded.bytes) }
    #expect(read == made)
    #expect(Set(read + made).count == Set(records).count)
    #expect(try read.map { try $0.record } == records)
  }

  @Test func everyTruncationIsTruncated() throws {
    for sample in try Samples.records() {
      let bytes = RecordEncoder.encode(sample.record).bytes
      for end in 0..<bytes.count {
        #expect(throws: CodecError.truncated, "\(sample.name) to \(end)") {
          try RecordDecoder.decode(Array(bytes[..<end]))
        }
      }
      #expect(throws: CodecError.trailing(bytes: 2)) { try RecordDecoder.decode(bytes + [0, 0]) }
    }
  }

  @Test func randomRecordsComeBack() throws {
    var records = 0
    for seed in 0..<40 as Range<UInt64> {
      var random = RandomRecords(seed: seed)
      for record in try random.history(steps: 30) {
        let encoded = RecordEncoder.encode(record)
        let (decoded, again) = try RecordDecoder.decode(encoded.bytes)
        #expect(decoded == record, "seed \(seed)")
        #expect(again == encoded, "seed \(seed)")
        records += 1
      }
    }
    #expect(records > 1_000)
  }

  @Test func bodyDoesNotDependOnTheClock() throws {
    var random = RandomRecords(seed: 7)
    for record in try random.history(steps: 40) {
      var clock = record.clock
      clock.insert(Dot(ReplicaID(short: "another"), 9))
      let later = try Record(fields: record.fields, clock: clock, erased: record.erased)
      let (a, b) = (RecordEncoder.encode(record), RecordEncoder.encode(later))
      #expect(a.bodyCount == b.bodyCount)
      #expect(a.bytes[..<a.bodyCount] == b.bytes[..<b.bodyCount])
      #expect(a.bytes != b.bytes)
    }
  }

  @Test func oneWriteHoldsNoMoreThanOneWriteMay() throws {
    func encoded(paths: Int, text: Int) throws -> [UInt8] {
      var record = Record()
      let value = Sibling.Content.value(.text(String(repeating: "x", count: text)))
      record.write(
        try (0..<paths).map { (path: try FieldPath("f\($0)"), content: value) },
        as: Dot(ReplicaID(short: "a"), 1), info: try WriteInfo(at: 1))
      return RecordEncoder.encode(record).bytes
    }
    _ = try RecordDecoder.decode(try encoded(paths: WriteLimits.pathsMax, text: 1))
    _ = try RecordDecoder.decode(try encoded(paths: 4, text: WriteLimits.textBytesMax))
    #expect(throws: CodecError.overLimit("paths of one write", max: WriteLimits.pathsMax)) {
      try RecordDecoder.decode(try encoded(paths: WriteLimits.pathsMax + 1, text: 1))
    }
    #expect(throws: CodecError.overLimit("bytes of one write", max: WriteLimits.valueBytesMax)) {
      try RecordDecoder.decode(try encoded(paths: 5, text: WriteLimits.textBytesMax))
    }
  }

  /// What merging adds up to is larger than any write, and is taken.
  @Test func mergedRecordsMayBeLarger() throws {
    var record = Record()
    for counter in 1...3 as ClosedRange<UInt64> {
      record.write(
        try (0..<1_000).map {
          (path: try FieldPath("w\(counter)/f\($0)"), content: .value(.integer(Int64($0))))
        },
        as: Dot(ReplicaID(short: "a"), counter), info: try WriteInfo(at: counter))
    }
    let encoded = RecordEncoder.encode(record)
    #expect(try RecordDecoder.decode(encoded.bytes).0 == record)
  }
}
