import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncReplication
import OfficeSyncStorage
import OfficeSyncSyncLink
import OfficeSyncTestSupport
import Testing

/// Links that break, servers that stop, users who press Ctrl-C.
@Suite(.timeLimit(.minutes(10))) struct CutTests {
  let office: Site
  let device: Site

  init() throws {
    (office, device) = try Organisation().officeAndDevice()
  }

  /// A link that lasts a random number of bytes at a time: the pull gets there, and fetches next to nothing twice.
  @Test(arguments: [1, 2, 3] as [UInt64])
  func aPullGoesOnWhereItWasCut(seed: UInt64) async throws {
    try office.fill(1_500, prefix: "p")
    var random = SplitMix64(seed: seed)
    try await office.serving { running in
      try await CuttingProxy.before(port: running.port) { proxy in
        var received: UInt64 = 0
        var attempts: UInt64 = 0
        while true {
          attempts += 1
          proxy.cut(after: attempts < 60 ? Int.random(in: 1..<300_000, using: &random) : nil)
          let report = try await device.sync(.pull, port: proxy.port)
          received += report.outcome?.received ?? 0
          guard let failure = report.failure else { break }
          #expect(failure.isBroken, "\(failure)")
        }
        // The last record of what was stored may come again: others might share its place in the order.
        #expect((1_500...1_500 + attempts).contains(received), "seed \(seed)")
        #expect(attempts > 3)
      }
      #expect(try await device.sync(port: running.port).outcome?.inSync == true)
    }
  }

  @Test(arguments: [4, 5] as [UInt64])
  func aPushGoesOnWhereItWasCut(seed: UInt64) async throws {
    try device.fill(1_500, prefix: "p")
    var random = SplitMix64(seed: seed)
    try await office.serving { running in
      try await CuttingProxy.before(port: running.port) { proxy in
        var attempts = 0
        while true {
          attempts += 1
          proxy.cut(after: attempts < 60 ? Int.random(in: 1..<300_000, using: &random) : nil)
          let report = try await device.sync(.push, port: proxy.port)
          guard let failure = report.failure else { break }
          #expect(failure.isBroken, "\(failure)")
          #expect(try device.snapshot().confirmed.isEmpty)
        }
        #expect(attempts > 3)
      }
      #expect(try device.snapshot().confirmed[device.replica.id] == 1_500)
      let received = try office.store.peers().count
      #expect(received == 1)
      #expect(try await device.sync(port: running.port).outcome?.inSync == true)
    }
  }

  @Test func aServerThatStopsSaysSo() async throws {
    try office.fill(20_000, prefix: "p")
    let log = LogLines()
    let first = try await office.serving(log: log, { $0.graceTime = .zero }) { running in
      async let pulling = device.sync(.pull, port: running.port)
      // Under way, and far from done.
      while try device.snapshot().recordCount == 0 { await Task.yield() }
      await running.listener.stop()
      return try await pulling
    }
    let error = try #require(first.sessionError)
    #expect(error.code == .shuttingDown)
    #expect(error.side == .peer)
    #expect((1..<20_000).contains(first.outcome?.received ?? 0))
    #expect(first.outcome?.isFinished == false)
    #expect(log.all(with: "session broken off").count == 1)

    try await office.serving { running in
      let rest = try await device.sync(.pull, port: running.port)
      #expect(rest.failure == nil)
      #expect(rest.outcome?.resumed == true)
      #expect(rest.outcome?.inSync == true)
    }
  }

  @Test func aServerThatStopsLetsSessionsFinish() async throws {
    try office.fill(3_000, prefix: "p")
    let report = try await office.serving({ $0.graceTime = .seconds(60) }) { running in
      async let pulling = device.sync(.pull, port: running.port)
      while try device.snapshot().recordCount == 0 { await Task.yield() }
      await running.listener.stop()
      return try await pulling
    }
    #expect(report.failure == nil)
    #expect(report.outcome?.isFinished == true)
    #expect(report.outcome?.inSync == true)
  }

  /// The reason of a failure arrives although the client was sending as fast as it could: a socket that is closed with
  /// unread bytes would be reset.
  @Test func theReasonReachesAClientThatIsSending() async throws {
    try device.fill(20_000, prefix: "p")
    let report = try await office.serving({ $0.graceTime = .zero }) { running in
      async let pushing = device.sync(.push, port: running.port)
      while try office.snapshot().recordCount == 0 { await Task.yield() }
      await running.listener.stop()
      return try await pushing
    }
    let error = try #require(report.sessionError)
    #expect(error.code == .shuttingDown)
  }

  @Test func aClientThatIsToldToStopSaysSo() async throws {
    try office.fill(20_000, prefix: "p")
    let log = LogLines()
    try await office.serving(log: log) { running in
      let pulling = Task { try await device.sync(.pull, port: running.port) }
      while try device.snapshot().recordCount == 0 { await Task.yield() }
      pulling.cancel()
      let report = try await pulling.value
      guard case .stopped = report.failure?.kind else {
        Issue.record("\(String(describing: report.failure))")
        return
      }
      let line = await log.line(with: "session broken off")
      #expect(line.contains("shutting down"))
      #expect(try await device.sync(.pull, port: running.port).outcome?.resumed == true)
    }
  }
}

extension LinkError {
  /// Whether this is what a broken link looks like.
  fileprivate var isBroken: Bool {
    switch kind {
    case .broken, .unreachable: true
    case .security, .session, .storage, .enrolment, .stopped: false
    }
  }
}
