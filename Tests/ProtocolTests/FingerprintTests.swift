import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncTestSupport
import Testing

@Suite struct FingerprintTests {
  private func random(_ generator: inout SplitMix64) throws -> Fingerprint {
    // Often long runs of one bits, so that sums carry from word to word.
    let bytes = (0..<32).map { _ in
      generator.oneIn(2) ? 0xFF : UInt8.random(in: 0...255, using: &generator)
    }
    return try #require(Fingerprint(bytes: bytes))
  }

  @Test func additiveLaws() throws {
    var generator = SplitMix64(seed: 6)
    for _ in 0..<2_000 {
      let (a, b, c) = (
        try random(&generator), try random(&generator), try random(&generator)
      )
      #expect(a + b == b + a)
      #expect((a + b) + c == a + (b + c))
      #expect(a + .zero == a)
      #expect(a - a == .zero)
      #expect((a + b) - b == a)
      #expect((a - b) + b == a)
    }
  }

  @Test func goldenSums() throws {
    for vector in try VectorFile("fingerprints").entries("sums") {
      let (a, b) = (
        try #require(Fingerprint(bytes: try vector.hex("a"))),
        try #require(Fingerprint(bytes: try vector.hex("b")))
      )
      #expect((a + b).bytes == (try vector.hex("sum")))
    }
  }

  @Test func goldenCollection() throws {
    let vectors = try VectorFile("fingerprints").entries("collections")
    #expect(!vectors.isEmpty)
    for vector in vectors {
      let collection = try CollectionName(try vector.text("collection"))
      var sum = Fingerprint.zero
      for entry in try vector.list("records") {
        let (_, encoded) = try RecordDecoder.decode(try entry.hex("hex"))
        let id = try RecordID(bytes: Array(try entry.text("id").utf8))
        sum = sum + Fingerprint(collection: collection, id: id, record: encoded)
      }
      #expect(sum.description == (try vector.text("fingerprint")))
    }
  }

  @Test func bytesComeBack() throws {
    var generator = SplitMix64(seed: 7)
    let fingerprint = try random(&generator)
    #expect(Fingerprint(bytes: fingerprint.bytes) == fingerprint)
    #expect(fingerprint.description == Hex.text(of: fingerprint.bytes))
    #expect(Fingerprint(bytes: fingerprint.bytes.dropLast()) == nil)
  }

  /// Kept up to date write by write, in any order of records, it comes to the sum over the final states.
  @Test func keptUpToDateInAnyOrder() throws {
    let collection = try CollectionName("souss-massa")
    var histories: [(id: RecordID, states: [EncodedRecord])] = []
    for seed in 0..<6 as Range<UInt64> {
      var records = RandomRecords(seed: seed)
      histories.append(
        (try RecordID("r\(seed)"), try records.history(steps: 12).map(RecordEncoder.encode)))
    }
    var expected = Fingerprint.zero
    for (id, states) in histories {
      let last = try #require(states.last)
      expected = expected + Fingerprint(collection: collection, id: id, record: last)
    }
    var random = SplitMix64(seed: 8)
    for _ in 0..<5 {
      var kept = Fingerprint.zero
      var next = histories.map { _ in 0 }
      while let index = next.indices.filter({ next[$0] < histories[$0].states.count })
        .randomElement(using: &random)
      {
        let (id, states) = histories[index]
        if next[index] > 0 {
          kept = kept - Fingerprint(collection: collection, id: id, record: states[next[index] - 1])
        }
        kept = kept + Fingerprint(collection: collection, id: id, record: states[next[index]])
        next[index] += 1
      }
      #expect(kept == expected)
    }
  }

  @Test func collectionAndRecordCount() throws {
    let record = RecordEncoder.encode(try Samples.records()[1].record)
    let (a, b) = (try CollectionName("a"), try CollectionName("ab"))
    let parts = Set([
      Fingerprint(collection: a, id: try RecordID("bc"), record: record),
      // The same letters, cut elsewhere.
      Fingerprint(collection: b, id: try RecordID("c"), record: record),
      Fingerprint(collection: a, id: try RecordID("c"), record: record),
    ])
    #expect(parts.count == 3)
  }
}
