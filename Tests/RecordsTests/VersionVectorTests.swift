import OfficeSyncRecords
import OfficeSyncTestSupport
import Testing

@Suite struct VersionVectorTests {
  struct Comparison: Sendable {
    let a: String
    let b: String
    let order: CausalOrder
  }

  static let comparisons = [
    Comparison(a: "", b: "", order: .equal),
    Comparison(a: "a:1", b: "a:1", order: .equal),
    Comparison(a: "a:3,b:1", b: "b:1,a:3", order: .equal),
    Comparison(a: "", b: "a:1", order: .before),
    Comparison(a: "a:1", b: "a:2", order: .before),
    Comparison(a: "a:1", b: "a:1,b:1", order: .before),
    Comparison(a: "b:1", b: "a:1,b:1,c:1", order: .before),
    Comparison(a: "a:1", b: "b:1", order: .concurrent),
    Comparison(a: "a:2,b:1", b: "a:1,b:2", order: .concurrent),
    Comparison(a: "a:1,c:1", b: "b:1,c:1", order: .concurrent),
    Comparison(a: "a:9007199254740991", b: "a:9007199254740990,b:1", order: .concurrent),
  ]

  @Test(arguments: comparisons)
  func comparesBothWays(_ comparison: Comparison) throws {
    let (a, b) = (try VersionVector(comparison.a), try VersionVector(comparison.b))
    let reverse: CausalOrder =
      switch comparison.order {
      case .before: .after
      case .after: .before
      case .equal: .equal
      case .concurrent: .concurrent
      }
    #expect(a.compare(b) == comparison.order)
    #expect(b.compare(a) == reverse)
    #expect(a.isCovered(by: b) == (comparison.order == .before || comparison.order == .equal))
    #expect(b.isCovered(by: a) == (comparison.order == .equal))
  }

  @Test(arguments: [
    ("", "a:1", "a:1", ""), ("a:3,b:1", "a:2,b:4", "a:3,b:4", "a:2,b:1"),
    ("a:1,c:2", "b:5", "a:1,b:5,c:2", ""), ("a:1", "a:1", "a:1", "a:1"),
  ])
  func joinsAndMeets(_ a: String, _ b: String, _ join: String, _ meet: String) throws {
    let (x, y) = (try VersionVector(a), try VersionVector(b))
    #expect(try x.joined(y) == VersionVector(join))
    #expect(try y.joined(x) == VersionVector(join))
    #expect(try x.met(y) == VersionVector(meet))
    #expect(try y.met(x) == VersionVector(meet))
    var joined = x
    joined.join(y)
    #expect(joined == x.joined(y))
  }

  @Test func coversDotsUpToTheCounter() throws {
    for text in ["b:3", "a:1,b:3,c:9"] {
      let vector = try VersionVector(text)
      #expect(try vector.covers(Dot(short: "b:3")))
      #expect(try vector.covers(Dot(short: "b:1")))
      #expect(try !vector.covers(Dot(short: "b:4")))
      #expect(try !vector.covers(Dot(short: "d:1")))
    }
  }

  @Test func insertsOnlyUpwardsAndDropsZero() throws {
    var vector = try VersionVector("b:2")
    vector.insert(try Dot(short: "b:1"))
    vector.insert(try Dot(short: "a:1"))
    #expect(try vector == VersionVector("a:1,b:2"))
    vector[ReplicaID(short: "b")] = 0
    #expect(try vector == VersionVector("a:1"))
    #expect(VersionVector(Dot(ReplicaID(short: "a"), 0)).isEmpty)
  }

  @Test func readsSortedEntriesAlone() throws {
    let (a, b) = (try Dot(short: "a:1"), try Dot(short: "b:1"))
    #expect(VersionVector(sorted: [a, b])?.count == 2)
    #expect(VersionVector(sorted: [b, a]) == nil)
    #expect(VersionVector(sorted: [a, a]) == nil)
    #expect(VersionVector(sorted: [Dot(a.replica, 0)]) == nil)
  }

  @Test func theLastCounterIsAnErrorAndNotATrap() throws {
    let a = ReplicaID(short: "a")
    #expect(try VersionVector("").nextDot(of: a) == Dot(short: "a:1"))
    #expect(Dot.counterMax == 9_007_199_254_740_991)
    let almost = VersionVector(Dot(a, Dot.counterMax - 1))
    #expect(try almost.nextDot(of: a).counter == Dot.counterMax)
    #expect(throws: CounterExhausted.self) {
      try VersionVector(Dot(a, Dot.counterMax)).nextDot(of: a)
    }
  }

  @Test func aVectorPrintsItsDots() throws {
    let vector = try VersionVector("b:7,a:3")
    #expect(
      "\(vector)"
        == "00000000000000000000000000000061:3,00000000000000000000000000000062:7")
  }

  @Test func dotsReadWhatTheyPrint() throws {
    let text = "00112233445566778899aabbccddeeff:7"
    #expect(Dot(text)?.description == text)
    for bad in [
      "", ":7", "00112233445566778899aabbccddeeff", "00112233445566778899aabbccddeeff:",
      "00112233445566778899aabbccddeeff:0", "00112233445566778899aabbccddeeff:9007199254740992",
      "00112233445566778899aabbccddeeff:1:2", "0011:7", "x0112233445566778899aabbccddeeff:7",
    ] {
      #expect(Dot(bad) == nil)
    }
  }

  @Test func replicasSortAsBytes() throws {
    let ids = ["00ff", "ff00", "0100", "7f00", "8000"].compactMap {
      ReplicaID(hex: $0 + String(repeating: "0", count: 28))
    }
    #expect(ids.count == 5)
    #expect(
      ids.sorted() == ids.sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) })
    #expect(ids.allSatisfy { ReplicaID(bytes: $0.bytes) == $0 })
    #expect(ReplicaID(bytes: [UInt8](repeating: 0, count: 15)) == nil)
  }
}
