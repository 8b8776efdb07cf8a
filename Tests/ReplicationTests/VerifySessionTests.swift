import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncStorage
import OfficeSyncTestSupport
import Testing

@testable import OfficeSyncReplication

/// `verify`, with real stores: exactly what is damaged is named, and what the other side still has is made good.
@Suite struct VerifySessionTests {
  private let office: TestReplica
  private let device: TestReplica

  init() throws {
    office = try TestReplica("office/rabat")
    device = try TestReplica("field/amina")
  }

  private static func title(_ number: Int) -> String { "The title of record \(1_000 + number)." }

  /// Both hold the same.
  private func fill(_ count: Int) throws {
    try office.store.write(to: projects, wallMilliseconds: office.wall, note: "") { writer in
      for number in 0..<count {
        let change = (
          path: try FieldPath("title"),
          content: Sibling.Content.value(.text(Self.title(number)))
        )
        _ = try writer.put(try RecordID("p\(1_000 + number)"), changes: [change], context: nil)
      }
    }
    _ = try converse(device, with: office, [.pull, .push])
  }

  @Test(arguments: 0..<12 as Range<UInt64>)
  func whatIsDamagedIsNamedAndMadeGood(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let count = Int.random(in: 1...700, using: &random)
    let rarity = [1, 3, 60].randomElement(using: &random) ?? 1
    try fill(count)
    let (mine, theirs) = (
      (0..<count).filter { _ in random.oneIn(rarity) },
      (0..<count).filter { _ in random.oneIn(2 * rarity) }
    )
    let device = try device.damaged(mine.map(Self.title))
    let office = try office.damaged(theirs.map(Self.title))
    func difference(_ number: Int) throws -> RecordDifference {
      RecordDifference(
        id: try RecordID("p\(1_000 + number)"), here: mine.contains(number) ? .damaged : .sound,
        there: theirs.contains(number) ? .damaged : .sound)
    }

    var looking = try VerifyLink(device, with: office, repairs: false)
    try looking.run()
    let all = try Set(mine + theirs).sorted().map(difference)
    #expect(try looking.outcome.differences == all)
    #expect(try looking.outcome.repaired == 0)
    #expect(try looking.outcome.records == UInt64(count))
    // Hello and Compare in one flight, then a level of the tree each.
    #expect((2...6).contains(looking.here.session.roundTrips))

    var repairing = try VerifyLink(device, with: office, repairs: true)
    try repairing.run()
    let repairable = Set(mine).subtracting(theirs)
    #expect(try repairing.outcome.differences == all)
    #expect(try repairing.outcome.repaired == UInt64(repairable.count))
    #expect(repairing.there.session.compared == [projects: UInt64(repairable.count)])
    #expect(repairing.here.isClosed)
    #expect(repairing.there.session.isIdle)
    for number in repairable {
      let id = try RecordID("p\(1_000 + number)")
      #expect(try device.view().soundRecord(id) == office.view().soundRecord(id))
      #expect(try device.view().soundRecord(id) != nil)
    }

    var again = try VerifyLink(device, with: office, repairs: true)
    try again.run()
    let left = try Set(theirs).sorted().map { number in
      var difference = try difference(number)
      if repairable.contains(number) { difference.here = .sound }
      return difference
    }
    #expect(try again.outcome.differences == left)
    #expect(try again.outcome.isSame == left.isEmpty)
  }

  /// Larger than a frame, so that it comes in parts.
  @Test func aLargeRecordIsMadeGood() throws {
    // As much as one write may hold, until the record is full; then one more.
    let long = Value.text(String(repeating: "x", count: 65_000))
    for field in 0..<16 { try office.put("large", ["f\(field)": long]) }
    try office.put(
      "large", ["more": .text(Self.title(0) + String(repeating: "y", count: 60_000))])
    try office.put("small", ["title": .text(Self.title(1))])
    _ = try converse(device, with: office, [.pull, .push])
    #expect(try office.view().soundRecord(RecordID("large"))?.count ?? 0 > Limits.frameBytesMax)
    let device = try device.damaged([Self.title(0), Self.title(1)])
    #expect(try device.view().soundRecord(RecordID("large")) == nil)

    var link = try VerifyLink(device, with: office, repairs: true)
    try link.run()
    #expect(try link.outcome.error == nil)
    #expect(try link.outcome.repaired == 2)
    for id in ["large", "small"] {
      #expect(
        try device.view().soundRecord(RecordID(id)) == office.view().soundRecord(RecordID(id)))
    }
  }

  @Test func eachCollectionHasItsOwnOutcome() throws {
    let visits = try CollectionName("visits")
    try office.put("v", ["title": .text("a visit")], in: visits)
    try fill(3)
    try device.put("p1000", ["title": .text("not sent")])
    var link = try VerifyLink(device, with: office, collections: [projects, visits], repairs: true)
    try link.run()
    let outcomes = link.here.session.comparisons
    #expect(outcomes.map(\.collection) == [projects, visits])
    #expect(outcomes.map(\.obstacle) == [.knowledgeDiffers, nil])
    #expect(outcomes.map(\.isSame) == [nil, true])
    #expect(link.here.session.recordsCompared == 1)
    #expect(link.here.isClosed)
    #expect(link.here.error == nil)
  }

  @Test(arguments: [[], .push] as [Directions])
  func whoMayNotReadComparesNothing(allowed: Directions) throws {
    try fill(3)
    var link = try VerifyLink(device, with: office, repairs: true, allowed: allowed)
    try link.run()
    let outcome = try link.outcome
    #expect(outcome.error?.code == .notAllowed)
    #expect(outcome.error?.side == .peer)
    #expect(outcome.error?.message.contains("--read") == true)
    #expect(outcome.isSame == nil)
    #expect(link.here.isClosed)
    #expect(link.there.session.isIdle)
  }

  @Test func aGrantThatIsTakenAwayEndsIt() throws {
    try fill(40)
    var link = try VerifyLink(device, with: office, repairs: true)
    // Hello and Compare are taken; the sums are still to come.
    for _ in 0..<2 { _ = try link.step() }
    try link.grantsChanged(to: [projects: [.pull, .push]])
    let error = #expect(throws: SessionError.self) {
      try link.grantsChanged(to: [projects: .push])
    }
    #expect(error?.code == .notAllowed)
  }

  @Test func namesThatChangeMeanwhileEndIt() throws {
    try fill(40)
    var link = try VerifyLink(device, with: office, repairs: true)
    while try link.here.session.peer == nil && link.step() {}
    try link.namesChanged(on: 1)
    #expect(try link.outcome.error?.code == .knowledgeDiffers)
    #expect(link.here.isClosed)
    // What is still under way from the server counts no more, nor does a second failure.
    try link.namesChanged(on: 1)
    try link.run()
    #expect(link.here.error == nil)
    #expect(try link.outcome.error?.code == .knowledgeDiffers)
  }
}
