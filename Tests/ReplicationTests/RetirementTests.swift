import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncReplication
import OfficeSyncStorage
import OfficeSyncTestSupport
import Testing

/// What an office says of a device that is gone reaches the others, weighs little, and loses nothing.
@Suite struct RetirementTests {
  private func expectInSync(
    _ a: TestReplica, _ b: TestReplica, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let results = try settle(a, with: b, [.pull, .push])
    #expect(results.last?.only?.inSync == true, sourceLocation: sourceLocation)
    #expect(try a.view().knowledge == b.view().knowledge, sourceLocation: sourceLocation)
    #expect(try a.view().condition == b.view().condition, sourceLocation: sourceLocation)
    #expect(try !a.view().condition.isPartial, sourceLocation: sourceLocation)
    // Nothing is left to say.
    #expect(
      try converse(a, with: b, [.pull, .push]).messages == 4, sourceLocation: sourceLocation)
  }

  private func retire(_ device: TestReplica, at office: TestReplica) throws -> ReplicaID {
    let id = try device.info.replica
    _ = try office.store.retire(id, in: projects, token: office.token)
    return id
  }

  @Test func theFactReachesOfficesAndDevices() throws {
    let (rabat, fes) = (try TestReplica("office/rabat"), try TestReplica("office/fes"))
    let (amina, karim) = (try TestReplica("field/amina"), try TestReplica("field/karim"))
    try amina.put("p", ["title": .text("by amina")])
    for device in [amina, karim] { try expectInSync(device, rabat) }
    try expectInSync(fes, rabat)
    let id = try retire(amina, at: rabat)
    for other in [fes, karim] {
      try expectInSync(other, rabat)
      #expect(try other.view().knowledge.closed.endings.map(\.origin) == [id])
      #expect(try other.view().knowledge.closed.endings.allSatisfy(\.isRetirement))
      #expect(try other.values("p", "title") == [.text("by amina")])
    }
    // Whoever comes new hears of it with the rest.
    let new = try TestReplica("field/new")
    _ = try settle(new, with: fes, .pull, collections: [projects])
    #expect(try new.view().knowledge == fes.view().knowledge)
  }

  /// It is told, takes a new ID, and what it had not sent goes along; also what it edits afterwards.
  @Test func aRetiredDeviceComesBackUnderANewID() throws {
    let office = try TestReplica("office/rabat")
    for edits in 0...2 {
      let device = try TestReplica("field/d\(edits)")
      try device.put("d\(edits)", ["title": .text("first")])
      try expectInSync(device, office)
      let id = try retire(device, at: office)
      for edit in 0..<edits { try device.put("e\(edit)", ["by\(edits)": .text("unsent")]) }
      let back = try settle(device, with: office, [.pull, .push])
      #expect(back.count == 2)
      #expect(back[0].only?.healing.formerReplica == id)
      #expect(back[0].only?.healing.wasRetired == true)
      #expect(back[0].server.first?.peerReason == .retired)
      #expect(back[1].only?.inSync == true)
      #expect(try device.info.replica != id && device.info.formerReplicas.contains(id))
      #expect(try device.view().unsentCount == 0)
      for edit in 0..<edits {
        #expect(try office.values("e\(edit)", "by\(edits)") == [.text("unsent")])
      }
      try device.put("d\(edits)", ["title": .text("second")])
      try expectInSync(device, office)
      #expect(try office.values("d\(edits)", "title") == [.text("second")])
    }
  }

  /// It was retired where less of it was known, and comes back at an office that never heard of it.
  @Test func whatAnotherOfficeHadOfItStays() throws {
    let (rabat, fes) = (try TestReplica("office/rabat"), try TestReplica("office/fes"))
    let device = try TestReplica("field/amina")
    try device.put("p", ["title": .text("first")])
    try expectInSync(device, rabat)
    try device.put("p", ["title": .text("second")])
    try expectInSync(device, fes)
    _ = try retire(device, at: rabat)
    try device.put("p", ["title": .text("third")])
    try expectInSync(device, fes)
    try expectInSync(fes, rabat)
    #expect(try rabat.values("p", "title") == [.text("third")])
    #expect(try rabat.view().knowledge.open.count == 0)
    try device.put("p", ["title": .text("fourth")])
    try expectInSync(device, rabat)
    try expectInSync(fes, rabat)
    #expect(try fes.values("p", "title") == [.text("fourth")])
  }

  /// Both ends: retired with what had come; and it returns, from a backup, having sent less than it had written.
  @Test func aBackupOfARetiredDeviceComesBack() throws {
    let office = try TestReplica("office/rabat")
    let device = try TestReplica("field/amina")
    try device.put("p", ["title": .text("first")])
    try expectInSync(device, office)
    let backup = try TestReplica(copyOf: device)
    try device.put("p", ["title": .text("after the backup")])
    try expectInSync(device, office)
    let id = try retire(device, at: office)
    try backup.put("q", ["title": .text("only in the backup")])
    let back = try settle(backup, with: office, [.pull, .push])
    #expect(back.last?.only?.inSync == true)
    #expect(try backup.info.replica != id)
    for replica in [office, backup] {
      #expect(try replica.values("p", "title") == [.text("after the backup")])
      #expect(try replica.values("q", "title") == [.text("only in the backup")])
    }
    try expectInSync(backup, office)
    try expectInSync(device, office)
  }

  /// A device is lost in the middle of a push, at any message; retiring it ends the waiting, everywhere.
  @Test func aHalfPushIsWaitedForNoMore() throws {
    var halves = 0
    for cut in 6...12 {
      let (rabat, fes) = (try TestReplica("office/rabat"), try TestReplica("office/fes"))
      let (amina, karim) = (try TestReplica("field/amina"), try TestReplica("field/karim"))
      try rabat.put("r", ["title": .text("by the office")])
      for replica in [amina, karim, fes] { try expectInSync(replica, rabat) }
      try amina.fill("p", count: 12, field: "text", bytes: 4_000)
      _ = try converse(amina, with: rabat, [.pull, .push], cut: cut)
      _ = try settle(karim, with: rabat, [.pull, .push])
      _ = try settle(fes, with: rabat, [.pull, .push])
      guard try rabat.view().condition.isPartial else { continue }
      halves += 1
      #expect(try settle(fes, with: rabat, [.pull, .push]).last?.only?.inSync != true)
      _ = try retire(amina, at: rabat)
      for other in [fes, karim] { try expectInSync(other, rabat) }
      #expect(try !rabat.view().knowledge.strays.isEmpty)
      // The strays do not go again with every change.
      try rabat.put("r", ["title": .text("cut \(cut)")])
      let again = try settle(fes, with: rabat, [.pull, .push])
      #expect(again.last?.sentByServer.count == 1 && again.last?.sentByClient.isEmpty == true)
      // And if it comes back, nothing of it is lost or doubled.
      try expectInSync(amina, rabat)
      for other in [fes, karim] { try expectInSync(other, rabat) }
      for number in 0..<12 { #expect(try fes.record("p\(number)") != nil) }
      #expect(try rabat.view().knowledge.strays.isEmpty)
      #expect(try rabat.view().liveRecordCount == 13)
      #expect(try rabat.view().openConflictCount == 0)
    }
    #expect(halves > 0)
  }

  /// However many are retired, a session with nothing changed carries the same, and one that changes little carries little.
  @Test func manyRetiredWeighNothing() throws {
    let (rabat, fes) = (try TestReplica("office/rabat"), try TestReplica("office/fes"))
    try rabat.put("r", ["title": .text("by the office")])
    try expectInSync(fes, rabat)
    let (none, few) = (try idle(fes, rabat), try change(fes, rabat))
    for number in 0..<60 {
      let device = try TestReplica("field/d\(number)")
      try device.put("d\(number)", ["title": .text("by \(number)")])
      _ = try settle(device, with: rabat, [.pull, .push])
      _ = try retire(device, at: rabat)
    }
    _ = try settle(fes, with: rabat, [.pull, .push])
    #expect(try rabat.view().knowledge.closed.endings.count == 60)
    // The sum in `Open`, and its flag in `State`.
    #expect(try idle(fes, rabat) == none + 32)
    #expect(try change(fes, rabat) <= few + 32 + 8)
    // One more costs its own entry and no more: a client of one office has closed what that office closed first.
    let device = try TestReplica("field/last")
    try device.put("d", ["title": .text("last")])
    _ = try settle(device, with: rabat, [.pull, .push])
    _ = try settle(fes, with: rabat, [.pull, .push])
    _ = try retire(device, at: rabat)
    #expect(try bytes(fes, rabat) < few + 400)
    try expectInSync(fes, rabat)
  }

  private func bytes(_ a: TestReplica, _ b: TestReplica) throws -> Int {
    try settle(a, with: b, [.pull, .push]).reduce(0) { $0 + $1.frameBytes }
  }

  private func idle(_ a: TestReplica, _ b: TestReplica) throws -> Int { try bytes(a, b) }

  private func change(_ a: TestReplica, _ b: TestReplica) throws -> Int {
    try b.put("r", ["title": .text("changed")])
    return try bytes(a, b)
  }
}
