import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncReplication
import OfficeSyncStorage
import OfficeSyncSyncLink
import Testing

/// Real stores over real sockets: what goes in at one comes out at the other.
@Suite(.timeLimit(.minutes(10))) struct ExchangeTests {
  let organisation: Organisation

  init() throws {
    organisation = try Organisation()
  }

  @Test func aDeviceAndItsOfficeBothWays() async throws {
    let (office, device) = try organisation.officeAndDevice()
    try office.put("a", ["title": "Gare"])
    try office.put("b", ["title": "Port"])

    try await office.serving { running in
      let pulled = try await device.sync(.pull, port: running.port)
      #expect(pulled.failure == nil)
      #expect(pulled.outcome?.received == 2)
      #expect(pulled.outcome?.applied == 2)
      #expect(pulled.outcome?.inSync == true)
      #expect(pulled.peer?.identity == office.identity)
      #expect(try device.values("b", "title") == ["Port"])

      try device.put("b", ["status": "signé"])
      let pushed = try await device.sync(.push, port: running.port)
      #expect(pushed.failure == nil)
      #expect(pushed.outcome?.sent == 1)
      #expect(pushed.outcome?.deferred == 0)
      #expect(try office.values("b", "status") == ["signé"])
      #expect(try device.snapshot().confirmed[device.replica.id] == 1)

      try office.put("a", ["title": "Gare de Fès"])
      try device.put("c", ["title": "الدار البيضاء"])
      let synced = try await device.sync(port: running.port)
      #expect(synced.failure == nil)
      #expect(synced.outcome?.sent == 1)
      #expect(synced.outcome?.received == 1)
      #expect(synced.outcome?.inSync == true)
    }
    try expectEqual(office, device)
    #expect(try office.values("c", "title") == ["الدار البيضاء"])
  }

  /// What repeats itself goes over the line once, both ways; the frames' own bytes are counted as ever.
  @Test func whatGoesOverTheLineIsCompressed() async throws {
    let (office, device) = try organisation.officeAndDevice()
    let text = String(repeating: "convention de partenariat signée, ", count: 20)
    for number in 0..<200 {
      try office.put("o\(number)", ["note": text])
      try device.put("d\(number)", ["note": text])
    }
    try await office.serving { running in
      let traffic = try await device.sync(port: running.port).traffic
      for (frames, socket) in [
        (traffic.frameBytesSent, traffic.bytesSent),
        (traffic.frameBytesReceived, traffic.bytesReceived),
      ] {
        #expect(frames > 200 * text.utf8.count)
        #expect(socket < frames / 8)
      }
    }
    try expectEqual(office, device)
  }

  @Test func twoOffices() async throws {
    let rabat = try Site("office/rabat", in: organisation)
    let fes = try Site("office/fes", in: organisation)
    try rabat.put("a", ["title": "Gare"])
    try fes.put("b", ["title": "Port"])
    try fes.put("v", ["note": "vu"], in: .visits)

    try await rabat.serving { running in
      // No names: all that either side has.
      let report = try await fes.sync(port: running.port, nil)
      #expect(report.failure == nil)
      #expect(report.outcomes.map(\.collection) == [.office, .projects, .visits])
      #expect(report.outcomes.allSatisfy { $0.inSync == true })
    }
    try expectEqual(rabat, fes)
    #expect(try rabat.values("v", "note", in: .visits) == ["vu"])
  }

  @Test func collectionsThatOnlyTheServerHas() async throws {
    let rabat = try Site("office/rabat", in: organisation)
    let fes = try Site("office/fes", in: organisation)
    try rabat.put("a", ["title": "Gare"])
    try await rabat.serving { running in
      let report = try await fes.sync(.pull, port: running.port, nil)
      #expect(report.outcomes.map(\.collection) == [.office, .projects])
    }
    try expectEqual(rabat, fes)
  }

  @Test func nothingChangedCostsOneRoundTrip() async throws {
    let (office, device) = try organisation.officeAndDevice()
    try office.fill(500, prefix: "p")
    try await office.serving { running in
      _ = try await device.sync(port: running.port)
      let again = try await device.sync(port: running.port)
      #expect(again.failure == nil)
      #expect(again.outcome?.inSync == true)
      #expect(again.roundTrips == 1)
      #expect(again.traffic.frameBytesSent + again.traffic.frameBytesReceived <= 600)
    }
  }

  /// What a grant allows and neither side has anything of: the office says so in its Welcome.
  @Test func anEmptyCollectionCostsNoRoundTrip() async throws {
    let (office, device) = try organisation.officeAndDevice()
    try office.grant("field/amina", .visits, .write)
    try office.put("a", ["title": "Gare"])
    try await office.serving { running in
      _ = try await device.sync(port: running.port, nil)
      let again = try await device.sync(port: running.port, nil)
      #expect(again.failure == nil)
      #expect(again.roundTrips == 1)
      #expect(again.outcomes.map(\.collection) == [.projects, .visits])
      #expect(again.outcomes.map(\.inSync) == [true, true])
      try office.put("v", ["note": "first"], in: .visits)
      _ = try await device.sync(port: running.port, nil)
    }
    #expect(try device.values("v", "note", in: .visits) == ["first"])
  }

  @Test func aConflictShowsOnBothSides() async throws {
    let (office, device) = try organisation.officeAndDevice()
    try office.put("a", ["status": "planned"])
    try await office.serving { running in
      _ = try await device.sync(port: running.port)
      try office.put("a", ["status": "signed"])
      try device.put("a", ["status": "cancelled"])
      let report = try await device.sync(port: running.port)
      #expect(report.outcome?.inSync == true)
    }
    for site in [office, device] {
      #expect(try site.values("a", "status") == ["cancelled", "signed"])
    }
    try expectEqual(office, device)
  }

  /// The device knows a write of office A that office B has not seen: B lets the device's write wait.
  @Test func whatBuildsOnUnseenWritesWaits() async throws {
    let rabat = try Site("office/rabat", in: organisation)
    let fes = try Site("office/fes", in: organisation)
    let device = try Site("field/amina", in: organisation)
    for office in [rabat, fes] { try office.grant("field/amina", .projects, .write) }
    try rabat.put("a", ["title": "Gare"])
    try await rabat.serving { atRabat in
      _ = try await device.sync(.pull, port: atRabat.port)
      try device.put("a", ["status": "visited"])
      try device.put("new", ["title": "Port"])
      try await fes.serving { atFes in
        let early = try await device.sync(.push, port: atFes.port)
        #expect(early.failure == nil)
        #expect(early.outcome?.deferred == 1)
        #expect(try fes.values("a", "status") == [])
        #expect(try fes.values("new", "title") == ["Port"])
        #expect(try device.snapshot().confirmed.isEmpty)

        _ = try await fes.sync(port: atRabat.port)
        let later = try await device.sync(.push, port: atFes.port)
        #expect(later.outcome?.deferred == 0)
        #expect(try fes.values("a", "status") == ["visited"])
        #expect(try device.snapshot().confirmed[device.replica.id] == 2)
      }
      _ = try await fes.sync(port: atRabat.port)
    }
    try expectEqual(rabat, fes)
    try expectEqual(rabat, device)
  }

  @Test func bothSidesSendMuchAtOnce() async throws {
    let rabat = try Site("office/rabat", in: organisation)
    let fes = try Site("office/fes", in: organisation)
    try rabat.fill(4_000, prefix: "r", bytes: 1_500)
    try fes.fill(4_000, prefix: "f", bytes: 1_500)
    try await rabat.serving { running in
      let report = try await fes.sync(port: running.port)
      #expect(report.failure == nil)
      #expect(report.outcome?.sent == 4_000)
      #expect(report.outcome?.received == 4_000)
      #expect(report.outcome?.inSync == true)
    }
    try expectEqual(rabat, fes)
  }

  @Test func severalSessionsAtOnce() async throws {
    let rabat = try Site("office/rabat", in: organisation)
    let agadir = try Site("office/agadir", in: organisation)
    let fes = try Site("office/fes", in: organisation)
    let oujda = try Site("office/oujda", in: organisation)
    try rabat.fill(1_500, prefix: "r")
    try agadir.fill(1_500, prefix: "a")
    try fes.fill(500, prefix: "f")
    try await rabat.serving { atRabat in
      try await agadir.serving { atAgadir in
        // One store with two servers, and two stores with one server.
        async let first = fes.sync(port: atRabat.port)
        async let second = fes.sync(port: atAgadir.port)
        async let third = oujda.sync(port: atRabat.port)
        for report in try await [first, second, third] { #expect(report.failure == nil) }
        for site in [fes, oujda, agadir] { _ = try await site.sync(port: atRabat.port) }
        for site in [fes, oujda, agadir] {
          #expect(try await site.sync(port: atRabat.port).outcome?.inSync == true)
        }
      }
    }
    for site in [fes, oujda, agadir] { try expectEqual(rabat, site) }
  }

  @Test func theServersLogSaysWhoAndHowMuch() async throws {
    let (office, device) = try organisation.officeAndDevice()
    try office.fill(20, prefix: "p")
    let log = LogLines()
    try await office.serving(log: log) { running in
      _ = try await device.sync(.pull, port: running.port)
      let line = await log.line(with: "info session ")
      #expect(line.contains("identity=field/amina"))
      #expect(line.contains("replica=\(device.replica.id)"))
      #expect(line.contains(#"collections=["projects"]"#))
      #expect(line.contains(" sent=20 "))
    }
    #expect(log.all.count == 1)
    let peer = try #require(try office.store.peers().first)
    #expect(peer.identity == device.identity)
    #expect(peer.seenMilliseconds != nil)
    #expect(try peer.knowledge[.projects] == office.snapshot().knowledge.vector)
  }

  private func expectEqual(
    _ a: Site, _ b: Site, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let (one, other) = (try a.snapshot(), try b.snapshot())
    #expect(try one.condition == other.condition, sourceLocation: sourceLocation)
    #expect(try !one.condition.isPartial, sourceLocation: sourceLocation)
    #expect(try one.knowledge.vector == other.knowledge.vector, sourceLocation: sourceLocation)
  }
}
