import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncReplication
import OfficeSyncStorage
import OfficeSyncSyncLink
import Testing

/// Who is let in, and to what.
@Suite(.timeLimit(.minutes(10))) struct AccessTests {
  let organisation: Organisation
  let office: Site
  let device: Site

  init() throws {
    organisation = try Organisation()
    office = try Site("office/rabat", in: organisation)
    device = try Site("field/amina", in: organisation)
    try office.put("a", ["title": "Gare"])
  }

  @Test func aRefusalNamesTheGrantOnBothSides() async throws {
    let log = LogLines()
    try await office.serving(log: log) { running in
      let report = try await device.sync(port: running.port)
      #expect(report.failure == nil)
      let error = try #require(report.outcome?.error)
      #expect(error.code == .notAllowed)
      let command = "syncserver access grant field/amina projects --read --write"
      #expect(error.message.hasSuffix(command))
      #expect(await log.line(with: "info session").contains(command))

      // What does not exist is refused in the same words.
      let unknown = try await device.sync(port: running.port, [.visits])
      #expect(
        unknown.outcome?.error?.message == error.message.replacing("projects", with: "visits"))
      #expect(try device.snapshot().recordCount == 0)
    }
  }

  @Test func readingDoesNotIncludeWriting() async throws {
    try office.grant("field/amina", .projects, .read)
    try await office.serving { running in
      // Nothing to write: nothing is refused.
      let first = try await device.sync(port: running.port)
      #expect(first.outcome?.error == nil)
      #expect(first.outcome?.received == 1)
      #expect(first.outcome?.inSync == true)

      try device.put("b", ["title": "Port"])
      try office.put("a", ["title": "Gare de Fès"])
      let second = try await device.sync(port: running.port)
      #expect(second.outcome?.received == 1)
      #expect(
        second.outcome?.error?.message.hasSuffix(
          "syncserver access grant field/amina projects --write") == true)
      #expect(try office.values("b", "title") == [])
      #expect(try device.snapshot().confirmed.isEmpty)
    }
  }

  @Test func grantsAreLookedAtByEveryRequest() async throws {
    try office.grant("field/amina", .projects, .read)
    try await office.serving { running in
      try await RawPeer.connected(device, port: running.port) { peer in
        try await peer.send(device.hello)
        guard case .welcome(let welcome)? = try await peer.receive(1).first else {
          Issue.record("no welcome")
          return
        }
        #expect(
          welcome.collections
            == [Welcome.Access(collection: .projects, read: true, write: false, isHeld: true)])
        try await peer.send(device.open(.projects, on: 1))
        guard case .state? = try await peer.receive(1).first else {
          Issue.record("no state")
          return
        }
        try office.store.revoke(
          from: .identity(device.identity), scope: .collection(.projects), remaining: .none,
          wallMilliseconds: wallClock())
        try await peer.send(device.open(.projects, on: 2))
        guard case .refused(let refused)? = try await peer.receive(1).first else {
          Issue.record("not refused")
          return
        }
        #expect(refused.code == .notAllowed)
      }
    }
  }

  @Test func namesOfGrantsAreListedBeforeTheyHoldAnything() async throws {
    try office.grant("field/*", .visits, .write)
    try device.put("v", ["note": "vu"], in: .visits)
    try await office.serving { running in
      let report = try await device.sync(port: running.port, nil)
      #expect(report.outcomes.map(\.collection) == [.visits])
      #expect(report.outcome?.inSync == true)
    }
    #expect(try office.values("v", "note", in: .visits) == ["vu"])
  }

  @Test func devicesNeverSeeTheOfficesOwnCollection() async throws {
    try office.put("grants", ["x": "y"], in: .office)
    try office.store.grant(
      Grant(subject: .everyone(.field), scope: .allCollections, access: .write),
      wallMilliseconds: wallClock())
    try await office.serving { running in
      let listed = try await device.sync(port: running.port, nil)
      #expect(listed.outcomes.map(\.collection) == [.projects])
      let asked = try await device.sync(port: running.port, [.office])
      #expect(asked.outcome?.error?.code == .notAllowed)
      let other = try Site("office/fes", in: organisation)
      let report = try await other.sync(port: running.port, nil)
      #expect(report.outcomes.map(\.collection) == [.office, .projects])
    }
  }

  // MARK: Replicas

  @Test func aReplicaBelongsToWhoShowedItFirst() async throws {
    try office.grant("field/*", .projects, .write)
    let other = try Site("field/salma", in: organisation, replicaID: device.replica.id)
    let log = LogLines()
    try await office.serving(log: log) { running in
      #expect(try await device.sync(port: running.port).failure == nil)
      let report = try await other.sync(port: running.port)
      #expect(report.code == .replicaOwnedByAnother)
      // Whose it is, is for the log alone.
      #expect(report.failure?.message.contains("amina") == false)
      let line = await log.line(with: "warning", "owner=field/amina")
      #expect(line.contains("identity=field/salma"))
      #expect(try await device.sync(port: running.port).failure == nil)
    }
    #expect(try office.store.owner(of: device.replica.id) == device.identity)
  }

  /// The device was never here, but what it wrote came by way of another office.
  @Test func aReplicaBelongsToTheAuthorOfItsWrites() async throws {
    let fes = try Site("office/fes", in: organisation)
    for site in [office, fes] { try site.grant("field/*", .projects, .write) }
    try device.put("v", ["note": "vu"])
    let other = try Site("field/salma", in: organisation, replicaID: device.replica.id)
    try await office.serving { atRabat in
      _ = try await device.sync(port: atRabat.port)
      _ = try await fes.sync(port: atRabat.port)
    }
    try await fes.serving { running in
      let refused = try await other.sync(port: running.port)
      #expect(refused.code == .replicaOwnedByAnother)
      let admitted = try await device.sync(port: running.port)
      #expect(admitted.failure == nil)
    }
  }

  @Test func anOfficeMayPresentAnothersReplica() async throws {
    let fes = try Site("office/fes", in: organisation)
    let courier = try Site(
      "office/agadir", in: organisation, replicaID: fes.replica.id, author: "office/fes")
    let log = LogLines()
    try await office.serving(log: log) { running in
      let own = try await fes.sync(port: running.port)
      #expect(own.failure == nil)
      let carried = try await courier.sync(.pull, port: running.port)
      #expect(carried.failure == nil)
      let line = await log.line(with: "notice", "owner=office/fes")
      #expect(line.contains("identity=office/agadir"))
    }
  }

  @Test func anOfficeMayNotPresentADevicesReplica() async throws {
    try office.grant("field/amina", .projects, .write)
    let fes = try Site("office/fes", in: organisation, replicaID: device.replica.id)
    try await office.serving { running in
      _ = try await device.sync(port: running.port)
      #expect(try await fes.sync(port: running.port).code == .replicaOwnedByAnother)
    }
  }

  // MARK: What devices claim

  @Test func aClockThatRunsAheadIsTold() async throws {
    try office.grant("field/amina", .projects, .write)
    try await office.serving { running in
      let ahead = wallClock() + 600_000
      let nothing = try await device.sync(port: running.port) { ahead }
      #expect(nothing.failure == nil)
      #expect(nothing.warnings.count == 1)
      try device.put("mine", ["title": "x"])
      let report = try await device.sync(port: running.port) { ahead }
      #expect(report.outcomes.map(\.error?.code) == [.clockAhead])
      let message = report.outcomes.first?.error?.message ?? ""
      let shown = Timestamp(HybridTime(milliseconds: ahead)).description
      #expect(nothing.warnings.first?.contains(shown) == true)
      #expect(message.contains(shown))
      #expect(message.matches(of: /\d\d\d\d-\d\d-\d\dT/).count == 2)
      // An office's clock is not looked at: it relays.
      let fes = try Site("office/fes", in: organisation)
      #expect(try await fes.sync(port: running.port, wall: { ahead }).failure == nil)
    }
  }

  /// The device's store says that somebody else wrote its records.
  @Test func forgedAuthorsAreRefusedAndListed() async throws {
    let forger = try Site("field/amina", in: organisation, author: "field/salma")
    try office.grant("field/amina", .projects, .write)
    try forger.put("forged", ["title": "x"])
    try await office.serving { running in
      let report = try await forger.sync(.push, port: running.port)
      #expect(report.failure == nil)
      #expect(report.outcome?.refused == 1)
      #expect(try office.snapshot().record(RecordID("forged")) == nil)
      let refusals = try forger.snapshot().refusals
      #expect(refusals.map(\.id) == [try RecordID("forged")])
      #expect(try forger.snapshot().confirmed.isEmpty)
      // It is not sent again.
      #expect(try await forger.sync(.push, port: running.port).outcome?.sent == 0)
    }
  }

  /// A client that pulls and then claims to have refused a record must not keep it from others.
  @Test func refusalsOfADeviceChangeNothing() async throws {
    try office.grant("field/*", .projects, .write)
    let other = try Site("field/salma", in: organisation)
    try await office.serving { running in
      try await RawPeer.connected(device, port: running.port) { peer in
        try await peer.send(device.hello)
        _ = try await peer.receive(1)
        try await peer.send(device.open(.projects, on: 1))
        _ = try await peer.receive(1)
        let mine = try device.snapshot()
        try await peer.send(
          .state(
            State(
              channel: 1, directions: .pull, knowledge: mine.knowledge, ended: mine.ended,
              condition: mine.condition, progress: nil)))
        // Stamps, Begin, Records, Done.
        _ = try await peer.receive(4)
        try await peer.send(
          .result(
            Result(
              channel: 1, applied: 0, deferred: 0, newConflicts: 0, refused: 1,
              refusals: [Result.Refusal(id: RecordID("a"), reason: .contradiction)],
              digest: mine.knowledge.digest, condition: mine.condition)))
      }
      #expect(try await other.sync(.pull, port: running.port).outcome?.received == 1)
    }
    #expect(try office.snapshot().refusals.isEmpty)
    // Nor does a device's having it count as another office's.
    #expect(try office.snapshot().confirmed.isEmpty)
  }
}
