import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncReplication
import OfficeSyncStorage
import OfficeSyncTestSupport
import Testing

/// Copies of stores and stores put back from copies are found, and both sides' writes stay. The copies here are images of
/// whole disks: nothing but their stamps tells them apart.
@Suite struct HealingTests {
  /// Two replicas have the same and know it.
  private func expectEqual(
    _ a: TestReplica, _ b: TestReplica, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    #expect(try a.view().knowledge == b.view().knowledge, sourceLocation: sourceLocation)
    #expect(try a.view().condition == b.view().condition, sourceLocation: sourceLocation)
    #expect(try !a.view().condition.isPartial, sourceLocation: sourceLocation)
  }

  private func expectInSync(
    _ results: [SessionResult], sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(results.last?.only?.inSync == true, sourceLocation: sourceLocation)
    for result in results {
      #expect(
        result.clientError == nil && result.serverError == nil, sourceLocation: sourceLocation)
    }
  }

  /// A laptop with one record, known to an office, and a copy of its disk.
  private func copiedLaptop() throws -> (
    office: TestReplica, first: TestReplica, second: TestReplica
  ) {
    let office = try TestReplica("office/rabat")
    let laptop = try TestReplica("field/amina")
    try laptop.put("p", ["title": .text("before")])
    _ = try converse(laptop, with: office, [.pull, .push])
    return (office, laptop, try TestReplica(copyOf: laptop))
  }

  @Test func bothCopiesOfALaptopKeepTheirWritesAtOneOffice() throws {
    let (office, first, second) = try copiedLaptop()
    let id = try first.info.replica
    try first.put("p", ["title": .text("on the first")])
    try second.put("p", ["title": .text("on the second")])

    #expect(try settle(first, with: office, [.pull, .push]).count == 1)
    let healed = try settle(second, with: office, [.pull, .push])
    expectInSync(healed)
    // What the second wrote was never shown: it steps aside by itself, and nothing else is renamed.
    #expect(healed.count == 2)
    #expect(healed[0].only?.healing.formerReplica == id)
    #expect(healed[0].server.allSatisfy { $0.healing.isEmpty && $0.peerReason == .renewed })
    #expect(try second.info.replica != id)
    #expect(try second.info.formerReplicas == [id])
    #expect(try first.info.replica == id)

    expectInSync(try settle(first, with: office, [.pull, .push]))
    for replica in [office, first, second] {
      #expect(
        Set(try replica.values("p", "title")) == [.text("on the first"), .text("on the second")])
      try expectEqual(replica, office)
    }
    #expect(try second.view().unsentCount == 0)
  }

  @Test func aCopyThatWroteMoreThanTheOtherIsFoundOut() throws {
    let (office, first, second) = try copiedLaptop()
    try first.put("q", ["title": .text("first")])
    _ = try settle(first, with: office, [.pull, .push])
    for n in 0..<3 { try second.put("r\(n)", ["title": .text("second")]) }
    expectInSync(try settle(second, with: office, [.pull, .push]))
    for n in 0..<3 { #expect(try office.values("r\(n)", "title") == [.text("second")]) }
    #expect(try second.values("q", "title") == [.text("first")])
    try expectEqual(office, second)
  }

  @Test func aCopyWithoutNewWritesTakesANewNameBeforeItWrites() throws {
    let (office, first, second) = try copiedLaptop()
    try first.put("q", ["title": .text("first")])
    _ = try settle(first, with: office, [.pull, .push])
    let id = try second.info.replica
    expectInSync(try settle(second, with: office, .pull))
    #expect(try second.info.replica != id)
    #expect(try second.values("q", "title") == [.text("first")])
  }

  /// Both branches reach offices before these meet: the offices rename, and pass on to the laptops where the name ended.
  private func forkAtTwoOffices() throws -> (
    offices: [TestReplica], laptops: [TestReplica]
  ) {
    let (rabat, first, second) = try copiedLaptop()
    let fes = try TestReplica("office/fes")
    _ = try converse(fes, with: rabat, .pull)
    try first.put("p", ["title": .text("on the first")])
    try second.put("p", ["title": .text("on the second")])
    try second.put("q", ["title": .text("on the second, again")])
    expectInSync(try settle(first, with: rabat, [.pull, .push]))
    expectInSync(try settle(second, with: fes, [.pull, .push]))
    return ([rabat, fes], [first, second])
  }

  @Test func aForkHealsWhereOfficesMeetThatHaveBothBranches() throws {
    let (offices, laptops) = try forkAtTwoOffices()
    let (rabat, fes) = (offices[0], offices[1])
    let id = try laptops[0].info.replica
    let met = try settle(fes, with: rabat, [.pull, .push])
    expectInSync(met)
    #expect(met.count == 2)
    #expect(met[0].only?.healing.renamings.count == 1)
    #expect(met[0].server.first?.healing.renamings.count == 1)
    #expect(try rabat.values("p", "title").count == 2)
    #expect(try rabat.values("q", "title") == [.text("on the second, again")])
    #expect(try rabat.view().knowledge.closed.endings.map(\.origin) == [id])
    try expectEqual(rabat, fes)
    // A branch is whose the name was.
    #expect(try rabat.view().knowledge.vector[id] == 1)

    for laptop in laptops {
      let told = try settle(laptop, with: rabat, [.pull, .push])
      expectInSync(told)
      try expectEqual(laptop, rabat)
      #expect(try laptop.info.replica != id)
      #expect(try laptop.info.formerReplicas.count == 2)
      #expect(try laptop.view().unsentCount == 0)
      #expect(try laptop.store.snapshot(of: projects).ended.isEmpty)
    }
    for laptop in laptops {
      try laptop.put("p", ["title": .text("later, by \(try laptop.info.replica)")])
      expectInSync(try settle(laptop, with: fes, [.pull, .push]))
    }
    expectInSync(try settle(rabat, with: fes, [.pull, .push]))
    try expectEqual(rabat, fes)
    // Nobody renames twice.
    #expect(try settle(rabat, with: fes, [.pull, .push]).count == 1)
  }

  /// A device never makes an office rename what is not the device's own; it puts its own store in order.
  @Test func aDeviceThatMeetsBothBranchesOfAnothersNameHealsAlone() throws {
    let (offices, _) = try forkAtTwoOffices()
    let (rabat, fes) = (offices[0], offices[1])
    let karim = try TestReplica("field/karim")
    for office in [rabat, fes, rabat, fes] {
      let pulled = try settle(karim, with: office, .pull, collections: [projects])
      #expect(pulled.last?.only?.error == nil && pulled.last?.beginsAgain == false)
      #expect(try office.store.snapshot(of: projects).ended.isEmpty)
    }
    #expect(Set(try karim.values("p", "title")) == [.text("on the first"), .text("on the second")])
    expectInSync(try settle(rabat, with: fes, [.pull, .push]))
    expectInSync(try settle(karim, with: fes, .pull))
    try expectEqual(karim, rabat)
    #expect(try karim.values("p", "title").count == 2)
  }

  @Test func threeCopiesForkTwice() throws {
    let (rabat, first, second) = try copiedLaptop()
    let (fes, oujda) = (try TestReplica("office/fes"), try TestReplica("office/oujda"))
    for office in [fes, oujda] { _ = try converse(office, with: rabat, .pull) }
    try second.put("q", ["title": .text("second")])
    _ = try settle(second, with: fes, [.pull, .push])
    let third = try TestReplica(copyOf: second)
    try first.put("p", ["title": .text("first")])
    try second.put("p", ["title": .text("second")])
    try third.put("p", ["title": .text("third")])
    // The second's and the third's branches part later than the first's.
    _ = try settle(first, with: rabat, [.pull, .push])
    _ = try settle(second, with: fes, [.pull, .push])
    _ = try settle(oujda, with: rabat, .pull)
    let other = try TestReplica("office/agadir")
    _ = try settle(third, with: other, [.pull, .push])
    for (a, b) in [(oujda, other), (fes, rabat), (fes, other), (rabat, oujda), (fes, oujda)] {
      expectInSync(try settle(a, with: b, [.pull, .push], collections: [projects]))
    }
    for _ in 0..<2 {
      for replica in [first, second, third, fes, oujda, other] {
        expectInSync(try settle(replica, with: rabat, [.pull, .push]))
      }
    }
    for replica in [first, second, third, fes, oujda, other] {
      try expectEqual(replica, rabat)
      let titles = Set(try replica.values("p", "title"))
      #expect(titles == [.text("first"), .text("second"), .text("third")])
      #expect(try replica.values("q", "title") == [.text("second")])
    }
  }

  @Test func aServerPutBackIsFoundOutByAPeerThatKnowsMoreAndGetsItsWritesBack() throws {
    let (rabat, fes) = (try TestReplica("office/rabat"), try TestReplica("office/fes"))
    try rabat.put("p", ["title": .text("one")])
    _ = try converse(fes, with: rabat, .pull)
    let backup = try TestReplica(copyOf: rabat)
    try rabat.put("p", ["title": .text("two")])
    _ = try converse(fes, with: rabat, .pull)

    let restored = try TestReplica(copyOf: backup)
    try restored.put("q", ["title": .text("written after it was put back")])
    let id = try restored.info.replica
    let healed = try settle(fes, with: restored, [.pull, .push])
    expectInSync(healed)
    #expect(healed[0].only?.peerReason == .renewed)
    #expect(healed[0].only?.healing.isEmpty == true)
    #expect(try restored.info.replica != id)
    #expect(try restored.store.isRecovering)
    try expectEqual(fes, restored)
    #expect(try restored.values("p", "title") == [.text("two")])
    #expect(try fes.values("q", "title") == [.text("written after it was put back")])

    // Put back once more, from the same copy.
    let again = try TestReplica(copyOf: backup)
    try again.put("q", ["title": .text("after the second time")])
    expectInSync(try settle(again, with: fes, [.pull, .push]))
    try expectEqual(fes, again)
    #expect(try fes.values("q", "title").count == 2)
  }

  /// What a restored office has lost and a device alone still has comes back, others' writes among it.
  @Test func aRecoveringOfficeTakesWhatItLostFromADevice() throws {
    let (rabat, device) = (try TestReplica("office/rabat"), try TestReplica("field/amina"))
    try rabat.put("p", ["title": .text("one")])
    _ = try converse(device, with: rabat, [.pull, .push], collections: [projects])
    let backup = try TestReplica(copyOf: rabat)
    try rabat.put("p", ["title": .text("two"), "status": .text("lost")])
    _ = try converse(device, with: rabat, [.pull, .push])
    try device.put("p", ["title": .text("three")])

    let restored = try TestReplica(copyOf: backup)
    // A device is not believed that the office lost anything: its own write waits.
    let waits = try settle(device, with: restored, [.pull, .push])
    #expect(waits.last?.only?.deferred == 1)
    #expect(try !restored.store.isRecovering)
    #expect(try restored.info.formerReplicas.count == 1)

    try restored.store.setRecovering(true)
    expectInSync(try settle(device, with: restored, [.pull, .push]))
    try expectEqual(device, restored)
    #expect(try restored.values("p", "title") == [.text("three")])
    #expect(try restored.values("p", "status") == [.text("lost")])
    // A device's having them does not count as another office's.
    #expect(try restored.view().confirmed.isEmpty)

    try restored.store.setRecovering(false)
    try restored.put("p", ["title": .text("four")])
    expectInSync(try settle(device, with: restored, [.pull, .push]))
  }

  @Test func twoOfficesUnderOneIDPartWhenTheyMeet() throws {
    let rabat = try TestReplica("office/rabat")
    try rabat.put("p", ["title": .text("one")])
    _ = try converse(rabat, with: try TestReplica("office/fes"), .push)
    let clone = try TestReplica(copyOf: rabat)
    try rabat.put("p", ["title": .text("here")])
    try clone.put("p", ["title": .text("there")])
    expectInSync(try settle(clone, with: rabat, [.pull, .push]))
    #expect(try clone.info.replica != rabat.info.replica)
    try expectEqual(clone, rabat)
    #expect(try rabat.values("p", "title").count == 2)
  }

  /// Both ends' names are in order after the next sync, wherever the link broke while they healed.
  @Test func aCutWhileHealingIsMadeGoodByTheNextSession() throws {
    var cut = 0
    while true {
      let (offices, _) = try forkAtTwoOffices()
      let broken = try converse(offices[1], with: offices[0], [.pull, .push], cut: cut)
      let isWhole = broken.messages < cut
      expectInSync(try settle(offices[1], with: offices[0], [.pull, .push]))
      try expectEqual(offices[0], offices[1])
      #expect(try offices[0].values("p", "title").count == 2, "cut after \(cut)")
      if isWhole { break }
      cut += 1
    }
    #expect(cut > 6)
  }

  /// The receiver has kept everything and the sender does not know: no copy, and nothing is renamed.
  @Test func aCutAtAnyMessageDoesNotLookLikeACopy() throws {
    var cut = 0
    while true {
      let (office, device) = (try TestReplica("office/rabat"), try TestReplica("field/amina"))
      try office.put("p", ["title": .text("office")])
      try device.put("q", ["title": .text("device")])
      let broken = try converse(device, with: office, [.pull, .push], cut: cut)
      try device.put("q", ["title": .text("device, later")])
      try office.put("p", ["title": .text("office, later")])
      let results = try settle(device, with: office, [.pull, .push])
      #expect(results.count == 1, "cut after \(cut)")
      expectInSync(results)
      #expect(try device.info.formerReplicas.isEmpty && office.info.formerReplicas.isEmpty)
      if broken.messages < cut { break }
      cut += 1
    }
    #expect(cut > 10)
  }

  /// A laptop gets a new ID while a session of it is under way: that one ends and begins again, even if the office has
  /// already had its last word.
  @Test(arguments: 1..<10) func aSessionEndsWhenNamesChangeWhateverWasSaid(messages: Int) throws {
    let (office, laptop) = (try TestReplica("office/rabat"), try TestReplica("field/amina"))
    try laptop.put("p", ["title": .text("one")])
    var link = try VirtualLink(laptop, with: office, .push)
    while link.messages < messages, try link.step() {}
    let isOver = !link.result.client.isEmpty
    _ = try laptop.store.renew(laptop.info.replica, isRestored: false, token: laptop.token)
    while try link.step() {}
    #expect(link.result.clientError == nil && link.result.serverError == nil)
    #expect(link.result.only?.isFinished == true)
    #expect(link.result.beginsAgain != isOver)
    expectInSync(try settle(laptop, with: office, [.pull, .push]))
  }

  /// A laptop gets a new ID between its Hello and the collections that it opens because the office has them: under the new ID
  /// its writes would be refused for good.
  @Test(arguments: 1..<6) func aSessionThatSaidWhoItWasOpensNothingAsSomebodyElse(
    messages: Int
  ) throws {
    let (office, laptop) = (try TestReplica("office/rabat"), try TestReplica("field/amina"))
    try office.put("p", ["title": .text("one")])
    var link = try VirtualLink(laptop, with: office, [.pull, .push])
    while link.messages < messages, try link.step() {}
    try laptop.put("mine", ["title": .text("by amina")])
    _ = try laptop.store.renew(laptop.info.replica, isRestored: false, token: laptop.token)
    while try link.step() {}
    #expect(link.result.clientError == nil && link.result.serverError == nil)
    expectInSync(try settle(laptop, with: office, [.pull, .push]))
    #expect(try laptop.view().refusals.isEmpty)
    #expect(try office.values("mine", "title") == [.text("by amina")])
  }

  /// An office's disk was copied before anything on it was shown. The copy steps aside in all its collections at once, and a
  /// laptop that knows the original has nothing to rename in any.
  @Test func aCopyStepsAsideInAllItsCollections() throws {
    let rabat = try TestReplica("office/rabat")
    let visits = try CollectionName("visits")
    try rabat.put("p", ["title": .text("by rabat")])
    try rabat.put("v", ["title": .text("by rabat")], in: visits)
    let (clone, laptop) = (try TestReplica(copyOf: rabat), try TestReplica("field/amina"))
    _ = try settle(laptop, with: rabat, .pull)
    let healed = try settle(laptop, with: clone, .pull)
    #expect(healed.count == 2)
    #expect(healed[0].client.allSatisfy { $0.healing.isEmpty })
    #expect(healed[0].server.contains { $0.healing.formerReplica == (try? rabat.info.replica) })
    _ = try settle(clone, with: rabat, [.pull, .push])
    for office in [rabat, clone] { _ = try settle(laptop, with: office, .pull) }
    for collection in [projects, visits] {
      let views = try [rabat, clone, laptop].map { try $0.store.snapshot(of: collection) }
      #expect(try views.allSatisfy { try $0.knowledge.vector == views[0].knowledge.vector })
    }
  }

  /// An office's disk was copied, and both write under its name. A laptop knows the one; the other reaches a third office while
  /// the laptop's session there is under way, so that what the laptop builds on seems to be there already.
  @Test func aBranchThatComesMeanwhileIsNotWhatADeviceBuildsOn() throws {
    let (rabat, fes) = (try TestReplica("office/rabat"), try TestReplica("office/fes"))
    let (clone, laptop) = (try TestReplica(copyOf: rabat), try TestReplica("field/amina"))
    try rabat.put("p", ["title": .text("by rabat"), "status": .text("by rabat")])
    _ = try settle(laptop, with: rabat, .pull, collections: [projects])
    try laptop.put("p", ["title": .text("by amina")])
    try clone.put("p", ["note": .text("by the copy")])

    var link = try VirtualLink(laptop, with: fes, .push, collections: [projects])
    while link.messages < 3, try link.step() {}
    _ = try settle(fes, with: clone, .pull, collections: [projects])
    while try link.step() {}
    #expect(link.result.only?.deferred == 1)
    #expect(try fes.values("p", "title").isEmpty)

    for _ in 0..<2 {
      for replica in [clone, fes, laptop] {
        expectInSync(try settle(replica, with: rabat, [.pull, .push], collections: [projects]))
      }
    }
    for replica in [rabat, clone, fes, laptop] {
      #expect(try replica.values("p", "title") == [.text("by amina")])
      #expect(try replica.values("p", "status") == [.text("by rabat")])
      #expect(try replica.values("p", "note") == [.text("by the copy")])
      try expectEqual(replica, rabat)
    }
  }

  /// A store renames while another session into it is under way: that one begins again, and lets no old name back in.
  @Test(arguments: 1..<14) func aSessionUnderWayBeginsAgainWhenNamesChange(messages: Int) throws {
    let (offices, _) = try forkAtTwoOffices()
    let (rabat, fes) = (offices[0], offices[1])
    let third = try TestReplica("office/oujda")
    _ = try converse(third, with: fes, .pull, collections: [projects])
    try third.put("p", ["note": .text("by oujda")])

    var link = try VirtualLink(third, with: fes, [.pull, .push])
    while link.messages < messages, try link.step() {}
    let healed = try settle(rabat, with: fes, [.pull, .push])
    #expect(healed.last?.only?.error == nil && healed.count == 2)
    while try link.step() {}
    #expect(link.result.clientError == nil && link.result.serverError == nil)

    for _ in 0..<2 {
      expectInSync(try settle(third, with: fes, [.pull, .push]))
      expectInSync(try settle(rabat, with: fes, [.pull, .push]))
    }
    try expectEqual(third, fes)
    try expectEqual(rabat, fes)
    #expect(try fes.values("p", "title").count == 2)
    #expect(try fes.values("p", "note") == [.text("by oujda")])
  }
}
