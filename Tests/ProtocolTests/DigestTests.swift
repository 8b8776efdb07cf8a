import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncTestSupport
import Testing

@Suite struct DigestTests {
  @Test func goldenDigests() throws {
    let vectors = try VectorFile("digests").entries("good")
    let samples = [Knowledge(), try Samples.knowledge(), Samples.closing()]
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

  /// What nothing can be added to weighs the same however much it is, and its order is each store's own.
  @Test func closedOriginsCountByTheirSum() {
    let endings = (1...20).map {
      Ending(
        origin: ReplicaID(short: "r\($0)"),
        stamp: Stamp(counter: UInt64($0), token: Samples.id(UInt64($0))))
    }
    let all = Knowledge(closed: endings)
    #expect(Knowledge(closed: endings.reversed()) == all)
    #expect(Set([Knowledge(closed: endings.reversed()), all]).count == 1)
    #expect(Knowledge(closed: endings.reversed()).digest == all.digest)
    #expect(Knowledge(closed: Array(endings.dropLast())).digest != all.digest)
    #expect(all.open.isEmpty && all.vector.count == 20)
    // Not closed they are other knowledge: whoever has not closed them has to hear why.
    #expect(Knowledge(vector: all.vector, newestStamps: all.newestStamps).digest != all.digest)
    for count in 0...20 {
      let first = Knowledge(closed: Array(endings.prefix(count)))
      #expect(all.closed.count(summingTo: first.closed.sum) == count)
      var whole = all.leavingOut(count)
      #expect(whole.vector.count == 20 - count)
      whole.add(closed: first.closed.endings)
      #expect(whole == all)
      var told = all.leavingOut(count)
      let open = Dot(ReplicaID(short: "open"), 7)
      told.vector.insert(open)
      told.add(closedFirst: count, of: all)
      #expect(told.closed == all.closed && told.newestStamps == all.newestStamps)
      #expect(told.open == VersionVector(open) && told.vector.count == 21)
      #expect(endings.allSatisfy(told.closed.contains))
      #expect(!told.closed.contains(Ending(origin: endings[0].origin, stamp: endings[1].stamp)))
    }
    let other = Knowledge(closed: Array(endings.suffix(3)))
    #expect(all.closed.count(summingTo: other.closed.sum) == nil)
  }

  /// By origin, counter, token, and a fork's before a retirement's.
  @Test func endingsAreSorted() {
    func ending(_ origin: UInt64, _ stamp: Stamp?, isRetirement: Bool = false) -> Ending {
      Ending(origin: Samples.id(origin), stamp: stamp, isRetirement: isRetirement)
    }
    let (early, late) = (
      Stamp(counter: 5, token: Samples.id(1)), Stamp(counter: 5, token: Samples.id(2))
    )
    let sorted = [
      ending(1, nil), ending(1, early), ending(1, late), ending(1, late, isRetirement: true),
      ending(1, Stamp(counter: 6, token: Samples.id(1))), ending(2, nil),
    ]
    #expect(sorted.reversed().sorted() == sorted)
  }

  @Test func straysCount() {
    var other = Samples.closing()
    other.strays = [:]
    #expect(other.digest != Samples.closing().digest)
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
