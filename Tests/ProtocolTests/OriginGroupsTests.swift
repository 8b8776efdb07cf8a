import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncTestSupport
import Testing

@Suite struct OriginGroupsTests {
  /// An origin whose ID begins with this number of four bits.
  private func origin(_ group: UInt64, _ rest: UInt64 = 1) -> ReplicaID {
    ReplicaID(high: group << 60, low: rest)
  }

  private func knowledge() -> Knowledge {
    let origins = (0..<16 as Range<UInt64>).flatMap { [origin($0, 1), origin($0, 2)] }
    return Knowledge(
      vector: VersionVector(origins.map { Dot($0, 7) }),
      newestStamps: Dictionary(
        uniqueKeysWithValues: origins.map { ($0, Stamp(counter: 7, token: origin(1, $0.low))) }))
  }

  @Test func allThatAStateNamesCounts() {
    let mine = knowledge()
    #expect(GroupSums(of: mine).same(as: GroupSums(of: mine)) == .all)
    let changes: [(Knowledge) -> Knowledge] = [
      { known in
        var known = known
        known.vector.insert(Dot(origin(5), 8))
        return known
      },
      { known in
        var known = known
        known.newestStamps[origin(5)] = Stamp(counter: 7, token: origin(9))
        return known
      },
      { known in
        var known = known
        known.newestStamps[origin(5, 3)] = Stamp(counter: 1, token: origin(9))
        return known
      },
      { known in
        var known = known
        known.strays[origin(5)] = Fingerprint(stray: Dot(origin(5), 9), of: .schema)
        return known
      },
      { known in
        var known = known
        known.add(closed: [Ending(origin: origin(5), stamp: known.newestStamps[origin(5)])])
        return known
      },
    ]
    for change in changes {
      let same = GroupSums(of: change(mine)).same(as: GroupSums(of: mine))
      #expect(same == OriginGroups.all.subtracting(OriginGroups(rawValue: 1 << 5)))
    }
  }

  @Test func whatIsLeftOutIsTakenFromTheOther() {
    var (mine, theirs) = (knowledge(), knowledge())
    mine.vector.insert(Dot(origin(2), 9))
    theirs.vector.insert(Dot(origin(3), 9))
    let same = GroupSums(of: theirs).same(as: GroupSums(of: mine))
    #expect(same.rawValue == UInt16.max ^ 0b1100)
    var said = theirs.leavingOut(same)
    #expect(
      said.vector.entries.map(\.replica) == [origin(2), origin(2, 2), origin(3), origin(3, 2)])
    said.add(same, of: mine)
    #expect(said == theirs)
  }

  /// Closed origins go another way, whichever group they are of.
  @Test func closedOriginsStay() {
    var mine = knowledge()
    mine.add(closed: [Ending(origin: origin(4), stamp: mine.newestStamps[origin(4)])])
    let left = mine.leavingOut(.all)
    #expect(left.vector == VersionVector(Dot(origin(4), 7)))
    #expect(left.closed == mine.closed)
    var other = Knowledge()
    other.add(.all, of: mine)
    #expect(other.vector[origin(4)] == 0)
    #expect(other.vector.entries.count == 31)
  }

  @Test func aStateNamesNothingOfWhatItLeavesOut() throws {
    let state = State(
      channel: 1, directions: .pull, knowledge: knowledge(), ended: [],
      condition: Condition(fingerprint: .zero, isPartial: false), progress: nil,
      leftOut: OriginGroups(rawValue: 1 << 7))
    #expect(throws: CodecError.notCanonical("groups of origins")) {
      try Message(Message.state(state).frame)
    }
    for bytes in [[], [0, 0], [1], [0, 1, 0]] as [[UInt8]] {
      var plain = state
      plain.leftOut = []
      plain.knowledge = Knowledge()
      let frame = Message.state(plain).frame
      let body = frame.body + [0, UInt8(bytes.count)] + bytes
      #expect(throws: CodecError.outOfRange("groups of origins")) {
        try Message(Frame(type: frame.type, body: body))
      }
    }
  }
}
