import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncReplication
import OfficeSyncSecureTransport
import OfficeSyncStorage
import OfficeSyncSyncLink
import Testing

/// Stores whose disks are nearly full: they take nothing in, and give what they have.
@Suite(.timeLimit(.minutes(10))) struct RoomTests {
  private let office: Site
  private let device: Site

  init() throws {
    (office, device) = try Organisation().officeAndDevice()
    try office.put("a", ["title": "Gare"])
    try device.put("b", ["title": "Port"])
  }

  private func isShortOfRoom(_ report: SyncClient.Report) -> Bool {
    if case .storage(.diskNearlyFull)? = report.failure?.kind { true } else { false }
  }

  @Test func aDeviceWithoutRoomOnlyPushes() async throws {
    device.disk.isFull = true
    try await office.serving { running in
      let pull = try await device.sync(.pull, port: running.port)
      #expect(isShortOfRoom(pull))
      // Nobody was even dialled.
      #expect(pull.peer == nil)

      let sync = try await device.sync(port: running.port)
      #expect(isShortOfRoom(sync))
      #expect(sync.outcome?.sent == 1)
      #expect(sync.outcome?.received == 0)
      #expect(try office.values("b", "title") == ["Port"])
      #expect(try device.snapshot().unsentCount == 0)

      try device.put("c", ["title": "Pont"])
      let push = try await device.sync(.push, port: running.port)
      #expect(push.failure == nil)
      #expect(push.outcome?.sent == 1)

      device.disk.isFull = false
      let whole = try await device.sync(port: running.port)
      #expect(whole.failure == nil)
      #expect(whole.outcome?.received == 1)
      #expect(whole.outcome?.inSync == true)
    }
  }

  @Test func anOfficeWithoutRoomOnlyGives() async throws {
    office.disk.isFull = true
    try await office.serving { running in
      let sync = try await device.sync(port: running.port)
      #expect(sync.failure == nil)
      #expect(sync.outcome?.received == 1)
      #expect(sync.outcome?.sent == 0)
      let error = try #require(sync.outcome?.error)
      #expect(error.code == .storage)
      #expect(error.side == .peer)
      #expect(error.message.contains("disk is nearly full"))
      #expect(try device.values("a", "title") == ["Gare"])

      let push = try await device.sync(.push, port: running.port)
      #expect(push.outcome?.error?.code == .storage)
      #expect(push.outcome?.error?.message == error.message)
      #expect(try device.snapshot().unsentCount == 1)

      office.disk.isFull = false
      let whole = try await device.sync(port: running.port)
      #expect(whole.outcome?.inSync == true)
      #expect(try office.values("b", "title") == ["Port"])
    }
  }

  /// Who has nothing to write is not told.
  @Test func nothingToWriteIsNothingRefused() async throws {
    office.disk.isFull = true
    let reader = try Site("field/salma", in: office.organisation)
    try office.grant("field/salma", .projects, .write)
    try await office.serving { running in
      let sync = try await reader.sync(port: running.port)
      #expect(sync.outcome?.error == nil)
      #expect(sync.outcome?.received == 1)
    }
  }

  /// Who is revoked elsewhere is so here, too.
  @Test func whatTheOfficesAgreeOnIsTakenAllTheSame() async throws {
    let other = try Site("office/fes", in: office.organisation)
    try other.put("k", ["a": "b"], in: .office)
    office.disk.isFull = true
    try await office.serving { running in
      let sync = try await other.sync(.push, port: running.port, [.office])
      #expect(sync.outcome?.error == nil)
      #expect(try office.values("k", "a", in: .office) == ["b"])
    }
  }

  /// Also where it is the office without room that comes.
  @Test(arguments: [Directions.pull, [.pull, .push]])
  func anOfficeWithoutRoomFetchesWhatTheOfficesAgreeOn(_ directions: Directions) async throws {
    let full = try Site("office/fes", in: office.organisation)
    try full.put("c", ["title": "Pont"])
    try office.put("k", ["a": "b"], in: .office)
    full.disk.isFull = true
    try await office.serving { running in
      let sync = try await full.sync(directions, port: running.port, nil)
      #expect(isShortOfRoom(sync))
      #expect(sync.outcomes.allSatisfy { $0.error == nil })
    }
    #expect(try full.values("k", "a", in: .office) == ["b"])
    #expect(try full.values("a", "title") == [])
    #expect(try office.values("c", "title") == (directions == .pull ? [] : ["Pont"]))
  }

  @Test func aCourierSaysWhichOfficeHasNoRoom() async throws {
    let other = try Site("office/fes", in: office.organisation)
    try other.put("c", ["title": "Pont"])
    other.disk.isFull = true
    let courier = Courier(
      software: "test", context: try office.organisation.context(for: office.identity, as: .client),
      wall: wallClock)
    try await office.serving { here in
      try await other.serving { there in
        let report = await courier.replicate(
          Courier.Request(
            from: Courier.Request.Server(host: "127.0.0.1", port: here.port),
            to: Courier.Request.Server(host: "127.0.0.1", port: there.port),
            wanted: Set(RelayEnd.allCases), collections: [.projects]))
        #expect(report.failure == nil)
        let outcome = try #require(report.outcomes.first)
        #expect(outcome.denied[.from]?.end == .to)
        #expect(outcome.denied[.from]?.error.code == .storage)
        #expect(outcome.flows[.to]?.carried == 1)
      }
    }
    #expect(try office.values("c", "title") == ["Pont"])
    #expect(try other.values("a", "title") == [])
  }
}
