import Logging
import NIOCore
import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncReplication
import OfficeSyncStorage
import Synchronization
import Testing

@testable import OfficeSyncSyncLink

/// How much a listener takes, and what it logs of the rest.
@Suite(.timeLimit(.minutes(10))) struct LimitTests {
  let office: Site
  let device: Site

  init() throws {
    (office, device) = try Organisation().officeAndDevice()
    try office.put("a", ["title": "Gare"])
  }

  // MARK: At the door

  @Test func whoHasWaitedLongestMakesRoom() {
    var line = WaitingLine()
    var capacity = SyncListener.Capacity()
    (capacity.handshakesMax, capacity.handshakesPerAddressMax) = (4, 2)
    func come(_ number: Int, _ address: String) -> Int? {
      let late = line.makeRoom(for: address, capacity)
      line.add(number, from: address)
      return late
    }
    #expect([come(1, "a"), come(2, "b"), come(3, "b")] == [nil, nil, nil])
    // Of an address that has its share it is one of its own.
    #expect(come(4, "b") == 2)
    #expect(come(5, "c") == nil)
    #expect(come(6, "d") == 1)
    line.remove(3)
    line.remove(3)
    #expect(come(7, "e") == nil)
    #expect(come(8, "b") == 4)
  }

  @Test(arguments: [
    ("192.0.2.7", "192.0.2.7"), ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
    ("2001:db8:1:2::9", "2001:db8:1:2::/64"), ("::ffff:192.0.2.7", "::ffff:192.0.2.7"),
  ])
  func connectionsAreCountedByNetwork(_ address: String, _ counted: String) throws {
    #expect(try SocketAddress(ipAddress: address, port: 1).counted == counted)
  }

  @Test func aCrowdThatSaysNothingKeepsNobodyOut() async throws {
    let log = LogLines()
    try await office.serving(log: log, { $0.capacity.handshakesPerAddressMax = 3 }) { running in
      try await withThrowingDiscardingTaskGroup { group in
        for _ in 0..<12 {
          group.addTask { try await sendPlain([], toPort: running.port) }
        }
        _ = await log.line(with: "no room for so many")
        let report = try await device.sync(port: running.port)
        #expect(report.failure == nil)
        await running.listener.stop()
      }
    }
    #expect(log.all(with: "no room for so many").count >= 9)
  }

  // MARK: Inside

  private func expectBusy(_ peer: RawPeer) async throws {
    guard case .fail(let fail)? = try await peer.receive(1).first else {
      Issue.record("no reason was given")
      return
    }
    #expect(fail.code == .busy)
  }

  @Test func anIdentityHasItsShareOfSessions() async throws {
    let log = LogLines()
    let other = try Site("field/karim", in: office.organisation)
    try office.grant("field/karim", .projects, .write)
    try await office.serving(log: log, { $0.capacity.connectionsPerIdentityMax = 1 }) { running in
      try await RawPeer.connected(device, port: running.port) { first in
        try await first.send(device.hello)
        _ = try await first.receive(1)
        try await RawPeer.connected(device, port: running.port) { try await expectBusy($0) }
        #expect(try await other.sync(port: running.port).failure == nil)
        // The first is none the worse for it.
        try await first.send(device.open(.projects, on: 1))
        #expect(try await first.receive(1).count == 1)
      }
      let line = await log.line(with: "too many of this identity")
      #expect(line.contains("identity=field/amina"))
      while try await device.sync(port: running.port).failure != nil { await Task.yield() }
    }
  }

  @Test func aDeviceShowsSoManyNewReplicasADay() async throws {
    try await office.serving(replicasPerDay: 2) { running in
      func greet() async throws -> Message? {
        let stranger = try Site("field/amina", in: office.organisation)
        return try await RawPeer.connected(stranger, port: running.port) { peer in
          try await peer.send(stranger.hello)
          return try await peer.receive(1).first
        }
      }
      for _ in 0..<2 {
        guard case .welcome = try await greet() else { throw NeverListened() }
      }
      guard case .fail(let fail) = try await greet() else { throw NeverListened() }
      #expect(fail.code == .busy)
      #expect(try office.store.peers().count == 2)
    }
  }

  @Test func aDeviceBringsSoMuchADay() async throws {
    try device.fill(5, prefix: "p")
    try await office.serving({ $0.deviceBytesPerDay = 100 }) { running in
      // What comes last may be more than is left.
      #expect(try await device.sync(port: running.port).failure == nil)
      try device.put("q", ["title": "More"])
      let report = try await device.sync(port: running.port)
      #expect(report.sessionError?.code == .busy)
      #expect(report.sessionError?.side == .peer)
      #expect(try await device.sync(.pull, port: running.port).failure == nil)
    }
    #expect(try office.snapshot().recordCount == 6)
  }

  @Test func aSessionBringsSoMuch() async throws {
    try await office.serving({ $0.sessionBytesMax = 5_000 }) { running in
      try await RawPeer.connected(device, port: running.port) { peer in
        try await peer.send(device.hello)
        _ = try await peer.receive(1)
        for _ in 0..<6 {
          try await peer.send(Frame(type: 0x80, body: [UInt8](repeating: 0, count: 995)).encoded)
        }
        try await expectBusy(peer)
      }
    }
  }

  @Test func framesThatSayNothingComeToAnEnd() async throws {
    try await office.serving { running in
      try await RawPeer.connected(device, port: running.port) { peer in
        try await peer.send(device.hello)
        _ = try await peer.receive(1)
        let frames = [Frame(type: 0xFF, body: []).encoded, Message.alive.frame.encoded].joined()
        for _ in 0..<100 { try await peer.send(Array(repeatElement(frames, count: 100).joined())) }
        guard case .fail(let fail)? = try await peer.receive(1).first else {
          Issue.record("no reason was given")
          return
        }
        #expect(fail.code == .protocolViolation)
      }
    }
  }

  @Test func chatterMayLastAsLongAsItIsSlow() {
    let start = ContinuousClock.now
    var chatter = Chatter(began: start)
    chatter.frames = Chatter.framesMax + 10
    #expect(chatter.isTooMuch(at: start))
    #expect(!chatter.isTooMuch(at: start + .seconds(10)))
  }

  // MARK: By the day

  @Test func aDayGivesBackWhatADayHolds() throws {
    let allowance = DeviceAllowance(perDay: 24)
    let (amina, karim) = (try Identity("field/amina"), try Identity("field/karim"))
    let rabat = try Identity("office/rabat")
    let hour: UInt64 = 3_600_000
    func take(_ amount: Int, _ identity: Identity, _ hours: UInt64) -> Bool {
      allowance.take(amount, of: identity, atMilliseconds: hours * hour)
    }
    #expect(take(20, amina, 100) && take(14, amina, 100))
    #expect(!take(1, amina, 100) && !take(1, amina, 110) && take(1, amina, 111))
    #expect(!take(1, amina, 111))
    // It is never more than a day's.
    #expect(take(24, amina, 1_000) && !take(1, amina, 1_000))
    // A clock that is set back gives nothing.
    #expect(!take(1, amina, 10) && !take(1, amina, 10))
    #expect(take(1, karim, 100))
    #expect((0..<100).allSatisfy { _ in take(1_000, rabat, 100) })
  }

  // MARK: The log

  @Test func anotherMeasureLeavesWhatWasTaken() throws {
    let allowance = DeviceAllowance(perDay: 4)
    let amina = try Identity("field/amina")
    func takes(_ amount: Int, at milliseconds: UInt64 = 0) -> Bool {
      allowance.take(amount, of: amina, atMilliseconds: milliseconds)
    }
    #expect(takes(3))
    allowance.change(perDay: 3)
    #expect(!takes(1))
    allowance.change(perDay: 5)
    #expect(takes(2) && !takes(1))
    // A day gives back what it holds now.
    #expect(takes(5, at: 86_400_000) && !takes(1, at: 86_400_000))
  }

  @Test func aFewLinesAMinuteAreEnough() {
    let log = LogLines()
    let time = Mutex(ContinuousClock.now)
    let refusals = RefusalLog(log.logger) { time.withLock { $0 } }
    func note(_ subject: String, _ count: Int) {
      for _ in 0..<count { refusals.log(.notice, "refused", on: subject, metadata: [:]) }
    }
    note("192.0.2.7", 100)
    #expect(log.all.count == RefusalLog.linesMax)
    for number in 0..<2_000 { note("10.0.0.\(number)", 2) }
    let written = log.all.count
    // One on each, one on the others, and the rest of them.
    #expect(written == RefusalLog.subjectsMax + 1 + RefusalLog.totalMax)
    time.withLock { $0 += .seconds(61) }
    note("192.0.2.7", 1)
    #expect(log.all(with: "was not logged").contains { $0.hasSuffix("lines=80 of=192.0.2.7") })
    #expect(log.all(with: "was not logged").count <= RefusalLog.subjectsMax + 1)
    let left = log.all(with: "was not logged").compactMap { line in
      line.split(separator: "lines=").last.flatMap { Int($0.prefix { $0.isNumber }) }
    }
    #expect(left.reduce(0, +) + written == 4_100)
    #expect(log.all.last == "notice refused ")
  }
}
