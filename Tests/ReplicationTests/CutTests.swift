import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncStorage
import OfficeSyncTestSupport
import Testing

@testable import OfficeSyncReplication

@Suite struct CutTests {
  /// Both sides have news for each other, over several frames.
  private func pair() throws -> (office: TestReplica, device: TestReplica) {
    let (office, device) = (try TestReplica("office/rabat"), try TestReplica("field/amina"))
    try office.fill("p", count: 60, field: "text", bytes: 6_000)
    _ = try converse(device, with: office, .pull)
    try office.fill("q", count: 60, field: "text", bytes: 6_000)
    try device.fill("p", count: 60, field: "note", bytes: 6_000)
    return (office, device)
  }

  private func whole() throws -> SessionResult {
    let (office, device) = try pair()
    return try converse(device, with: office, [.pull, .push])
  }

  @Test func aSessionCutAtAnyMessageGoesOnWhereItStopped() throws {
    let messages = try whole().messages
    #expect(messages > 20)
    for cut in 0..<messages {
      let (office, device) = try pair()
      let broken = try converse(device, with: office, [.pull, .push], cut: cut)
      let rest = try converse(device, with: office, [.pull, .push])
      #expect(rest.only?.inSync == true, "cut after \(cut)")
      #expect(try office.view().knowledge == device.view().knowledge, "cut after \(cut)")
      #expect(try office.view().condition == device.view().condition, "cut after \(cut)")
      #expect(try device.confirmedOwn() == 60, "cut after \(cut)")

      // What came in whole is not sent again: at most the frames that were under way when the link broke.
      let again =
        Set(broken.sentByServer).intersection(rest.sentByServer).count
        + Set(broken.sentByClient).intersection(rest.sentByClient).count
      #expect(again <= 2 * (Outgoing.readBytesGoal / 6_000 + 2), "cut after \(cut)")
    }
  }

  /// The schema goes ahead of its turn, and is neither lost nor sent for nothing.
  @Test func aSchemaThatWentAheadCounts() throws {
    func offices() throws -> (TestReplica, TestReplica) {
      let (rabat, fes) = (try TestReplica("office/rabat"), try TestReplica("office/fes"))
      try rabat.fill("p", count: 60, field: "text", bytes: 6_000)
      try rabat.put("$schema", ["fields/text/type": .text("text")])
      try rabat.fill("q", count: 60, field: "text", bytes: 6_000)
      return (rabat, fes)
    }
    let (rabat, fes) = try offices()
    let messages = try converse(fes, with: rabat, .pull).messages
    for cut in 0..<messages {
      let (rabat, fes) = try offices()
      let broken = try converse(fes, with: rabat, .pull, cut: cut)
      let hadAll = try fes.record("q0") != nil && fes.view().record(.schema) != nil
      let rest = try converse(fes, with: rabat, .pull)
      #expect(rest.only?.inSync ?? true, "cut after \(cut)")
      #expect(try rabat.view().condition == fes.view().condition, "cut after \(cut)")
      #expect(broken.sentByServer.isEmpty || broken.sentByServer.first == .schema)
      if hadAll, rest.only?.resumed == true {
        #expect(!rest.sentByServer.contains(.schema), "cut after \(cut)")
      }
    }
  }

  /// The word that everything arrived is lost. That both know the same says it again, without a record being carried.
  @Test(arguments: [Directions.push, .pull])
  func whoseAcknowledgementIsLostLearnsItTheNextTime(_ directions: Directions) throws {
    let (rabat, fes) = (try TestReplica("office/rabat"), try TestReplica("office/fes"))
    let writer = directions == .push ? rabat : fes
    let pair = { (cut: Int?) in try converse(rabat, with: fes, directions, cut: cut) }
    try writer.fill("p", count: 3, field: "text", bytes: 10)
    let messages = try pair(nil).messages
    #expect(try writer.confirmedOwn() == 3)

    try writer.fill("q", count: 3, field: "text", bytes: 10)
    let cut = try pair(messages - 1)
    #expect(cut.messages == messages - 1)
    #expect(try rabat.view().condition == fes.view().condition)
    #expect(try writer.confirmedOwn() == 3)
    let again = try pair(nil)
    #expect(again.roundTrips == 1)
    #expect(again.sentByClient + again.sentByServer == [])
    #expect(try writer.confirmedOwn() == 6)
  }

  @Test func aSessionCutWhileTheStoreLagsLosesNothing() throws {
    let messages = try whole().messages
    for cut in 0..<messages {
      let (office, device) = try pair()
      _ = try converse(device, with: office, [.pull, .push], cut: cut, lag: UInt64(cut))
      let rest = try converse(device, with: office, [.pull, .push], lag: UInt64(cut))
      #expect(rest.only?.inSync == true, "cut after \(cut)")
      #expect(try office.view().condition == device.view().condition, "cut after \(cut)")
    }
  }

  @Test func progressSurvivesManyCutsInARow() throws {
    let (office, device) = (try TestReplica("office/rabat"), try TestReplica("field/amina"))
    try office.fill("p", count: 400, field: "text", bytes: 3_000)
    var sent = 0
    var rounds = 0
    var inSync = false
    while !inSync && rounds < 100 {
      rounds += 1
      let result = try converse(device, with: office, .pull, collections: [projects], cut: 12)
      sent += result.sentByServer.count
      inSync = result.only?.inSync == true
    }
    #expect(inSync)
    #expect(rounds > 2)
    // Each cut loses at most what was read and not delivered.
    #expect(sent <= 400 + rounds * (Outgoing.readBytesGoal / 3_000 + 1))
    #expect(try device.view().condition == office.view().condition)
  }

  @Test func whatCameBeforeACutGoesOnThoughItsSenderIsGone() throws {
    let (rabat, fes) = (try TestReplica("office/rabat"), try TestReplica("office/fes"))
    try fes.put("before", ["title": .text("known to both")])
    _ = try converse(rabat, with: fes, [.pull, .push])
    let device = try TestReplica("field/amina")
    try device.put("p", ["title": .text("by amina")])
    var cut = 0
    while try rabat.record("p") == nil {
      cut += 1
      _ = try converse(device, with: rabat, .push, cut: cut)
    }
    // The record came, and the end of the stream did not: nobody will ever vouch for it.
    #expect(try rabat.view().condition.isPartial)
    #expect(try rabat.view().knowledge.vector == fes.view().knowledge.vector)

    _ = try converse(fes, with: rabat, [.pull, .push])
    #expect(try fes.values("p", "title") == [.text("by amina")])
    // Once both have it they have nothing to tell each other.
    let again = try converse(fes, with: rabat, [.pull, .push])
    #expect(again.messages == 4)
    #expect(again.sentByClient.isEmpty && again.sentByServer.isEmpty)
  }

  @Test func aCopyOfTheSenderDoesNotHonourProgressThatItNeverGaveOut() throws {
    let (office, device) = (try TestReplica("office/rabat"), try TestReplica("office/fes"))
    try office.fill("p", count: 200, field: "text", bytes: 3_000)
    _ = try converse(office, with: try TestReplica("office/oujda"), .push)  // stamped
    let copy = try TestReplica(copyOf: office)
    let broken = try converse(device, with: office, .pull, collections: [projects], cut: 10)
    #expect(!broken.sentByServer.isEmpty)

    let rest = try converse(device, with: copy, .pull, collections: [projects])
    #expect(rest.only?.resumed == false)
    #expect(rest.only?.received == 200)
    #expect(rest.only?.inSync == true)
  }
}
