import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncStorage
import OfficeSyncTestSupport
import Testing

@testable import OfficeSyncReplication

@Suite struct RelayTests {
  private func pair() throws -> (TestReplica, TestReplica) {
    let (casa, rabat) = (try TestReplica("office/casa"), try TestReplica("office/rabat"))
    try casa.fill("p", count: 12, field: "text", bytes: 6_000)
    try rabat.fill("q", count: 12, field: "text", bytes: 6_000)
    return (casa, rabat)
  }

  private func expectSame(
    _ one: TestReplica, _ other: TestReplica, _ why: Comment? = nil,
    _ location: SourceLocation = #_sourceLocation
  ) throws {
    #expect(
      try one.view().knowledge == other.view().knowledge, why, sourceLocation: location)
    #expect(
      try one.view().condition == other.view().condition, why, sourceLocation: location)
  }

  @Test func eitherGetsWhatItLacks() throws {
    let (casa, rabat) = try pair()
    var relay = try VirtualRelay(casa, rabat)
    try relay.run()
    #expect(relay.session.isClosed)
    #expect(relay.only?.inSync == true)
    #expect(relay.only?.flows[.from]?.carried == 12)
    #expect(relay.only?.flows[.to]?.carried == 12)
    #expect(relay.only?.flows[.from]?.result?.applied == 12)
    try expectSame(casa, rabat)
    // Both see each other, and not the courier, who has no store.
    #expect(relay.peer(.from)?.replica == (try rabat.store.replica().id))
    #expect(relay.peer(.from)?.owner == rabat.identity)
    #expect(relay.peer(.to)?.replica == (try casa.store.replica().id))
    #expect(try casa.confirmedOwn() == 12)
    #expect(try rabat.confirmedOwn() == 12)

    var again = try VirtualRelay(casa, rabat)
    try again.run()
    #expect(again.only?.inSync == true)
    #expect(again.only?.flows == [:])
    #expect(again.isIdle, "the office that was asked first waits for nothing")
  }

  @Test func oneWayIsOneWay() throws {
    let (casa, rabat) = try pair()
    var relay = try VirtualRelay(casa, rabat, wanted: [.from])
    try relay.run()
    #expect(relay.only?.flows[.from]?.carried == 12)
    #expect(relay.only?.flows[.to] == nil)
    #expect(relay.only?.inSync == nil)
    #expect(try rabat.record("p7") != nil)
    #expect(try casa.record("q7") == nil)
  }

  @Test func aCollectionThatOneOfThemDoesNotHaveYet() throws {
    let (casa, rabat) = (try TestReplica("office/casa"), try TestReplica("office/rabat"))
    try rabat.put("p", ["a": .integer(1)])
    try rabat.put("v", ["a": .integer(2)], in: .init("visits"))
    for _ in 0..<2 {
      var relay = try VirtualRelay(casa, rabat)
      try relay.run()
      #expect(relay.outcomes.map(\.inSync) == [true, true])
    }
    #expect(try casa.record("v", in: .init("visits")) != nil)
  }

  @Test func linksThatBreakAfterAnyMessage() throws {
    let (one, other) = try pair()
    var whole = try VirtualRelay(one, other)
    try whole.run(seed: 3)
    #expect(whole.messages > 20)
    for cut in 0..<whole.messages {
      let (casa, rabat) = try pair()
      var broken = try VirtualRelay(casa, rabat)
      try broken.run(cut: cut, seed: 3)
      var rest = try VirtualRelay(casa, rabat)
      try rest.run(seed: 4)
      #expect(rest.only?.inSync == true, "cut after \(cut)")
      try expectSame(casa, rabat, "cut after \(cut)")
    }
  }

  /// An office that was put back from a copy: the two of them put the names in order through the courier.
  @Test func forksHealThroughACourier() throws {
    let (casa, rabat) = try pair()
    _ = try carry(casa, rabat)
    let copy = try TestReplica(copyOf: rabat)
    try rabat.put("lost", ["a": .integer(1)])
    _ = try carry(casa, rabat)
    // The copy takes its place, and writes on.
    try copy.put("new", ["a": .integer(2)])
    let runs = try carry(casa, copy)
    #expect(runs.count > 1)
    #expect(runs.first?.only?.reasons.isEmpty == false)
    #expect(runs.last?.only?.inSync == true)
    try expectSame(casa, copy)
    for office in [casa, copy] {
      #expect(try office.values("lost", "a") == [.integer(1)])
      #expect(try office.values("new", "a") == [.integer(2)])
    }
  }

  /// That a device was retired travels with a courier, and then weighs nothing for it either.
  @Test func retirementsAreCarried() throws {
    let (casa, rabat) = try pair()
    let amina = try TestReplica("field/amina")
    try amina.put("a", ["a": .integer(1)])
    _ = try converse(amina, with: casa, [.pull, .push])
    _ = try carry(casa, rabat)
    let id = try amina.store.replica().id
    #expect(try casa.store.retire(id, in: projects, token: casa.token) != nil)
    let runs = try carry(casa, rabat)
    #expect(runs.last?.only?.inSync == true)
    try expectSame(casa, rabat)
    #expect(try rabat.view().knowledge.closed.contains(id))
    let again = try carry(casa, rabat)
    #expect(again.last?.only?.flows == [:])
  }

  /// What an office does not allow is not carried; the other direction is.
  @Test func grantsDecide() throws {
    let (casa, rabat) = try pair()
    var relay = try VirtualRelay(casa, rabat, grants: [.from: { _ in .pull }])
    try relay.run()
    #expect(relay.only?.flows[.from]?.carried == 12)
    #expect(relay.only?.flows[.to] == nil)
    #expect(relay.only?.denied.mapValues(\.end) == [.to: .from])

    // The one asked second says it when the first has been told otherwise: begun again, with less.
    let (fes, oujda) = try pair()
    var second = try VirtualRelay(fes, oujda, grants: [.to: { _ in .push }])
    try second.run()
    #expect(second.only?.beginsAgain == [.from])
    #expect(second.only?.denied.mapValues(\.end) == [.to: .to])
    #expect(second.isIdle)
    #expect(try oujda.record("p7") == nil)
    var rest = try VirtualRelay(
      fes, oujda, collections: [projects: [.from]], grants: [.to: { _ in .push }])
    try rest.run()
    #expect(rest.only?.flows[.from]?.carried == 12)
    #expect(try oujda.record("p7") != nil)

    var refused = try VirtualRelay(casa, rabat, grants: [.to: { _ in [] }])
    try refused.run()
    #expect(refused.only?.failure?.end == .to)
    #expect(refused.only?.failure?.error.code == .notAllowed)
    #expect(refused.session.isClosed)
  }

  @Test func damageIsToldAndNotCarried() throws {
    var channel = RelayChannel(
      channel: 1, collection: projects, wanted: [.from, .to], writable: [])
    let condition = Condition(fingerprint: .zero, isPartial: false)
    let knowledge = Knowledge(vector: VersionVector(Dot(ReplicaID(high: 1, low: 1), 1)))
    let state = State(
      channel: 1, directions: [.pull, .push], knowledge: knowledge, ended: [],
      condition: condition, progress: nil)
    let steps = try channel.received(.state(state), from: .from)
    guard case .send(.open(let open), to: .to) = steps.first else {
      Issue.record("the other office was not asked")
      return
    }
    #expect(open.digest == knowledge.digest)
    let other = Condition(
      fingerprint: Fingerprint(
        collection: projects, id: try RecordID("p"), record: RecordEncoder.encode(Record())),
      isPartial: false)
    #expect(try channel.received(.same(Same(channel: 1, condition: other)), from: .to) == [])
    #expect(channel.outcome.failure?.error.code == .damaged)
    #expect(channel.outcome.inSync == false)
  }

  /// Offices and couriers in any order, with links that break: nothing is lost, and all end the same.
  @Test(arguments: 0..<20 as Range<UInt64>)
  func anyOrderOfCouriersAndVisits(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let offices = try ["casa", "rabat", "fes"].map { try TestReplica("office/\($0)", seed: seed) }
    var written: [String: Set<Int>] = [:]
    for number in 0..<60 {
      let (one, other) = (
        Int.random(in: 0..<3, using: &random), Int.random(in: 0..<3, using: &random)
      )
      switch Int.random(in: 0..<5, using: &random) {
      case 0, 1:
        let id = "p\(Int.random(in: 0..<6, using: &random))"
        try offices[one].put(id, ["n\(number)": .integer(Int64(number))])
        written[id, default: []].insert(number)
      case 2 where one != other:
        let cut = random.oneIn(2) ? Int.random(in: 0..<20, using: &random) : nil
        _ = try converse(offices[one], with: offices[other], [.pull, .push], cut: cut)
      case 3, 4:
        guard one != other else { continue }
        let cut = random.oneIn(2) ? Int.random(in: 0..<30, using: &random) : nil
        _ = try carry(offices[one], offices[other], cut: cut, seed: seed)
      default: break
      }
    }
    for _ in 0..<3 {
      for one in 0..<3 { _ = try carry(offices[one], offices[(one + 1) % 3], seed: seed) }
    }
    for office in offices.dropFirst() { try expectSame(offices[0], office) }
    for (id, numbers) in written {
      for number in numbers {
        #expect(try offices[2].values(id, "n\(number)") == [.integer(Int64(number))])
      }
    }
  }
}
