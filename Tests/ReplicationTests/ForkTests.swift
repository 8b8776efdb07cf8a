import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncReplication
import OfficeSyncStorage
import OfficeSyncTestSupport
import Testing

@Suite struct ForkTests {
  @Test func theSecondOfTwoCopiesOfALaptopIsRefused() throws {
    let office = try TestReplica("office/rabat")
    let laptop = try TestReplica("field/amina")
    try laptop.put("p", ["title": .text("before")])
    _ = try converse(laptop, with: office, [.pull, .push])
    let copy = try TestReplica(copyOf: laptop)
    try laptop.put("p", ["title": .text("on the first")])
    try copy.put("p", ["title": .text("on the second")])

    #expect(try converse(laptop, with: office, [.pull, .push]).only?.inSync == true)
    let refused = try converse(copy, with: office, [.pull, .push])
    #expect(refused.only?.error?.code == .forked)
    #expect(try office.values("p", "title") == [.text("on the first")])
    #expect(try copy.values("p", "title") == [.text("on the second")])
  }

  @Test func aForkShowsAtAThirdOfficeThatMeetsBothBranches() throws {
    let (rabat, fes) = (try TestReplica("office/rabat"), try TestReplica("office/fes"))
    let laptop = try TestReplica("field/amina")
    try laptop.put("p", ["title": .text("before")])
    _ = try converse(laptop, with: rabat, [.pull, .push])
    _ = try converse(fes, with: rabat, .pull)
    let copy = try TestReplica(copyOf: laptop)
    try laptop.put("p", ["title": .text("on the first")])
    try copy.put("q", ["title": .text("on the second")])
    try copy.put("q", ["title": .text("on the second, again")])
    _ = try converse(laptop, with: rabat, [.pull, .push])
    _ = try converse(copy, with: fes, [.pull, .push])

    let met = try converse(fes, with: rabat, [.pull, .push])
    #expect(met.only?.error?.code == .forked)
    #expect(try rabat.record("q") == nil)
    #expect(try fes.values("p", "title") == [.text("before")])
  }

  @Test func aServerPutBackFromACopyIsFoundOutByAPeerThatKnowsMore() throws {
    let (rabat, fes) = (try TestReplica("office/rabat"), try TestReplica("office/fes"))
    try rabat.put("p", ["title": .text("one")])
    _ = try converse(fes, with: rabat, .pull)
    let backup = try TestReplica(copyOf: rabat)
    try rabat.put("p", ["title": .text("two")])
    _ = try converse(fes, with: rabat, .pull)

    let refused = try converse(fes, with: backup, [.pull, .push])
    #expect(refused.only?.error?.code == .restored)
    #expect(try fes.values("p", "title") == [.text("two")])
    #expect(try backup.values("p", "title") == [.text("one")])
  }
}
