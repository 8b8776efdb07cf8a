import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncStorage
import Testing

/// Records in short, for comparing, and what is made anew from records.
@Suite struct DigestLaws {
  @Test(arguments: StoreEngine.all) func digestsAreInOrderAndAddUpToTheFingerprint(
    engine: StoreEngine
  ) throws {
    let office = try TestStore(engine, "office/rabat")
    for number in 0..<20 { try office.store.put("r\(number)", ["n": "\(number)"]) }
    try office.store.delete("r3")
    try office.store.put("other", ["n": "1"], in: CollectionName("elsewhere"))
    let snapshot = try office.store.snapshot(of: .projects)
    let all = try snapshot.digests(after: nil, through: nil, limit: 100)
    #expect(all.count == 20)
    #expect(all.map(\.id) == all.map(\.id).sorted())
    #expect(all.allSatisfy { !$0.isDamaged })
    #expect(try all.reduce(.zero) { $0 + $1.fingerprint } == snapshot.condition.fingerprint)

    let middle = try snapshot.digests(after: all[4].id, through: all[9].id, limit: 100)
    #expect(middle == Array(all[5...9]))
    #expect(try snapshot.digests(after: all[4].id, through: nil, limit: 3) == Array(all[5..<8]))
    #expect(try snapshot.digests(after: nil, through: all[0].id, limit: 9) == [all[0]])
    #expect(try snapshot.digests(after: all[19].id, through: nil, limit: 9).isEmpty)
    // A bound need not be a record.
    #expect(
      try snapshot.digests(after: RecordID("r"), through: RecordID("r1"), limit: 9).count == 2)
  }

  @Test(arguments: StoreEngine.all) func whatIsMadeAnewIsWhatItWas(engine: StoreEngine) throws {
    let office = try TestStore(engine, "office/rabat")
    try office.store.setSchema(["status": .manual])
    for number in 0..<10 { try office.store.put("r\(number)", ["status": "open"]) }
    try office.store.put("r1", ["status": "closed"], context: VersionVector())
    try office.store.delete("r2")
    let before = try office.store.snapshot(of: .projects)
    try office.store.rebuild(.projects)
    let after = try office.store.snapshot(of: .projects)
    try audit(after)
    #expect(try after.condition == before.condition)
    #expect(after.openConflictCount == 1)
    #expect(try after.knowledge == before.knowledge)
  }

  @Test(arguments: StoreEngine.all) func whatAnOfficeHoldsIsPutInPlace(engine: StoreEngine) throws {
    let office = try TestStore(engine, "office/rabat")
    try office.store.put("r1", ["title": "Hub"])
    let held = try #require(try office.store.snapshot(of: .projects).record(RecordID("r1")))
    let device = try TestStore(engine, "field/amina")
    try device.store.put("own", ["title": "Mine"])
    try device.store.repair([try incoming("r1", held)], in: .projects)
    try device.store.rebuild(.projects)
    #expect(try device.store.text("r1", "title") == ["Hub"])
    // What is sound is merged with, and nothing of it is lost.
    try device.store.put("r1", ["note": "seen"])
    try device.store.repair([try incoming("r1", held)], in: .projects)
    try device.store.rebuild(.projects)
    #expect(try device.store.text("r1", "note") == ["seen"])
    try audit(try device.store.snapshot(of: .projects))
  }
}
