import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncTestSupport
import Testing

@Suite struct DigestTests {
  @Test func goldenDigests() throws {
    let vectors = try VectorFile("digests").entries("good")
    let samples = [Knowledge(), try Samples.knowledge()]
    #expect(vectors.count == samples.count)
    for (vector, knowledge) in zip(vectors, samples) {
      #expect(vector["knowledge"] == Described.json(of: knowledge))
      #expect(vector["digest"] == Described.json(of: knowledge.digest))
    }
  }

  @Test func equalKnowledgeHasOneDigestInWhateverOrderItCame() throws {
    let entries = (1...20).map { Dot(ReplicaID(short: "r\($0)"), UInt64($0)) }
    var random = SplitMix64(seed: 5)
    let digests = Set(
      (0..<10).map { _ in
        Knowledge(vector: VersionVector(entries.shuffled(using: &random))).digest
      })
    #expect(digests.count == 1)
  }

  @Test func everyPartOfKnowledgeCounts() throws {
    let base = try Samples.knowledge()
    var digests: Set = [base.digest]
    var counter = base
    counter.vector.insert(Dot(Samples.casablanca, 2))
    digests.insert(counter.digest)
    var replica = base
    replica.vector.insert(Dot(Samples.id(0xD0), 1))
    digests.insert(replica.digest)
    var token = base
    token.newestStamps[Samples.amina] = Stamp(counter: 7, token: Samples.id(0x99))
    digests.insert(token.digest)
    var stamped = base
    stamped.newestStamps[Samples.rabat] = Stamp(counter: 300, token: Samples.id(0x12))
    digests.insert(stamped.digest)
    #expect(digests.count == 5)
  }

  @Test func aStampOfAnEarlierCounterDoesNotCount() throws {
    let base = try Samples.knowledge()
    var other = base
    other.newestStamps[Samples.rabat] = Stamp(counter: 127, token: Samples.id(0x99))
    #expect(other.digest == base.digest)
  }

  /// Its sender may be gone, and no stream ever bring the writes up to it.
  @Test func aStampOfALaterCounterCounts() throws {
    var ahead = try Samples.knowledge()
    ahead.newestStamps[Samples.amina] = Stamp(counter: 9, token: Samples.id(0x99))
    #expect(ahead.digest != (try Samples.knowledge().digest))
    ahead.newestStamps[Samples.rabat] = Stamp(counter: 301, token: Samples.id(0x12))
    ahead.newestStamps[Samples.casablanca] = Stamp(counter: 2, token: Samples.id(0x13))
    #expect(ahead.isStamped)
  }

  @Test func knowledgeIsStampedIfEveryLastWriteIs() throws {
    #expect(Knowledge().isStamped)
    var knowledge = try Samples.knowledge()
    #expect(!knowledge.isStamped)
    knowledge.newestStamps[Samples.rabat] = Stamp(counter: 300, token: Samples.id(0x12))
    #expect(!knowledge.isStamped)
    knowledge.newestStamps[Samples.casablanca] = Stamp(counter: 1, token: Samples.id(0x13))
    #expect(knowledge.isStamped)
  }

  @Test func digestsHaveThirtyTwoBytes() {
    #expect(KnowledgeDigest(bytes: [UInt8](repeating: 1, count: 32)) != nil)
    #expect(KnowledgeDigest(bytes: [UInt8](repeating: 1, count: 31)) == nil)
    #expect(KnowledgeDigest(bytes: [UInt8](repeating: 1, count: 33)) == nil)
  }
}
