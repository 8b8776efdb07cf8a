import OfficeSyncRecords
import OfficeSyncTestSupport
import Testing

/// Laws that every registered policy keeps, over siblings that arose in simulated life.
@Suite struct PolicyLawTests {
  private static func siblingSets(seed: UInt64) throws -> [[Sibling]] {
    var mesh = try Mesh(seed: seed, replicas: 6)
    try mesh.run(steps: 150)
    return Array(Set(mesh.snapshots.flatMap { $0.fields.map(\.siblings) }))
      .sorted { ($0.count, $0[0].dot) > ($1.count, $1[0].dot) }
  }

  @Test(arguments: Policy.allCases)
  func policiesAreDeterministicAndOrderFree(policy: Policy) throws {
    let policy = policy.behaviour
    var random = SplitMix64(seed: 99)
    var largest = 0
    for seed in UInt64(1)...2 {
      for siblings in try Self.siblingSets(seed: seed) {
        let reading = policy.reading(of: siblings)
        largest = max(largest, reading.count)
        for _ in 0..<3 {
          #expect(policy.reading(of: siblings.shuffled(using: &random)) == reading)
        }
        #expect(Set(reading).isSubset(of: siblings))
        // Reading what was read changes nothing, and each sibling is stood for once.
        #expect(policy.reading(of: reading) == reading)
        for sibling in siblings {
          #expect(reading.count { $0.content.isEquivalent(to: sibling.content) } == 1)
        }
        let current = try #require(policy.current(of: siblings))
        #expect(siblings.allSatisfy { $0 == current || policy.prefers(current, to: $0) })
        #expect(policy.reading(of: [siblings[0]]) == [siblings[0]])
        let others = reading.dropFirst()
        #expect(zip(others, others.dropFirst()).allSatisfy { $0.isNewer(than: $1) })
      }
    }
    #expect(largest >= 3)
    #expect(policy.reading(of: []) == [])
  }

  @Test(arguments: Policy.allCases)
  func preferenceIsAStrictTotalOrder(policy: Policy) throws {
    let policy = policy.behaviour
    for siblings in try Self.siblingSets(seed: 3).prefix(40) {
      for a in siblings {
        #expect(!policy.prefers(a, to: a))
        for b in siblings where a != b {
          #expect(policy.prefers(a, to: b) != policy.prefers(b, to: a))
          for c in siblings where policy.prefers(a, to: b) && policy.prefers(b, to: c) {
            #expect(policy.prefers(a, to: c))
          }
        }
      }
    }
  }
}

@Suite struct PolicyTests {
  private func sibling(_ content: Sibling.Content, at time: UInt64, _ dot: String) throws -> Sibling
  {
    Sibling(dot: try Dot(short: dot), write: try WriteInfo(at: time), content: content)
  }

  private func dots(_ policy: Policy, _ siblings: [Sibling]) -> [String] {
    policy.behaviour.reading(of: siblings).map {
      String(decoding: $0.dot.replica.bytes.suffix(1), as: UTF8.self)
    }
  }

  @Test func latestAndManualGoByTimeThenDot() throws {
    let siblings = [
      try sibling(.value(.integer(9)), at: 1, "a:1"), try sibling(.absent, at: 3, "b:1"),
      try sibling(.value(.integer(1)), at: 3, "c:1"),
      try sibling(.value(.integer(5)), at: 2, "d:1"),
    ]
    #expect(dots(.latest, siblings) == ["c", "b", "d", "a"])
    #expect(dots(.manual, siblings) == ["c", "b", "d", "a"])
  }

  @Test func maxAndMinGoBySizeAndAValueBeforeAnAbsence() throws {
    let siblings = [
      try sibling(.value(ValueTests.decimal("10.0")), at: 1, "a:1"),
      try sibling(.value(.integer(9)), at: 2, "b:1"), try sibling(.absent, at: 9, "c:1"),
    ]
    #expect(dots(.max, siblings) == ["a", "c", "b"])
    #expect(dots(.min, siblings) == ["b", "c", "a"])
  }

  @Test func presenceGoesBeforeAConcurrentAbsenceInSets() throws {
    let siblings = [
      try sibling(.value(.text("x")), at: 1, "a:1"), try sibling(.absent, at: 2, "b:1"),
    ]
    #expect(dots(.set, siblings) == ["a", "b"])
    #expect(dots(.journal, siblings) == ["a", "b"])
    #expect(dots(.latest, siblings) == ["b", "a"])
  }

  @Test func equivalentSiblingsCountAsOneAndTheCurrentStandsForThem() throws {
    let siblings = [
      try sibling(.value(.text("F\u{E8}s")), at: 1, "a:1"),
      try sibling(.value(.text("Fe\u{300}s")), at: 2, "b:1"),
    ]
    for policy in [Policy.latest, .manual, .set, .journal] {
      #expect(dots(policy, siblings) == ["b"])
    }
    // By their bytes the texts have an order, and `max` and `min` go by that.
    #expect(dots(.max, siblings) == ["a"])
    #expect(dots(.min, siblings) == ["b"])
    let numbers = [
      try sibling(.value(ValueTests.decimal("1.50")), at: 2, "a:1"),
      try sibling(.value(ValueTests.decimal("1.5")), at: 1, "b:1"),
    ]
    for policy in Policy.allCases { #expect(dots(policy, numbers) == ["a"]) }
  }

  @Test func absenceAndAValueDiffer() throws {
    let siblings = [
      try sibling(.value(.null), at: 1, "a:1"), try sibling(.absent, at: 2, "b:1"),
      try sibling(.absent, at: 3, "c:1"),
    ]
    #expect(dots(.latest, siblings) == ["c", "a"])
  }

  @Test func whatIsListedAndWhatIsOpen() {
    #expect(Policy.allCases.filter(\.behaviour.listsDisagreement) == [.latest, .manual])
    #expect(Policy.allCases.filter(\.behaviour.leavesDisagreementOpen) == [.manual])
  }
}
