import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncReplication
import OfficeSyncStorage
import Testing

/// Wall clocks that run wrong and are set right.
@Suite struct ClockTests {
  private static let year: UInt64 = 365 * 86_400_000

  private func times(_ replica: TestReplica, _ id: String, _ path: String) throws -> [UInt64] {
    try replica.record(id)?.siblings(at: FieldPath(path)).map(\.write.time.milliseconds) ?? []
  }

  @Test func aLaptopOfFiveYearsAheadIsSetRightAndSyncs() throws {
    let (office, device) = (try TestReplica("office/rabat"), try TestReplica("field/amina"))
    let now = office.wall
    device.wall = now + 5 * Self.year
    for n in 0..<3 { try device.put("p\(n)", ["title": .text("written in 2030")]) }
    let late = try converse(device, with: office, [.pull, .push])
    #expect(late.only?.error?.code == .clockAhead)

    device.wall = now
    let sync = try converse(device, with: office, [.pull, .push])
    #expect(sync.only?.inSync == true)
    for n in 0..<3 { #expect(try times(office, "p\(n)", "title") == [now]) }
    try office.put("p0", ["title": .text("the office's")])
    #expect(try times(office, "p0", "title") == [now])
    #expect(try converse(device, with: office, [.pull, .push]).only?.inSync == true)
  }

  /// A device that has no wrong clock to say so, but a store from one.
  @Test func whatADeviceCannotSetRightWaitsAndHarmsNobody() throws {
    let offices = try ["rabat", "fes"].map { try TestReplica("office/\($0)") }
    let (rabat, fes) = (offices[0], offices[1])
    let device = try TestReplica("field/amina")
    let now = fes.wall
    // Rabat's clock is as wrong as the device's, and the link breaks when the records are under way.
    (rabat.wall, device.wall) = (now + Self.year, now + Self.year)
    try device.put("p", ["title": .text("early"), "status": .text("early")])
    let cut = try converse(device, with: rabat, .push, collections: [projects], cut: 5)
    #expect(cut.sentByClient.count == 1)

    device.wall = now
    try device.put("q", ["title": .text("due")])
    let push = try converse(device, with: fes, .push)
    #expect(push.only?.deferred == 1)
    #expect(try fes.record("p") == nil)
    #expect(try times(fes, "q", "title") == [now])
    try fes.put("q", ["title": .text("the office's")])
    #expect(try times(fes, "q", "title") == [now])
    #expect(try device.view().confirmed.isEmpty)

    // Written again it is due; what was overtaken is not asked for its time.
    try device.put("p", ["title": .text("due")])
    #expect(try converse(device, with: fes, .push).only?.deferred == 1)
    try device.put("p", ["status": .text("due")])
    #expect(try converse(device, with: fes, [.pull, .push]).only?.inSync == true)
    #expect(try times(fes, "p", "title") == [now])

    // What an office did take in its wrong time, others take from it as it is, and none follows it.
    _ = try converse(device, with: rabat, .push)
    try rabat.put("r", ["title": .text("a year early")])
    rabat.wall = now
    #expect(try converse(rabat, with: fes, [.pull, .push]).only?.inSync == true)
    #expect(try times(fes, "r", "title") == [now])
  }

  @Test func theOfficeThatTookItFirstVouchesForTheTime() throws {
    let (rabat, fes) = (try TestReplica("office/rabat"), try TestReplica("office/fes"))
    let device = try TestReplica("field/amina")
    let now = fes.wall
    (rabat.wall, device.wall) = (now + Self.year, now + Self.year)
    try device.put("p", ["title": .text("early")])
    #expect(try converse(device, with: rabat, .push).only?.deferred == 0)
    (rabat.wall, device.wall) = (now, now)
    #expect(try converse(rabat, with: fes, [.pull, .push]).only?.inSync == true)
    #expect(try times(fes, "p", "title") == [now + Self.year])

    // The far time shows until somebody who has seen it writes.
    try fes.put("p", ["title": .text("seen")])
    #expect(try fes.values("p", "title") == [.text("seen")])
    #expect(try times(fes, "p", "title") == [now])
    // The device's next write stands beside its early one, which is here already.
    try device.put("p", ["status": .text("due")])
    let push = try converse(device, with: fes, [.pull, .push])
    #expect(push.only?.deferred == 0)
    #expect(push.only?.inSync == true)
  }
}
